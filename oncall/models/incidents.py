"""Signals, what they make together, and who is told (spec oncall 6)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from oncall.domain.failure_kinds import FailureKind
from oncall.domain.incident_states import OPEN, Cause, State
from portal.core.models.append_only import append_only

PERSON = settings.AUTH_USER_MODEL
TEAM = "accounts.Team"
ASSET = "ownership.Asset"
IS_OPEN = Q(state__in=sorted(OPEN))


class Incident(models.Model):
    """One thing to answer; its number is its key. What the agreements said stands in `decision`."""

    title = models.CharField(max_length=300)
    summary = models.CharField(max_length=1000, blank=True)
    root_asset = models.ForeignKey(ASSET, models.PROTECT, null=True, related_name="incidents")
    team = models.ForeignKey(TEAM, models.PROTECT, related_name="incidents")
    rota = models.ForeignKey("oncall.Rota", models.PROTECT, null=True, related_name="incidents")
    state = models.CharField(max_length=16)
    failure_kind = models.CharField(max_length=16, default=FailureKind.UNKNOWN)
    decision = models.JSONField(default=dict)
    act_at = models.DateTimeField()
    page_at = models.DateTimeField(null=True)
    fix_by = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    triggered_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="acknowledged_incidents")
    acknowledged_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=20, blank=True)
    close_reason = models.CharField(max_length=1000, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    is_private = models.BooleanField(default=False)
    # Whether somebody acknowledged it in their own night: then it needs a cause that ends it.
    has_woken = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(State)), name="oncall_incident_state"),
            models.CheckConstraint(condition=Q(failure_kind__in=list(FailureKind)), name="oncall_incident_kind"),
            models.CheckConstraint(condition=Q(cause__in=["", *Cause]), name="oncall_incident_cause"),
            models.CheckConstraint(
                condition=~Q(state=State.RESOLVED) & Q(resolved_at=None)
                | Q(state=State.RESOLVED, resolved_at__isnull=False) & ~Q(cause=""),
                name="oncall_incident_resolved",
            ),
            models.CheckConstraint(
                condition=Q(state=State.MERGED, merged_into__isnull=False)
                | ~Q(state=State.MERGED) & Q(merged_into=None),
                name="oncall_incident_merged",
            ),
            models.CheckConstraint(
                condition=Q(state=State.ASLEEP, wake_at__isnull=False) | ~Q(state=State.ASLEEP),
                name="oncall_incident_asleep",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ACKNOWLEDGED) | Q(acknowledged_at__isnull=False),
                name="oncall_incident_acknowledged",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "opened_at"], condition=IS_OPEN, name="oncall_incident_open"),
            models.Index(fields=["opened_at", "id"], name="oncall_incident_opened"),
            models.Index(fields=["root_asset", "opened_at"], name="oncall_incident_asset"),
            models.Index(fields=["rota", "opened_at"], name="oncall_incident_rota"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}" if not self.is_private else self.number

    def get_absolute_url(self) -> str:
        return f"/incidents/{self.number}"

    @property
    def number(self) -> str:
        return f"INC-{self.pk}"

    @property
    def compartment(self) -> str:
        """Whose alone the audit of it is; empty for what everybody may read."""
        return self.number if self.is_private else ""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class Alert(models.Model):
    """One signal of one source; while it fires the same key is the same row."""

    integration = models.ForeignKey("oncall.Integration", models.PROTECT, null=True, related_name="alerts")
    # The integration's slug, or what inside the house raised it: expectation, pre_check, run_state, person.
    source = models.CharField(max_length=80)
    dedup_key = models.CharField(max_length=255)
    # Who answers where the asset is not known or nobody owns it.
    team = models.ForeignKey(TEAM, models.PROTECT, related_name="alerts")
    asset = models.ForeignKey(ASSET, models.PROTECT, null=True, related_name="alerts")
    upstream_asset = models.ForeignKey(ASSET, models.PROTECT, null=True, related_name="+")
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="alerts")
    failure_kind = models.CharField(max_length=16, default=FailureKind.UNKNOWN)
    status = models.CharField(max_length=8, default="firing")
    title = models.CharField(max_length=300)
    detail = models.CharField(max_length=2000, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    run = models.CharField(max_length=200, blank=True)
    payload = models.JSONField(default=dict)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    # When the source says it happened; a later word wins whatever the order of arrival.
    source_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    count = models.PositiveIntegerField(default=1)
    suppressed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "dedup_key"], condition=Q(status="firing"), name="oncall_alert_firing_once"
            ),
            models.CheckConstraint(
                condition=Q(status="firing", resolved_at=None) | Q(status="resolved", resolved_at__isnull=False),
                name="oncall_alert_status",
            ),
            models.CheckConstraint(condition=Q(failure_kind__in=list(FailureKind)), name="oncall_alert_kind"),
        ]
        indexes = [
            models.Index(fields=["source", "dedup_key", "-last_at"], name="oncall_alert_newest"),
            models.Index(fields=["suppressed_by"], condition=Q(status="firing") & ~Q(suppressed_by=""),
                         name="oncall_alert_hidden"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.source} {self.title}"


class IncidentEvent(models.Model):
    """One line of the timeline. Append-only."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16, blank=True)
    actor = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "seq"], name="oncall_incidentevent_seq")]
        indexes = [models.Index(fields=["kind", "at"], name="oncall_incidentevent_kind")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.incident_id}.{self.seq} {self.kind}"


class IncidentUpdate(models.Model):
    """What downstream teams are told, and when it is due; a draft is sent by itself when nobody is awake."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="updates")
    text = models.TextField(max_length=5000)
    teams = models.JSONField(default=list)
    state = models.CharField(max_length=6, default="draft")
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    next_update_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | Q(state__in=["draft", "moot"], sent_at=None),
                name="oncall_incidentupdate_state",
            )
        ]

    def __str__(self) -> str:
        return f"update of {self.incident_id}"


class IncidentImpact(models.Model):
    """Did it matter: one word of one team that reads the asset, never compared by person."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="impacts")
    team = models.ForeignKey(TEAM, models.PROTECT, related_name="+")
    answer = models.CharField(max_length=13)
    sentence = models.CharField(max_length=500, blank=True)
    said_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "team"], name="oncall_incidentimpact_once"),
            models.CheckConstraint(
                condition=Q(answer__in=["nothing", "inconvenient", "harm"]), name="oncall_incidentimpact_answer"
            ),
            models.CheckConstraint(
                condition=~Q(answer="harm") | ~Q(sentence=""), name="oncall_incidentimpact_harm_says_what"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} on {self.incident_id}: {self.answer}"


class Contribution(models.Model):
    """Help that was asked of a colleague, and given: the byline "done by X for Y"."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="contributions")
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="contributions")
    asked_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    text = models.CharField(max_length=500)
    state = models.CharField(max_length=8, default="asked")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "person"], name="oncall_contribution_once"),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at=None)
                | Q(state__in=["accepted", "declined"], answered_at__isnull=False),
                name="oncall_contribution_state",
            ),
            models.CheckConstraint(condition=~Q(person=models.F("asked_by")), name="oncall_contribution_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.person} helps with {self.incident_id}"
