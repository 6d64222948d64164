"""A request, what is said about it and who may see it (spec requests 12)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from portal.core.models.append_only import append_only
from portal.core.models.row_changes import watched
from requests_queue.domain.budget import CAP_BP, FLOOR_BP, MEDIUM_MAX, MOST_CAP_BP, SMALL_MAX, Size
from requests_queue.domain.kinds import KINDS, LANES
from requests_queue.domain.states import OPEN, State

PERSON = settings.AUTH_USER_MODEL
TEAM = "accounts.Team"
STATES = [(state.value, state.value) for state in State]
LIVE = Q(state__in=sorted(OPEN))
# Urgency exists only with a token that was spent on it; judged when the transaction ends.
URGENT_HAS_TOKEN = pgtrigger.Trigger(
    name="urgent_has_token",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("urgency"),
    timing=pgtrigger.Deferred,
    condition=pgtrigger.Q(new__urgency="urgent"),
    func="""
        IF NOT EXISTS (SELECT FROM requests_queue_urgencytoken WHERE request_id = NEW.id) THEN
            RAISE EXCEPTION 'request % is urgent without a token', NEW.id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
)


class DataRequest(models.Model):
    """What somebody wants from a data team. The table and its addresses are called `request`."""

    series = models.CharField(max_length=3, default="REQ")
    number = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=20, choices=[(code, kind.label) for code, kind in KINDS.items()])
    team = models.ForeignKey(TEAM, models.PROTECT, related_name="requests")
    requester = models.ForeignKey(PERSON, models.PROTECT, related_name="requests")
    requester_team = models.ForeignKey(TEAM, models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    decision_served = models.TextField(blank=True)
    wanted_by = models.DateField(null=True)
    urgency = models.CharField(max_length=8, default="normal")
    is_private = models.BooleanField(default=False)
    state = models.CharField(max_length=24, choices=STATES, default=State.NEW.value)
    lane = models.CharField(max_length=12, blank=True)
    size = models.CharField(max_length=8, blank=True)
    is_structural = models.BooleanField(default=False)
    estimate_minutes = models.PositiveIntegerField(null=True)
    assignee = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="assigned_requests")
    backup = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=8, default="portal")
    filed_at = models.DateTimeField()
    # The earliest due instant of its running clocks, for the order of lists; it stays while none runs.
    due_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    first_opened_at = models.DateTimeField(null=True)
    exemption = models.ForeignKey("requests_queue.ExemptKind", models.PROTECT, null=True, related_name="requests")
    exemption_confirmed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    exemption_confirmed_at = models.DateTimeField(null=True)
    exemption_lapses_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    split_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="split_into")
    reopened_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "requests_queue_request"
        constraints = [
            models.CheckConstraint(
                condition=Q(series="PRV", is_private=True) | Q(series="REQ", is_private=False),
                name="requests_request_series",
            ),
            models.CheckConstraint(condition=Q(number__regex=r"^(REQ-[1-9][0-9]*|PRV-[0-9A-Z]{6})$"),
                                   name="requests_request_number"),
            models.CheckConstraint(condition=Q(state__in=[state.value for state in State]),
                                   name="requests_request_state"),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="requests_request_kind"),
            models.CheckConstraint(condition=Q(lane__in=["", *LANES]), name="requests_request_lane"),
            models.CheckConstraint(condition=Q(urgency__in=["normal", "urgent"]), name="requests_request_urgency"),
            models.CheckConstraint(condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                                   name="requests_request_not_itself"),
            models.CheckConstraint(condition=Q(merged_into=None) | Q(state=State.DUPLICATE.value),
                                   name="requests_request_merged"),
            models.CheckConstraint(condition=~Q(title=""), name="requests_request_title"),
            models.CheckConstraint(condition=Q(size__in=["", *[size.value for size in Size]]),
                                   name="requests_request_size"),
            models.CheckConstraint(condition=Q(split_from=None) | ~Q(split_from=F("id")),
                                   name="requests_request_not_split_of_itself"),
            models.CheckConstraint(
                condition=Q(exemption=None) | Q(exemption_lapses_at__isnull=False)
                | Q(exemption_confirmed_at__isnull=False), name="requests_request_exemption"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["team", "state", "filed_at"], condition=LIVE, name="requests_request_team"),
            models.Index(fields=["assignee"], condition=LIVE, name="requests_request_assignee"),
            models.Index(fields=["due_at", "id"], condition=LIVE, name="requests_request_due"),
            models.Index(fields=["due_at", "id"], name="requests_request_all_due"),
            models.Index(fields=["requester", "filed_at"], name="requests_request_asker"),
            models.Index(fields=["requester_team", "filed_at"], name="requests_request_asking"),
            models.Index(fields=["filed_at", "id"], name="requests_request_filed"),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="requests_request_title_words"),
            # As `icontains` asks: UPPER(title) LIKE UPPER(word).
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="requests_request_title_part"),
        ]
        triggers = [URGENT_HAS_TOKEN]

    def __str__(self) -> str:
        return self.number if self.is_private else f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/requests/{self.number}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def promised_as(self) -> str:
        """Which column of a policy counts: exempt work has the targets of urgent work."""
        return "urgent" if self.urgency == "urgent" or self.exemption_id is not None else "normal"


