"""Ways in: invitations, tokens, and the names by which other systems know people."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.core.models.row_changes import watched


class Invitation(models.Model):
    """A link that makes an account once; only its hash is kept. `kind` setup makes the first admin."""

    kind = models.CharField(max_length=10, default="invite")
    email = models.EmailField(max_length=254, blank=True)
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="invitations")
    discipline = models.CharField(max_length=2, blank=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["invite", "setup"]), name="accounts_invitation_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ApiToken(models.Model):
    """A program's key: scoped, expiring, shown once; the row stays for the audit (spec security 4)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=128)
    scopes = ArrayField(models.CharField(max_length=60))
    networks = ArrayField(models.CharField(max_length=50), default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.GenericIPAddressField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaces")
    made_by = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, related_name="made")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="accounts_apitoken_expires"
            )
        ]
        triggers = watched()

    def __str__(self) -> str:
        return self.name


class IdentityAlias(models.Model):
    """A name in another system: a person, a team, or nobody; people decide."""

    system = models.CharField(max_length=20)
    key = models.CharField(max_length=300)
    shown = models.CharField(max_length=300)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="aliases")
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="aliases")
    is_nobody = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="suggested")
    confidence = models.DecimalField(max_digits=3, decimal_places=2, default=1)
    source = models.CharField(max_length=20, default="hand")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "identity aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["system", "key"], condition=models.Q(state="confirmed"), name="accounts_identityalias_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["suggested", "confirmed", "rejected"]),
                name="accounts_identityalias_state",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed")
                | models.Q(person__isnull=False, team__isnull=True, is_nobody=False)
                | models.Q(person__isnull=True, team__isnull=False, is_nobody=False)
                | models.Q(person__isnull=True, team__isnull=True, is_nobody=True),
                name="accounts_identityalias_one_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system}:{self.shown}"
