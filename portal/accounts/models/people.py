"""People and the organization they work in."""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from portal.accounts.domain.vocabulary import PersonKind, PersonState
from portal.core.models.row_changes import watched

HANDLE = re.compile(r"^[a-z0-9][a-z0-9._-]{1,39}\Z")


class PersonManager(BaseUserManager["Person"]):
    """People are found by handle; they are made by services alone."""


class Person(AbstractBaseUser):
    """An account: a human, or a program (kind `service`, which never has a session). Never deleted."""

    handle = models.CharField(max_length=40, unique=True, validators=[RegexValidator(HANDLE)])
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254, null=True)  # noqa: DJ001 (a program has none; null keeps it unique)
    kind = models.CharField(max_length=10, default=PersonKind.PERSON)
    state = models.CharField(max_length=10, default=PersonState.ACTIVE)
    is_admin = models.BooleanField(default=False)
    is_auditor = models.BooleanField(default=False)
    owner_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="service_persons")
    purpose = models.CharField(max_length=200, blank=True)
    zone = models.CharField(max_length=64, default="UTC")
    calendar = models.ForeignKey("core.BusinessCalendar", models.PROTECT, null=True, related_name="+")
    night_from = models.TimeField(default="22:00")
    night_to = models.TimeField(default="07:00")
    theme = models.CharField(max_length=5, blank=True)
    keys_enabled = models.BooleanField(default=True)
    hold_while_away = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    deactivated_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    objects = PersonManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="accounts_person_email"),
            models.CheckConstraint(condition=models.Q(kind__in=list(PersonKind)), name="accounts_person_kind"),
            models.CheckConstraint(condition=models.Q(state__in=list(PersonState)), name="accounts_person_state"),
            models.CheckConstraint(condition=models.Q(theme__in=["", "light", "dark"]), name="accounts_person_theme"),
            models.CheckConstraint(
                condition=models.Q(handle__regex=r"^[a-z0-9][a-z0-9._-]{1,39}$"), name="accounts_person_handle"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=PersonKind.SERVICE)
                | models.Q(
                    owner_team__isnull=False,
                    is_admin=False,
                    is_auditor=False,
                    email__isnull=True,
                    password__startswith="!",  # noqa: S106 (Django's mark of no password)
                ),
                name="accounts_person_service",
            ),
            models.CheckConstraint(
                condition=~models.Q(is_admin=True, is_auditor=True), name="accounts_person_one_flag"
            ),
            models.CheckConstraint(
                condition=models.Q(state=PersonState.INACTIVE, deactivated_at__isnull=False)
                | (~models.Q(state=PersonState.INACTIVE) & models.Q(deactivated_at__isnull=True)),
                name="accounts_person_deactivated",
            ),
        ]
        triggers = watched()

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django declares a plain attribute
        """Whether the person may act at all."""
        return self.state == PersonState.ACTIVE

    @property
    def is_service(self) -> bool:
        return self.kind == PersonKind.SERVICE

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ", 1)[0]


class Organization(models.Model):
    """The installation's one row: what no team decides."""

    name = models.CharField(max_length=120, default="Our organization")
    calendar = models.ForeignKey("core.BusinessCalendar", models.PROTECT, related_name="+")
    head_of_data = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    urgency_tokens = models.PositiveSmallIntegerField(default=3)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="accounts_organization_one")]

    def __str__(self) -> str:
        return self.name
