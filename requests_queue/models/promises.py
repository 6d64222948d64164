"""Policies, clocks and what happened to them (spec sla 7, less what decisions.md cut)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal.core.models.append_only import append_only
from requests_queue.domain.kinds import KINDS
from requests_queue.models.requests import DataRequest

PERSON = settings.AUTH_USER_MODEL
CLOCK_KINDS = ("first_response", "decision", "resolution", "next_update")
CLOCK_STATES = ("running", "paused", "met", "breached_closed", "cancelled")
EVENT_KINDS = ("start", "pause", "resume", "stop", "target_changed", "calendar_changed", "cancel", "excuse")
FIRE_STATES = ("sent", "skipped", "unrouted")
LIVE_CLOCK = Q(state__in=["running", "paused"])
BROKEN_CLOCK = Q(state__in=["running", "paused", "breached_closed"], breach_at__isnull=False)


class SlaPolicy(models.Model):
    """A named set of promises; what it promises stands in its versions."""

    name = models.CharField(max_length=120, unique=True)
    is_archived = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class SlaPolicyVersion(models.Model):
    """Targets in counted seconds, `{clock: {normal, urgent}}`, and the ladder `[{percent, audience}]`. Never edited.

    Without `calendar_version` the calendar of the owning team counts.
    """

    policy = models.ForeignKey(SlaPolicy, models.PROTECT, related_name="versions")
    n = models.PositiveIntegerField()
    calendar_version = models.ForeignKey("core.CalendarVersion", models.PROTECT, null=True, related_name="+")
    targets = models.JSONField()
    pause_states = models.JSONField(default=list)
    ladder = models.JSONField()
    grace_seconds = models.PositiveIntegerField(default=3600)
    reopen_factor = models.DecimalField(max_digits=3, decimal_places=2, default=0.5)
    created_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "n"], name="requests_policyversion_n")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.policy} v{self.n}"


class PolicyMatch(models.Model):
    """Which policy applies; tried by rank, the first that fits wins. The row with nothing set catches all."""

    rank = models.IntegerField()
    kind = models.CharField(max_length=20, null=True, choices=[(code, code) for code in KINDS])  # noqa: DJ001 (null = any)
    team = models.ForeignKey("accounts.Team", models.CASCADE, null=True, related_name="+")
    urgency = models.CharField(max_length=8, null=True)  # noqa: DJ001 (null = any)
    # Known after triage alone: a row with a size shortens a promise that was given at filing, it never lengthens one.
    size = models.CharField(max_length=8, null=True)  # noqa: DJ001 (null = any)
    policy = models.ForeignKey(SlaPolicy, models.PROTECT, related_name="matches")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rank"], name="requests_policymatch_rank", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(kind=None, team=None, urgency=None, size=None),
                name="requests_policymatch_one_catch_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank}: {self.kind or 'any'} -> {self.policy}"

    @property
    def kind_words(self) -> str:
        """The kind as people call it."""
        return KINDS[self.kind].label if self.kind else "any kind"


class SlaClock(models.Model):
    """One promise of one request; all but the first block is a cache of `domain.sla_clock.evaluate`."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in CLOCK_KINDS])
    cycle = models.PositiveIntegerField(default=1)
    policy_version = models.ForeignKey(SlaPolicyVersion, models.PROTECT, related_name="+")
    calendar_version = models.ForeignKey("core.CalendarVersion", models.PROTECT, related_name="+")
    start_at = models.DateTimeField()
    target_seconds = models.PositiveIntegerField()

    state = models.CharField(max_length=16, default="running")
    elapsed_seconds = models.PositiveIntegerField(default=0)
    allowance_seconds = models.PositiveIntegerField()
    due_at = models.DateTimeField(null=True)
    breach_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    next_step = models.PositiveSmallIntegerField(null=True)
    is_premature = models.BooleanField(default=False)
    is_excused = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "kind", "cycle"], name="requests_clock_cycle"),
            models.UniqueConstraint(fields=["request", "kind"], condition=LIVE_CLOCK, name="requests_clock_one_live"),
            models.CheckConstraint(condition=Q(target_seconds__gte=60), name="requests_clock_target"),
            models.CheckConstraint(condition=Q(state__in=CLOCK_STATES), name="requests_clock_state"),
            models.CheckConstraint(condition=Q(kind__in=CLOCK_KINDS), name="requests_clock_kind"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="running"), name="requests_clock_due"),
            models.Index(fields=["state", "stopped_at"], name="requests_clock_stopped"),
            models.Index(fields=["breach_at"], condition=BROKEN_CLOCK, name="requests_clock_broken"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.cycle} of {self.request_id}"

    @property
    def is_live(self) -> bool:
        return self.state in {"running", "paused"}


class ClockEvent(models.Model):
    """What happened to a clock, in the order (occurred_at, seq). Append-only."""

    clock = models.ForeignKey(SlaClock, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "seq"], name="requests_clockevent_seq"),
            models.CheckConstraint(condition=Q(kind__in=EVENT_KINDS), name="requests_clockevent_kind"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.clock_id}.{self.seq} {self.kind}"


class SlaStepFire(models.Model):
    """A step of the ladder that was told or passed over; once a clock and step, for ever."""

    clock = models.ForeignKey(SlaClock, models.PROTECT, related_name="fires")
    step = models.PositiveSmallIntegerField()
    percent = models.PositiveSmallIntegerField()
    planned_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    audience = models.JSONField(default=list)
    status = models.CharField(max_length=8)
    skip_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "step"], name="requests_stepfire_once"),
            models.CheckConstraint(condition=Q(status__in=FIRE_STATES), name="requests_stepfire_status"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.clock_id}"


class AttainmentDay(models.Model):
    """The cycles decided on a day (UTC), summed; worked out from the clocks each night and never their judge.

    `seconds` are the counted seconds of those that were stopped, so that percentiles of a period stay exact.
    """

    day = models.DateField()
    team = models.ForeignKey("accounts.Team", models.CASCADE, related_name="+")
    request_kind = models.CharField(max_length=20)
    urgency = models.CharField(max_length=8)
    clock = models.CharField(max_length=16)
    is_private = models.BooleanField()
    met = models.PositiveIntegerField(default=0)
    premature = models.PositiveIntegerField(default=0)
    breached = models.PositiveIntegerField(default=0)
    excused = models.PositiveIntegerField(default=0)
    seconds = ArrayField(models.IntegerField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "team", "request_kind", "urgency", "clock", "is_private"],
                name="requests_attainment_cell",
            ),
            models.CheckConstraint(
                condition=Q(premature__lte=models.F("met")) & Q(excused__lte=models.F("breached")),
                name="requests_attainment_parts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock} of {self.team_id} on {self.day}"
