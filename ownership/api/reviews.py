"""`/api/v1/reviews` and `/api/v1/review-lines`: the quarterly review for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.domain.reviews import ANSWERS
from ownership.models import ReviewCampaign, ReviewItem
from ownership.queries.reviews import (
    Progress,
    campaign_called,
    campaigns,
    progress_by_team,
    progress_of,
    quarter_label,
    review_items,
)
from ownership.review_forms import ReviewItemFilter
from ownership.services.reviewing import MOST_AT_ONCE, Answer, answer_reviews, next_quarter, start_review
from portal.core.api.viewsets import PortalViewSet
from portal.core.domain.quarter import quarter_called

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from portal.accounts.models import Team

NOTHING = Progress({})


class ReviewCountsShown(serializers.Serializer[Any]):
    """How many rows were looked at, and what became of them."""

    asked = serializers.IntegerField()
    automatic = serializers.IntegerField()
    answered = serializers.IntegerField()
    waiting = serializers.IntegerField()
    silent = serializers.IntegerField()


class ReviewTeamShown(ReviewCountsShown):
    """The counts of a team; `team` null: people without one."""

    team = serializers.CharField(allow_null=True)


class ReviewShown(serializers.Serializer[Any]):
    """A review; `teams` is filled where one is asked for."""

    quarter = serializers.CharField()
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    counts = ReviewCountsShown()
    teams = ReviewTeamShown(many=True)


class ReviewStartInput(serializers.Serializer[Any]):
    """The quarter that the review prepares; the next one when left out."""

    quarter = serializers.CharField(max_length=10, required=False, allow_blank=True, default="")


class ReviewLineShown(serializers.Serializer[ReviewItem]):
    """A row of ownership in a review."""

    id = serializers.IntegerField()
    quarter = serializers.SerializerMethodField()
    ownership = serializers.IntegerField(source="ownership_id")
    asset = serializers.CharField(source="ownership.asset.slug")
    person = serializers.CharField(source="ownership.person.handle", default=None, allow_null=True)
    team = serializers.CharField(source="ownership.team.slug", default=None, allow_null=True)
    duty = serializers.IntegerField(source="ownership.duty")
    rank = serializers.IntegerField(source="ownership.rank")
    state = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()

    def get_quarter(self, row: ReviewItem) -> str:
        return quarter_label(row.campaign)


class ReviewAnswerInput(serializers.Serializer[Any]):
    """The same answer to up to 200 lines; all are written down or none."""

    ids = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=MOST_AT_ONCE)
    answer = serializers.ChoiceField(choices=ANSWERS)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ReviewAnsweredShown(serializers.Serializer[Any]):
    answered = serializers.ListField(child=serializers.IntegerField())


class ReviewViewSet(PortalViewSet):
    """Reviews, newest first."""

    serializer_class = ReviewShown
    order = ("-quarter_start",)
    lookup_field = "quarter"
    lookup_value_regex = "[0-9]{4}[qQ][1-4]"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"create": ReviewStartInput}

    def get_queryset(self) -> QuerySet[ReviewCampaign]:
        return campaigns(self.request.user)

    def find(self, key: str) -> ReviewCampaign:
        found = campaign_called(key, self.request.user)
        if found is None:
            raise Http404
        return found

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every review with its counts."""
        del request, args, kwargs
        rows = self.paginate_queryset(self.get_queryset()) or []
        counts = progress_of(rows)
        shown = [_review(row, counts.get(row.pk, NOTHING), ()) for row in rows]
        return self.get_paginated_response(ReviewShown(shown, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One review, team by team."""
        del request, args, kwargs
        return self._shown_one(self.get_object())

    def create(self, request: Request) -> Response:
        """Start the review of a quarter early; admins."""
        actor: Any = request.user
        given = self.read(ReviewStartInput)["quarter"]
        quarter = quarter_called(given) if given else next_quarter(self.at)
        return self._shown_one(start_review(actor=actor, quarter=quarter, at=self.at), status=201)

    def _shown_one(self, row: ReviewCampaign, status: int = 200) -> Response:
        counts = progress_of([row]).get(row.pk, NOTHING)
        return Response(ReviewShown(_review(row, counts, progress_by_team(row))).data, status=status)


class ReviewLineViewSet(PortalViewSet):
    """Lines of reviews; `quarter`, `state`, `team`, `tier`, and `mine=true` for those to answer."""

    serializer_class = ReviewLineShown
    order = ("-id",)
    filterset_class = ReviewItemFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"answer": ReviewAnswerInput}

    def get_queryset(self) -> QuerySet[ReviewItem]:
        return review_items(self.request.user)

    @action(detail=False, methods=["post"])
    def answer(self, request: Request) -> Response:
        """Answer lines of one's own, or of a team one leads."""
        actor: Any = request.user
        given = self.read(ReviewAnswerInput)
        answers = [Answer(pk, given["answer"], given["note"]) for pk in given["ids"]]
        done = answer_reviews(actor=actor, answers=answers, at=self.at)
        return Response(ReviewAnsweredShown({"answered": sorted(row.pk for row in done)}).data)


def _review(row: ReviewCampaign, counts: Progress, teams: Iterable[tuple[Team | None, Progress]]) -> dict[str, Any]:
    return {
        "quarter": quarter_label(row), "started_at": row.started_at, "due_at": row.due_at, "closed_at": row.closed_at,
        "counts": counts,
        "teams": [{"team": team.slug if team is not None else None} | _counts(each) for team, each in teams],
    }  # fmt: skip


def _counts(counts: Progress) -> dict[str, int]:
    return dict(ReviewCountsShown(counts).data)
