"""What the API of plans takes and shows; minutes are whole minutes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from requests_queue.domain.plan import HIGHEST_DELAY, POINTS
from requests_queue.domain.scenarios import write_changes
from requests_queue.models import PlanCandidate, PlanChange, PlanItem, PlanNeed, PlanScenario, PlanVote, QuarterPlan

MOST_MINUTES = 1_000_000


class PlanOut(serializers.Serializer[QuarterPlan]):
    """A plan with its figures at this instant."""

    team = serializers.CharField(source="team.slug")
    quarter = serializers.CharField(source="label")
    state = serializers.CharField()
    version = serializers.IntegerField()
    opens_at = serializers.DateTimeField()
    input_closes_at = serializers.DateTimeField()
    lock_due_at = serializers.DateTimeField()
    locked_at = serializers.DateTimeField()
    capacity_minutes = serializers.IntegerField()
    maintenance_minutes = serializers.IntegerField()
    oncall_minutes = serializers.IntegerField()
    floor_minutes = serializers.IntegerField()
    cap_minutes = serializers.IntegerField()
    line_1_minutes = serializers.IntegerField()
    line_2_minutes = serializers.IntegerField()
    planned_minutes = serializers.IntegerField()
    minutes_over = serializers.IntegerField()
    forecast_minutes = serializers.IntegerField()
    band_state = serializers.CharField()
    overbooked_minutes = serializers.DictField(child=serializers.IntegerField())


class ItemOut(serializers.Serializer[PlanItem]):
    """A line of the ranked list; upkeep and on-call have no rank and no side."""

    id = serializers.IntegerField()
    rank = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField()
    minutes = serializers.IntegerField()
    spread_minutes = serializers.IntegerField()
    remaining_minutes = serializers.IntegerField()
    suggested_minutes = serializers.IntegerField()
    side = serializers.CharField(default="")
    points = serializers.IntegerField(default=0)
    state = serializers.CharField()
    owner = serializers.CharField(source="owner.handle", default=None)
    is_bumpable = serializers.BooleanField()
    candidate = serializers.IntegerField(source="candidate_id")
    carried_from = serializers.IntegerField(source="carried_from_id")
    adds_pipelines = serializers.ListField(child=serializers.IntegerField())
    expected_month = serializers.DateField()


class CandidateOut(serializers.Serializer[PlanCandidate]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    title = serializers.CharField()
    why = serializers.CharField()
    source_type = serializers.CharField()
    sponsor = serializers.CharField(source="sponsor.handle", default=None)
    sponsor_team = serializers.CharField(source="sponsor_team.slug", default=None)
    estimate_minutes = serializers.IntegerField()
    cost_of_delay = serializers.IntegerField()
    status = serializers.CharField()
    decision_reason = serializers.CharField()
    requests = serializers.SerializerMethodField()
    assets = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_requests(self, candidate: PlanCandidate) -> list[str]:
        return [request.number for request in candidate.requests.all()]

    def get_assets(self, candidate: PlanCandidate) -> list[str]:
        return [asset.slug for asset in candidate.assets.all()]


class VoteOut(serializers.Serializer[PlanVote]):
    candidate = serializers.IntegerField(source="candidate_id")
    team = serializers.CharField(source="team.slug")
    points = serializers.IntegerField()
    cast_at = serializers.DateTimeField()


class BallotOut(serializers.Serializer[Any]):
    """A partner team: who gives its points, and how many it has given."""

    team = serializers.CharField(source="team.slug")
    voters = serializers.SerializerMethodField()
    points = serializers.IntegerField()
    has_voted = serializers.BooleanField()

    def get_voters(self, ballot: Any) -> list[str]:
        return [voter.handle for voter in ballot.voters]


class ChangeOut(serializers.Serializer[PlanChange]):
    seq = serializers.IntegerField()
    kind = serializers.CharField()
    item = serializers.IntegerField(source="item_id")
    minutes_before = serializers.IntegerField()
    minutes_after = serializers.IntegerField()
    reason = serializers.CharField()
    approver = serializers.CharField(source="approver.handle")
    at = serializers.DateTimeField()


class NeedOut(serializers.Serializer[PlanNeed]):
    id = serializers.IntegerField()
    item = serializers.IntegerField(source="item_id")
    team = serializers.CharField(source="team.slug")
    what = serializers.CharField()
    state = serializers.CharField()
    answer = serializers.CharField()
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField()


class ScenarioOut(serializers.Serializer[PlanScenario]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    changes = serializers.ListField(child=serializers.DictField())
    text = serializers.SerializerMethodField()
    made_at = serializers.DateTimeField()

    def get_text(self, scenario: PlanScenario) -> str:
        return write_changes(scenario.changes)


class CandidateIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)
    why = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    estimate_minutes = serializers.IntegerField(required=False, allow_null=True, default=None)
    cost_of_delay = serializers.IntegerField(required=False, allow_null=True, default=None)
    assets = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)


class VoteIn(serializers.Serializer[Any]):
    candidate = serializers.IntegerField()
    team = serializers.CharField(max_length=60)
    points = serializers.IntegerField(min_value=0, max_value=POINTS)


class RankIn(serializers.Serializer[Any]):
    order = serializers.ListField(child=serializers.IntegerField(), max_length=500)


class LockIn(serializers.Serializer[Any]):
    """Wishes in `refusals` get a plain no with the reason; what else is not on the list moves on."""

    set_below_aside = serializers.BooleanField(required=False, default=False)
    mark_at_risk = serializers.BooleanField(required=False, default=False)
    refusals = serializers.DictField(child=serializers.CharField(max_length=500), required=False, default=dict)


class WhatIfIn(serializers.Serializer[Any]):
    """A list of changes, or the same as lines of text; with a name it is kept beside the plan."""

    changes = serializers.ListField(child=serializers.DictField(), max_length=30, required=False, default=list)
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)


class ItemIn(serializers.Serializer[Any]):
    """Work that comes into a locked plan."""

    title = serializers.CharField(max_length=200)
    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES)
    is_bumpable = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(max_length=500, allow_blank=True)


class UpkeepIn(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["maintenance", "oncall"])
    minutes = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True, max_length=500)


class PlanReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(allow_blank=True, max_length=500)


class MinutesIn(serializers.Serializer[Any]):
    minutes = serializers.IntegerField()


class EstimateIn(MinutesIn):
    spread_minutes = serializers.IntegerField(required=False, default=0)


class DelayIn(serializers.Serializer[Any]):
    cost = serializers.IntegerField(min_value=1, max_value=HIGHEST_DELAY)
    why = serializers.CharField(allow_blank=True, max_length=500)


class PlanLineIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)
    minutes = serializers.IntegerField()
    spread_minutes = serializers.IntegerField(required=False, default=0)
    owner = serializers.CharField(required=False, allow_blank=True, default="")
    is_bumpable = serializers.BooleanField(required=False, default=False)
    adds_pipelines = serializers.ListField(child=serializers.IntegerField(), required=False, default=list)
    month = serializers.DateField(required=False, allow_null=True, default=None)
    retires = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)


class ResultIn(serializers.Serializer[Any]):
    result = serializers.CharField(allow_blank=True)


class ResizeIn(MinutesIn):
    reason = serializers.CharField(allow_blank=True, max_length=500)


class MonthIn(serializers.Serializer[Any]):
    month = serializers.DateField()
    reason = serializers.CharField(allow_blank=True, max_length=500)


class NeedIn(serializers.Serializer[Any]):
    team = serializers.CharField(max_length=60)
    what = serializers.CharField(allow_blank=True, max_length=300)


class AnswerIn(serializers.Serializer[Any]):
    answer = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class InviteIn(serializers.Serializer[Any]):
    team = serializers.CharField(max_length=60)


class VoterIn(serializers.Serializer[Any]):
    team = serializers.CharField(max_length=60)
    person = serializers.CharField(max_length=40)
