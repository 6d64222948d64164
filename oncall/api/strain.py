"""/api/v1/ of guardrails: figures by rota, questions to leads, nights that were given away (spec oncall 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action

from oncall.api.shapes import NOTHING, In
from oncall.models import GuardrailFire, PagesReview, Rota
from oncall.models.reviews import ANSWERS
from oncall.queries.strain import Strain, guarded_nights, listed_reviews, rotas_that_page, strain_of
from oncall.services.guarding import decline_guardrail
from oncall.services.reviewing import answer_review
from portal.core.api.viewsets import PortalViewSet, ReadViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response

SCOPES = {"read": "oncall:read", "write": "oncall:write"}


class StrainOut(serializers.Serializer[Strain]):
    """G4 and G5 of a rota; `colour` is ok, warn or bad."""

    rota = serializers.CharField(source="rota.slug")
    team = serializers.CharField(source="rota.team.slug")
    pages_a_shift = serializers.ListField(child=serializers.IntegerField())
    mean = serializers.FloatField()
    is_over = serializers.BooleanField()
    pages_90_days = serializers.IntegerField(source="pages")
    out_of_hours = serializers.IntegerField()
    percent = serializers.IntegerField()
    colour = serializers.CharField()


class PagesReviewOut(serializers.Serializer[PagesReview]):
    """A rota that paged too often; `answer` is empty until a lead says what is done."""

    id = serializers.IntegerField()
    rota = serializers.CharField(source="rota.slug")
    team = serializers.CharField(source="rota.team.slug")
    pages = serializers.IntegerField()
    shifts = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    answer = serializers.CharField()
    note = serializers.CharField()
    answered_by = serializers.CharField(source="answered_by.handle", default=None)
    answered_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class PagesAnswerIn(In):
    answer = serializers.ChoiceField(choices=list(ANSWERS))
    note = serializers.CharField(max_length=None, **NOTHING)


class GuardedNightOut(serializers.Serializer[GuardrailFire]):
    """A night that went to somebody else; shown to its person and their lead."""

    id = serializers.IntegerField()
    person = serializers.CharField(source="person.handle")
    rota = serializers.CharField(source="rota.slug")
    rule = serializers.CharField()
    night = serializers.DateField()
    outcome = serializers.CharField()
    fired_at = serializers.DateTimeField()
    declined_at = serializers.DateTimeField()


@extend_schema(tags=["guardrails"])
class StrainViewSet(ReadViewSet):
    """How often each rota pages, and how much of it falls out of hours."""

    queryset = Rota.objects.none()
    serializer_class = StrainOut
    order = ("slug",)
    lookup_field = "slug"
    scopes = SCOPES
    query_parameters = frozenset({"team"})

    def get_queryset(self) -> QuerySet[Rota]:
        return rotas_that_page(self.request.user, self.request.GET.get("team", ""))

    @extend_schema(parameters=[OpenApiParameter("team", str, description="The slug of one team.")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args, kwargs
        page: Any = self.paginate_queryset(self.get_queryset())
        found: Any = strain_of(page, self.at)
        return self.get_paginated_response(StrainOut(found, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args, kwargs
        return self.shown(strain_of([self.get_object()], self.at)[0])


@extend_schema(tags=["guardrails"])
class PagesReviewViewSet(PortalViewSet):
    """Questions to leads about too many pages."""

    queryset = PagesReview.objects.none()
    serializer_class = PagesReviewOut
    order = ("id",)
    scopes = SCOPES

    def get_queryset(self) -> QuerySet[PagesReview]:
        return listed_reviews(self.request.user)

    @extend_schema(request=PagesAnswerIn)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, **_: str) -> Response:
        """Fix the cause, change the agreement, or accept it with a reason."""
        given, standing = self.read(PagesAnswerIn), self.get_object()
        answer_review(actor=request.user, review=standing, at=self.at, **given)
        return self.shown(self.find(str(standing.pk)))


@extend_schema(tags=["guardrails"])
class GuardedNightViewSet(PortalViewSet):
    """One's own guarded nights, and those of the people one leads."""

    queryset = GuardrailFire.objects.none()
    serializer_class = GuardedNightOut
    order = ("id",)
    scopes = {"read": None, "write": None}

    def get_queryset(self) -> QuerySet[GuardrailFire]:
        return guarded_nights(self.request.user, self.at)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, **_: str) -> Response:
        """The person takes the night after all, before it begins."""
        standing = self.get_object()
        decline_guardrail(actor=request.user, fire=standing, at=self.at)
        return self.shown(self.find(str(standing.pk)))
