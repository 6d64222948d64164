"""What is checked before a run, and what is asked of the owner upstream with two clocks (spec oncall 9)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.core.models.append_only import append_only

PERSON = settings.AUTH_USER_MODEL
ASSET = "ownership.Asset"
CHECKS = ("freshness", "row_count", "partition_exists", "schema_hash", "webhook")
PROBLEMS = ("missing_data", "schema_change", "quality", "late", "ownership", "request")
TICKET_STATES = ("open", "unblocked", "fixed", "declined")
LIVE = Q(state__in=["open", "unblocked"])


class PreCheck(models.Model):
    """One fact of an upstream asset that its consumer needs before it may run."""

    upstream_asset = models.ForeignKey(ASSET, models.PROTECT, related_name="checked_by")
    consumer_asset = models.ForeignKey(ASSET, models.PROTECT, related_name="pre_checks")
    kind = models.CharField(max_length=16)
    params = models.JSONField(default=dict)
    on_unreachable = models.CharField(max_length=6, default="open")
    opens_ticket = models.BooleanField(default=True)
    is_paused = models.BooleanField(default=False)
    last_at = models.DateTimeField(null=True)
    last_ok = models.BooleanField(null=True)
    last_detail = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upstream_asset", "consumer_asset", "kind"],
                condition=Q(is_paused=False),
                name="oncall_precheck_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=CHECKS), name="oncall_precheck_kind"),
            models.CheckConstraint(
                condition=Q(on_unreachable__in=["open", "closed"]), name="oncall_precheck_unreachable"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.upstream_asset}"


class PreCheckResult(models.Model):
    """What a check said once. Append-only."""

    pre_check = models.ForeignKey(PreCheck, models.PROTECT, related_name="results")
    at = models.DateTimeField()
    ok = models.BooleanField()
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["pre_check", "-at"], name="oncall_precheckresult_newest")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.pre_check_id} {'ok' if self.ok else 'failed'}"


class UpstreamTicket(models.Model):
    """What an upstream team is asked for: unblock us now, fix it for good. Its number is its key."""

    title = models.CharField(max_length=300)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="upstream_tickets")
    upstream_asset = models.ForeignKey(ASSET, models.PROTECT, null=True, related_name="upstream_tickets")
    incident = models.ForeignKey("oncall.Incident", models.PROTECT, null=True, related_name="tickets")
    pre_check = models.ForeignKey(PreCheck, models.PROTECT, null=True, related_name="tickets")
    asking_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, related_name="+")
    problem = models.CharField(max_length=16)
    state = models.CharField(max_length=9, default="open")
    evidence = models.JSONField(default=dict)
    contact = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="upstream_tickets")
    opened_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    unblock_due = models.DateTimeField()
    fix_due = models.DateTimeField()
    unblocked_at = models.DateTimeField(null=True)
    fixed_at = models.DateTimeField(null=True)
    fix_planned_on = models.DateField(null=True)
    cause = models.CharField(max_length=1000, blank=True)
    external_url = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(problem__in=PROBLEMS), name="oncall_ticket_problem"),
            models.CheckConstraint(condition=Q(state__in=TICKET_STATES), name="oncall_ticket_state"),
            models.CheckConstraint(
                condition=~Q(state="fixed") | Q(fixed_at__isnull=False) & ~Q(cause=""), name="oncall_ticket_fixed"
            ),
            models.CheckConstraint(
                condition=~Q(state="unblocked") | Q(unblocked_at__isnull=False), name="oncall_ticket_unblocked"
            ),
            models.UniqueConstraint(fields=["pre_check"], condition=LIVE, name="oncall_ticket_one_a_check"),
        ]
        indexes = [models.Index(fields=["team", "state"], condition=LIVE, name="oncall_ticket_open")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/upstream/{self.number}"

    @property
    def number(self) -> str:
        return f"UP-{self.pk}"

    @property
    def is_live(self) -> bool:
        return self.state in ("open", "unblocked")


class TicketEvent(models.Model):
    """What happened to a ticket and who said so; an answer by link has a name and no account. Append-only."""

    ticket = models.ForeignKey(UpstreamTicket, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    actor = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    said_by = models.CharField(max_length=120, blank=True)
    text = models.CharField(max_length=2000, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "seq"], name="oncall_ticketevent_seq")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.ticket_id}.{self.seq} {self.kind}"
