"""/api/v1/special-periods/ and major-holidays/ (spec oncall 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from oncall.api.duties import rota_called
from oncall.api.edits import RotaEditShown
from oncall.api.naming import person_called, team_called
from oncall.api.rota_shapes import DiffShown, InstantField
from oncall.domain.rules import MOST_SLOTS
from oncall.domain.words import DraftState
from oncall.filters.periods import MajorFilter, PeriodFilter
from oncall.models import MajorHoliday, SpecialPeriod
from oncall.queries.seasons import listed_majors, listed_periods
from oncall.services.consents import ask_special_period
from oncall.services.majors import remove_major_holiday, set_major_holiday
from oncall.services.rotas import Applying
from oncall.services.seasons import (
    PeriodDraft,
    cancel_special_period,
    close_draft,
    open_special_period,
    pick_draft,
    preview_special_period,
)
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

SCOPES = {"read": "oncall:read", "write": "oncall:write"}
MOST_BLOCKS = 62


class PeriodInput(serializers.Serializer[Any]):
    """A special period to be; `slots` says how many hold a role in it, no `rounds` is no draft."""

    rota = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=80)
    slug = serializers.SlugField(max_length=80)
    start = InstantField()
    end = InstantField()
    rotation = serializers.JSONField()
    rounds = serializers.IntegerField(min_value=0, max_value=10, default=2)
    slots = serializers.DictField(child=serializers.IntegerField(min_value=1, max_value=MOST_SLOTS), default=dict)
    diff_sha256 = serializers.CharField(max_length=64, default="", allow_blank=True)
    told_reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class PeriodShown(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    rota = serializers.CharField(source="rota.slug")
    start = serializers.DateTimeField(source="during.lower")
    end = serializers.DateTimeField(source="during.upper")
    rotation = serializers.JSONField()
    slots = serializers.DictField(child=serializers.IntegerField(), source="slots_override")
    rounds = serializers.IntegerField()
    draft_state = serializers.ChoiceField(choices=[(state.value, state.value) for state in DraftState])
    volunteer_from = serializers.DateTimeField(allow_null=True)
    draft_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class PicksInput(serializers.Serializer[Any]):
    """One's own word: beginnings of turns served gladly, and of those to be free of, most wanted first."""

    volunteers = serializers.ListField(child=InstantField(), max_length=MOST_BLOCKS, default=list)
    wishes = serializers.ListField(child=InstantField(), max_length=MOST_BLOCKS, default=list)


class PickShown(serializers.Serializer[Any]):
    person = serializers.CharField(source="person.handle")
    block_start = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=["volunteer", "protect"])
    rank = serializers.IntegerField()
    round = serializers.IntegerField(allow_null=True)


class PeriodReasonInput(serializers.Serializer[Any]):
    told_reason = serializers.CharField(max_length=500, default="", allow_blank=True)


