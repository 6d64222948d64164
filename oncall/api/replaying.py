"""What a replay takes and answers (spec oncall 10, 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from oncall.api.agreements import drafted_from
from oncall.api.shapes import In, TermsIn
from oncall.domain.escalation import MOST_REPEATS, MOST_STEPS, from_json
from oncall.domain.replaying import Ladder, Proposal
from oncall.domain.rules import check_coverage
from oncall.queries.named import rota_called

if TYPE_CHECKING:
    from collections.abc import Mapping


class ProposedIn(TermsIn):
    agreement = serializers.IntegerField()


class ReplayIn(In):
    """A period, and what would have been different; whatever is left out stays as it was."""

    team = serializers.CharField(max_length=60)
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    proposal = ProposedIn(many=True, required=False, default=list)
    default = TermsIn(required=False, allow_null=True, default=None)
    coverage = serializers.DictField(required=False, allow_null=True, default=None)
    rota = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    steps = serializers.ListField(child=serializers.DictField(), required=False, default=list, max_length=MOST_STEPS)
    repeat = serializers.IntegerField(required=False, default=0, min_value=0, max_value=MOST_REPEATS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] <= attrs["start"]:
            raise serializers.ValidationError({"end": "The end comes after the start."})
        return attrs


class ReplayedOut(serializers.Serializer[Any]):
    """One incident, then and now."""

    number = serializers.CharField(source="incident.number")
    opened_at = serializers.DateTimeField(source="incident.opened_at")
    woke = serializers.BooleanField(source="outcome.woke")
    would_wake = serializers.BooleanField(source="outcome.would_wake")
    would_call_at = serializers.DateTimeField(source="outcome.would_call_at", allow_null=True)
    over_before_the_call = serializers.BooleanField(source="outcome.mended")
    steps_then = serializers.IntegerField(source="outcome.steps_then")
    steps_now = serializers.IntegerField(source="outcome.steps_now")


class ReplayOut(serializers.Serializer[Any]):
    """What a proposal would have done to the nights of a period; no person is named."""

    incidents = serializers.IntegerField(source="summary.incidents")
    night_pages = serializers.IntegerField(source="summary.night_pages")
    would_wait = serializers.IntegerField(source="summary.would_wait")
    would_wake = serializers.IntegerField(source="summary.would_wake")
    over_before_the_call = serializers.IntegerField(source="summary.mended")
    steps_then = serializers.IntegerField(source="summary.steps_then")
    steps_now = serializers.IntegerField(source="summary.steps_now")
    most_nights_of_one_then = serializers.IntegerField(source="summary.most_then")
    most_nights_of_one_now = serializers.IntegerField(source="summary.most_now")
    readers_said = serializers.DictField(source="summary.said", child=serializers.IntegerField())
    sentence = serializers.CharField(source="summary.sentence")
    rows = ReplayedOut(many=True)


def proposal_of(given: Mapping[str, Any]) -> Proposal:
    """The checked input as the domain takes it; raises `DomainError` with the field."""
    if given["coverage"] is not None:
        check_coverage(given["coverage"])
    ladder = Ladder(from_json(given["steps"], repeat=given["repeat"]), given["repeat"]) if given["steps"] else None
    rota = rota_called(given["rota"]).pk if given["rota"] else None
    terms = {row["agreement"]: drafted_from(row).terms for row in given["proposal"]}
    default = drafted_from(given["default"]).terms if given["default"] is not None else None
    return Proposal(terms, default, given["coverage"], ladder, rota)
