"""What the API takes and shows."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from requests_queue.domain.intake import ASKS
from requests_queue.domain.kinds import KINDS, LANES
from requests_queue.models import DataRequest, RequestEvent, RequestMessage, SlaClock
from requests_queue.services.working import REOPEN_REASONS


class FilingFields(serializers.Serializer[Any]):
    """What a new request says; `team` may be left out when an asset says it."""

    kind = serializers.ChoiceField(choices=list(KINDS))
    title = serializers.CharField(max_length=None, trim_whitespace=False)
    body = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=False)
    decision_served = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=False)
    team = serializers.CharField(required=False, allow_blank=True, default="")
    assets = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)
    wanted_by = serializers.DateField(required=False, allow_null=True, default=None)
    use_token = serializers.BooleanField(required=False, default=False)
    exemption = serializers.CharField(required=False, allow_blank=True, default="")
    people = serializers.ListField(child=serializers.CharField(max_length=40), required=False, default=list)
    overruled_because = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    details = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), required=False, default=dict,
        help_text="; ".join(f"{kind}: {', '.join(ask.name for ask in asks)}" for kind, asks in ASKS.items() if asks),
    )  # fmt: skip


class FilingIn(FilingFields):
    """A new request; `dry_run` writes nothing."""

    dry_run = serializers.BooleanField(required=False, default=False)


class UpstreamFilingIn(FilingFields):
    """A filing for the desk of `upstream`, as the boundary check names it; `keeps` files it here as well."""

    upstream = serializers.SlugField(max_length=60)
    keeps = serializers.BooleanField(required=False, default=False)


class HandedOut(serializers.Serializer[Any]):
    """The ticket upstream, and our request that waits for it."""

    ticket = serializers.CharField()
    team = serializers.CharField()
    request = serializers.CharField(allow_null=True)


class WaitIn(serializers.Serializer[Any]):
    """`upstream` is the team at whose desk a ticket is opened; empty opens none."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False)
    upstream = serializers.SlugField(required=False, allow_blank=True, default="", max_length=60)


class DecideIn(serializers.Serializer[Any]):
    """An estimate; `is_structural` null keeps what the kind says, `letter` is the push-back letter as edited.

    `pull_in` says why it cannot wait: where the books put it off, an override is proposed in the same step.
    """

    lane = serializers.ChoiceField(choices=list(LANES))
    minutes = serializers.IntegerField(required=False, allow_null=True, default=None)
    assignee = serializers.CharField(required=False, allow_blank=True, default="")
    note = serializers.CharField(required=False, allow_blank=True, default="")
    is_structural = serializers.BooleanField(required=False, allow_null=True, default=None)
    letter = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=False)
    pull_in = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    gives_way = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class ProposeIn(serializers.Serializer[Any]):
    reason = serializers.CharField(allow_blank=True, max_length=500)
    gives_way = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    left_out = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)


class OverrideIn(serializers.Serializer[Any]):
    is_approved = serializers.BooleanField(required=False, default=True)


class DeclineIn(serializers.Serializer[Any]):
    reason = serializers.CharField(allow_blank=True)
    alternative = serializers.CharField(allow_blank=True)


class TextIn(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)


class OptionalTextIn(serializers.Serializer[Any]):
    text = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=False)


class JoinIn(OptionalTextIn):
    """`ask` is the mark of `/suggest/`, where this came of one."""

    ask = serializers.CharField(required=False, allow_blank=True, default="", max_length=20_000)