@extend_schema(tags=["oncall"])
class PeriodViewSet(PortalViewSet):
    """Days with another rhythm or more people, by slug."""

    queryset = SpecialPeriod.objects.none()
    serializer_class = PeriodShown
    filterset_class = PeriodFilter
    lookup_field = "slug"
    order = ("during",)
    scopes = SCOPES
    inputs = {"create": PeriodInput, "preview": PeriodInput, "ask": PeriodInput, "picks": PicksInput,
              "close": PeriodReasonInput, "cancel": PeriodReasonInput}  # fmt: skip

    def get_queryset(self) -> QuerySet[SpecialPeriod]:
        return listed_periods(self.request.user)

    @extend_schema(request=PeriodInput, responses={201: PeriodShown})
    def create(self, request: Request) -> Response:
        """Open it and plan its days; 409 `oncall.consent_missing` while others' shifts move soon without a reason."""
        given = self.read(PeriodInput)
        applying = Applying(given["diff_sha256"], told_reason=given["told_reason"])
        rota = rota_called(request.user, given["rota"])
        made = open_special_period(actor=request.user, rota=rota, period=_draft(given), applying=applying, at=self.at)
        return self.created(made, f"/api/v1/special-periods/{made.slug}/")

    @extend_schema(request=PeriodInput, responses=DiffShown)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """What opening it would move, and who must agree. Writes nothing."""
        given = self.read(PeriodInput)
        rota = rota_called(request.user, given["rota"])
        diff = preview_special_period(actor=request.user, rota=rota, period=_draft(given), at=self.at)
        return Response(DiffShown(diff).data)

    @extend_schema(request=PeriodInput, responses={201: RotaEditShown})
    @action(detail=False, methods=["post"])
    def ask(self, request: Request) -> Response:
        """Ask everybody whose shift it moves within the notice period; it opens after the last yes."""
        given = self.read(PeriodInput)
        made = ask_special_period(
            actor=request.user, rota=rota_called(request.user, given["rota"]), period=_draft(given),
            reason=given["told_reason"], diff_sha256=given["diff_sha256"], at=self.at,
        )  # fmt: skip
        return Response(RotaEditShown(made).data, status=201, headers={"Location": f"/api/v1/rota-edits/{made.pk}/"})

    @extend_schema(operation_id="special_period_pick", request=PicksInput, responses=PickShown(many=True))
    @action(detail=True, methods=["post"])
    def picks(self, request: Request, slug: str) -> Response:
        """One's own word on its turns; replaces the last."""
        del slug
        given = self.read(PicksInput)
        actor: Any = request.user
        made = pick_draft(actor=actor, period=self.get_object(), volunteers=given["volunteers"],
                          wishes=given["wishes"], at=self.at)  # fmt: skip
        return Response(PickShown(made, many=True).data)

    @extend_schema(request=PeriodReasonInput, responses=PickShown(many=True))
    @action(detail=True, methods=["post"])
    def close(self, request: Request, slug: str) -> Response:
        """Run the rounds and plan the days; what was granted."""
        del slug
        reason = self.read(PeriodReasonInput)["told_reason"]
        made = close_draft(actor=request.user, period=self.get_object(), told_reason=reason, at=self.at)
        return Response(PickShown(made, many=True).data)

    @extend_schema(request=PeriodReasonInput, responses={204: None})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, slug: str) -> Response:
        """The usual turns again, before it begins."""
        del slug
        applying = Applying(told_reason=self.read(PeriodReasonInput)["told_reason"])
        cancel_special_period(actor=request.user, period=self.get_object(), applying=applying, at=self.at)
        return Response(status=204)


def _draft(given: dict[str, Any]) -> PeriodDraft:
    return PeriodDraft(given["name"], given["slug"], given["start"], given["end"], given["rotation"], given["rounds"],
                       given["slots"])  # fmt: skip


class MajorInput(serializers.Serializer[Any]):
    team = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=80)
    first = serializers.DateField()
    last = serializers.DateField()
    last_held_by = serializers.CharField(max_length=40, default="", allow_blank=True)


class MajorShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    team = serializers.CharField(source="team.slug")
    name = serializers.CharField()
    first = serializers.DateField(source="dates.lower")
    past = serializers.DateField(source="dates.upper")
    last_held_by = serializers.CharField(source="last_held_by.handle", default=None, allow_null=True)


@extend_schema(tags=["oncall"])
class MajorViewSet(PortalViewSet):
    """The holidays nobody should hold two years running; `past` is the day after the last."""

    queryset = MajorHoliday.objects.none()
    serializer_class = MajorShown
    filterset_class = MajorFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    order = ("dates",)
    scopes = SCOPES
    inputs = {"create": MajorInput}

    def get_queryset(self) -> QuerySet[MajorHoliday]:
        return listed_majors(self.request.user)

    @extend_schema(request=MajorInput, responses={201: MajorShown})
    def create(self, request: Request) -> Response:
        """The same name and dates are the same holiday."""
        given = self.read(MajorInput)
        person = person_called(given["last_held_by"], "last_held_by") if given["last_held_by"] else None
        made = set_major_holiday(
            actor=request.user, team=team_called(given["team"]), name=given["name"], first=given["first"],
            last=given["last"], last_held_by=person, at=self.at,
        )  # fmt: skip
        return self.created(made, f"/api/v1/major-holidays/{made.pk}/")

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str) -> Response:
        """It counts no more in plans that are made from now on."""
        del pk
        remove_major_holiday(actor=request.user, major=self.get_object(), at=self.at)
        return Response(status=204)