class RequestAsset(models.Model):
    """An asset the request is about."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="assets")
    asset = models.ForeignKey("ownership.Asset", models.PROTECT, related_name="request_links")
    role = models.CharField(max_length=8, default="about")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "asset", "role"], name="requests_asset_once"),
            models.CheckConstraint(condition=Q(role__in=["about", "source", "wanted"]), name="requests_asset_role"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.role} {self.asset_id}"


class RequestMessage(models.Model):
    """A public message or an internal note, as Markdown; what it said before an edit is kept as revisions."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="messages")
    author = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    is_public = models.BooleanField(default=True)
    is_automatic = models.BooleanField(default=False)
    is_question = models.BooleanField(default=False)
    body = models.TextField()
    asked_of = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=8, default="portal")
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    # A stone: the row and its place stay, the text is gone from every page.
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["request", "id"], name="requests_message_thread")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_question=False) | Q(is_public=True), name="requests_message_question_is_public"
            )
        ]

    def __str__(self) -> str:
        return f"message {self.pk} on {self.request_id}"


class Watcher(models.Model):
    """Somebody who is told what happens; `is_muted` keeps the row and stops the telling."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="watchers")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    is_muted = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "person"], name="requests_watcher_once")]

    def __str__(self) -> str:
        return f"{self.person_id} watches {self.request_id}"


class Supporter(models.Model):
    """Somebody who joined instead of asking again, with their own wording."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="supporters")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")
    team = models.ForeignKey(TEAM, models.PROTECT, null=True, related_name="+")
    wording = models.CharField(max_length=2000, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "person"], name="requests_supporter_once")]

    def __str__(self) -> str:
        return f"{self.person_id} supports {self.request_id}"


class RequestEvent(models.Model):
    """One row a change of state, and for what else the timeline shows. Append-only."""

    request = models.ForeignKey(DataRequest, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24, blank=True)
    actor = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "seq"], name="requests_event_seq")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.request_id}.{self.seq} {self.kind}"


class CompartmentMember(models.Model):
    """Who may see a private request; removed rows stay as history."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="members")
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="compartments")
    added_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "person"], condition=Q(removed_at=None), name="requests_compartment_once"
            )
        ]
        triggers = watched()

    def __str__(self) -> str:
        return f"{self.person_id} in {self.request_id}"


class TeamDesk(models.Model):
    """How one team answers: a row exists only where it differs from the defaults."""

    team = models.OneToOneField(TEAM, models.CASCADE, related_name="request_desk", primary_key=True)
    takes_requests = models.BooleanField(default=True)
    triage_by_grant = models.BooleanField(default=False)
    # An analyst of another team who watches every question, may answer it, and hears of its themes weekly.
    partner = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="partner_of_desks")
    question_minutes = models.PositiveIntegerField(default=30)
    quick_win_minutes = models.PositiveIntegerField(default=60)
    floor_bp = models.PositiveIntegerField(default=FLOOR_BP)
    cap_bp = models.PositiveIntegerField(default=CAP_BP)
    small_max = models.PositiveIntegerField(default=SMALL_MAX)
    medium_max = models.PositiveIntegerField(default=MEDIUM_MAX)
    no_reply_days = models.PositiveSmallIntegerField(default=10)
    close_days = models.PositiveSmallIntegerField(default=7)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(floor_bp__gt=0) & Q(cap_bp__gte=F("floor_bp")) & Q(cap_bp__lte=MOST_CAP_BP),
                name="requests_desk_band",
            ),
            models.CheckConstraint(
                condition=Q(small_max__gt=0) & Q(small_max__lt=F("medium_max")), name="requests_desk_sizes"
            ),
        ]

    def __str__(self) -> str:
        return f"desk of {self.team_id}"