class ResolveIn(serializers.Serializer[Any]):
    """`left_out` says which corner was cut, if one was."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False)
    left_out = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)


class ReopenIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=list(REOPEN_REASONS))
    text = serializers.CharField(required=False, allow_blank=True, default="")


class AssignIn(serializers.Serializer[Any]):
    assignee = serializers.CharField()


class MergeIn(serializers.Serializer[Any]):
    survivor = serializers.CharField()


class PrivateIn(serializers.Serializer[Any]):
    people = serializers.ListField(child=serializers.CharField(max_length=40), max_length=50)
    reason = serializers.CharField()


class WatchIn(serializers.Serializer[Any]):
    is_muted = serializers.BooleanField(required=False, default=False)


class MessageIn(serializers.Serializer[Any]):
    body = serializers.CharField(allow_blank=True, trim_whitespace=False)
    is_public = serializers.BooleanField(required=False, default=True)
    asked_of = serializers.CharField(required=False, allow_blank=True, default="")


class ReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(allow_blank=True)


class LatePauseIn(serializers.Serializer[Any]):
    """`until` null: it still waits, for whom it waits now. `question` is the id of the public message it cites."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    waits_for = serializers.ChoiceField(
        choices=["waiting_on_requester", "waiting_on_upstream"], required=False, allow_blank=True, default=""
    )
    question = serializers.IntegerField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


class TargetIn(serializers.Serializer[Any]):
    target_seconds = serializers.IntegerField(min_value=60, max_value=31_536_000)
    reason = serializers.CharField(allow_blank=True)


class ClockOut(serializers.Serializer[SlaClock]):
    """A promise; seconds are counted seconds."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    cycle = serializers.IntegerField()
    state = serializers.CharField()
    start_at = serializers.DateTimeField()
    target_seconds = serializers.IntegerField()
    elapsed_seconds = serializers.IntegerField()
    allowance_seconds = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    breach_at = serializers.DateTimeField()
    stopped_at = serializers.DateTimeField()
    is_premature = serializers.BooleanField()
    is_excused = serializers.BooleanField()


class ClockLineOut(ClockOut):
    request = serializers.CharField(source="request.number")
    team = serializers.CharField(source="request.team.slug")


class RequestLineOut(serializers.Serializer[DataRequest]):
    """A request in a list."""

    number = serializers.CharField()
    url = serializers.CharField(source="get_absolute_url")
    state = serializers.CharField()
    kind = serializers.CharField()
    title = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    requester = serializers.CharField(source="requester.handle")
    requester_team = serializers.CharField(source="requester_team.slug", default=None)
    assignee = serializers.CharField(source="assignee.handle", default=None)
    assets = serializers.SerializerMethodField()
    is_private = serializers.BooleanField()
    lane = serializers.CharField()
    size = serializers.CharField()
    urgency = serializers.CharField()
    exemption = serializers.CharField(source="exemption.slug", default=None)
    estimate_minutes = serializers.IntegerField()
    wanted_by = serializers.DateField()
    filed_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField()
    reopened_count = serializers.IntegerField()
    version = serializers.IntegerField()

    def get_assets(self, request: DataRequest) -> list[str]:
        return [link.asset.slug for link in request.assets.all()]


class RequestOut(RequestLineOut):
    """A request with its texts and promises."""

    body = serializers.CharField()
    decision_served = serializers.CharField()
    backup = serializers.CharField(source="backup.handle", default=None)
    merged_into = serializers.CharField(source="merged_into.number", default=None)
    clocks = ClockOut(many=True)


class ExpectedOut(serializers.Serializer[Any]):
    """By when, worked out by the functions of the clocks."""

    first_response_by = serializers.DateTimeField()
    decision_by = serializers.DateTimeField()
    resolution_by = serializers.DateTimeField()


class HistoryOut(serializers.Serializer[Any]):
    median_seconds = serializers.IntegerField(allow_null=True)
    p85_seconds = serializers.IntegerField(allow_null=True)
    n = serializers.IntegerField()


class MessageOut(serializers.Serializer[RequestMessage]):
    id = serializers.IntegerField()
    author = serializers.CharField(source="author.handle", default=None)
    is_public = serializers.BooleanField()
    is_automatic = serializers.BooleanField()
    is_question = serializers.BooleanField()
    asked_of = serializers.CharField(source="asked_of.handle", default=None)
    body = serializers.CharField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField()
    deleted_at = serializers.DateTimeField()


class EventOut(serializers.Serializer[RequestEvent]):
    seq = serializers.IntegerField()
    kind = serializers.CharField()
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    actor = serializers.CharField(source="actor.handle", default=None)
    at = serializers.DateTimeField()
    data = serializers.JSONField()  # type: ignore[assignment]  # the column has the name of a property of DRF
