"""The ad-hoc budget of a team and quarter, and the ledger whose sum it is (spec budget 3, 7)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.core.models.append_only import append_only
from requests_queue.domain.budget import CAP_BP, FLOOR_BP, MEDIUM_MAX, MOST_CAP_BP, SMALL_MAX, EntryKind
from requests_queue.models.requests import DataRequest

PERSON = settings.AUTH_USER_MODEL
TEAM = "accounts.Team"
ZERO = {"d_spent": 0, "d_reserved": 0, "d_exempt": 0, "d_capacity": 0}
# Which minutes each kind of entry may move, and in which direction.
SIGNS = (
    Q(kind="RESERVE", d_reserved__gt=0, d_spent=0, d_exempt=0, d_capacity=0)
    | Q(kind="ROLL_IN", d_reserved__gt=0, d_spent=0, d_exempt=0, d_capacity=0)
    | Q(kind__in=["RELEASE", "ROLL_OUT"], d_reserved__lt=0, d_spent=0, d_exempt=0, d_capacity=0)
    | Q(kind="SPEND", d_spent__gt=0, d_reserved__lte=0, d_reserved__gte=-F("d_spent"), d_exempt=0, d_capacity=0)
    | Q(kind="EXEMPT_SPEND", d_exempt__gt=0, d_spent=0, d_reserved=0, d_capacity=0)
    | (Q(kind="ADJUST_CAPACITY", d_spent=0, d_reserved=0, d_exempt=0) & ~Q(d_capacity=0))
    | Q(kind="OVERRIDE", **ZERO)
    | Q(kind="REVERSE", reverses__isnull=False)
)


class BudgetPeriod(models.Model):
    """One team in one quarter. The last block is a cache: the sum of its entries, kept under its own row lock.

    Without `locked_at` the opening capacity is what calendars and absences say now; a locked plan freezes it.
    """

    team = models.ForeignKey(TEAM, models.PROTECT, related_name="budget_periods")
    quarter_start = models.DateField()
    floor_bp = models.PositiveIntegerField(default=FLOOR_BP)
    cap_bp = models.PositiveIntegerField(default=CAP_BP)
    small_max = models.PositiveIntegerField(default=SMALL_MAX)
    medium_max = models.PositiveIntegerField(default=MEDIUM_MAX)
    opening_capacity_minutes = models.PositiveIntegerField(default=0)
    overdraft_minutes = models.PositiveIntegerField(default=0)
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    last_seq = models.PositiveIntegerField(default=0)
    spent = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    exempt = models.IntegerField(default=0)
    adjusted = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "quarter_start"], name="requests_period_once"),
            models.CheckConstraint(
                condition=Q(floor_bp__gt=0) & Q(cap_bp__gte=F("floor_bp")) & Q(cap_bp__lte=MOST_CAP_BP),
                name="requests_period_band",
            ),
            models.CheckConstraint(
                condition=Q(small_max__gt=0) & Q(small_max__lt=F("medium_max")), name="requests_period_sizes"
            ),
            models.CheckConstraint(
                condition=Q(spent__gte=0, reserved__gte=0, exempt__gte=0), name="requests_period_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"budget of {self.team_id} from {self.quarter_start}"


class CapacityLine(models.Model):
    """What one person gives in the quarter, as it was frozen when the plan was locked."""

    period = models.ForeignKey(BudgetPeriod, models.CASCADE, related_name="lines")
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    fte_percent = models.PositiveSmallIntegerField()
    working_days = models.PositiveSmallIntegerField()
    leave_days = models.PositiveSmallIntegerField()
    minutes = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["period", "person"], name="requests_capacityline_once")]

    def __str__(self) -> str:
        return f"{self.minutes} min of {self.person_id}"


class BudgetEntry(models.Model):
    """One immutable line of the ledger; a mistake is reversed by another line."""

    period = models.ForeignKey(BudgetPeriod, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    request = models.ForeignKey(DataRequest, models.PROTECT, null=True, related_name="entries")
    person = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    work_date = models.DateField(null=True)
    d_spent = models.IntegerField(default=0)
    d_reserved = models.IntegerField(default=0)
    d_exempt = models.IntegerField(default=0)
    d_capacity = models.IntegerField(default=0)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversal")
    approver = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    gives_way = models.ForeignKey("requests_queue.PlanItem", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    is_late = models.BooleanField(default=False)
    idem_key = models.UUIDField(unique=True)
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "budget entries"
        constraints = [
            models.UniqueConstraint(fields=["period", "seq"], name="requests_entry_seq"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in EntryKind]),
                                   name="requests_entry_kind"),
            models.CheckConstraint(condition=SIGNS, name="requests_entry_signs"),
            models.CheckConstraint(condition=Q(reverses=None) | Q(kind="REVERSE"), name="requests_entry_reverses"),
            models.CheckConstraint(
                condition=~Q(kind="OVERRIDE") | Q(approver__isnull=False, reason__regex=r".{20}"),
                name="requests_entry_override",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["request", "period"], name="requests_entry_request"),
            models.Index(fields=["person", "work_date"], name="requests_entry_day"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.kind} {self.period_id}.{self.seq}"


class OverrideProposal(models.Model):
    """Somebody asks to pull work in against the numbers; another person says yes or no, once."""

    request = models.ForeignKey(DataRequest, models.PROTECT, related_name="override_proposals")
    proposer = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    gives_way = models.ForeignKey("requests_queue.PlanItem", models.PROTECT, null=True, related_name="+")
    left_out = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_approved = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(decided_at=None), name="requests_override_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposer")), name="requests_override_two_people"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, is_approved=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, is_approved__isnull=False),
                name="requests_override_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"override of {self.request_id}"


class Shortcut(models.Model):
    """What was left out to be in time; the text becomes a candidate of the plan (spec additions, corners cut)."""

    request = models.ForeignKey(DataRequest, models.PROTECT, related_name="shortcuts")
    text = models.CharField(max_length=1000)
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    is_override = models.BooleanField(default=False)

    class Meta:
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"left out of {self.request_id}"
