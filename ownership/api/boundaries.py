"""`/api/v1/boundaries`, `/crossings`, `/gaps`: what crosses between teams, and what nobody takes care of."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership import policies
from ownership.api.parties import party_called
from ownership.domain.crossing_states import DISMISSED
from ownership.domain.gaps import GAP_KINDS, WITHOUT_OWNER
from ownership.domain.kinds import kind_of
from ownership.filters import CrossingFilter, GapFilter
from ownership.models import Crossing, Gap
from ownership.queries.acts import acts_behind, marks_behind
from ownership.queries.asset_page import PUBLIC_ACTS
from ownership.queries.crossings import board_at, open_crossings
from ownership.queries.gap_facts import open_gaps
from ownership.queries.gap_owners import suggested_for
from ownership.queries.parties import teams_of_person
from ownership.queries.sides import grouped, sides_of
from ownership.queries.traffic import Traffic, traffic_of
from ownership.services.crossing_acts import accept_crossing, dismiss_crossing
from ownership.services.handoffs import HandoffDraft, draft_handoff
from ownership.services.talks import TalkDraft, start_talk
from portal.core.api.viewsets import PortalViewSet, ReadViewSet
from portal.core.errors import BadRequest, DomainError
from portal.core.instants import as_utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from ownership.queries.sides import Boundary
    from portal.accounts.models import Team

MOST = 500
MOST_STEPS = 50


class TalkInput(serializers.Serializer[Any]):
    """When the leads speak, and the agenda."""

    at = serializers.DateTimeField()
    note = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class AcceptInput(serializers.Serializer[Any]):
    until = serializers.DateField()
    reason = serializers.CharField(max_length=500)


class DismissInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class CrossingHandoverInput(serializers.Serializer[Any]):
    """To whom: a handle or a team's slug; the expected team when left out."""

    taker = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    effective_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class DraftedHandoverShown(serializers.Serializer[Any]):
    code = serializers.CharField()
    url = serializers.CharField()


class CrossingShown(serializers.Serializer[Crossing]):
    """A crossing by its teams; it names no person, and there is no way to count by person."""

    id = serializers.IntegerField()
    asset = serializers.CharField(source="asset.slug")
    kind = serializers.SerializerMethodField()
    domain = serializers.CharField(source="asset.domain.slug", default=None)
    label = serializers.CharField(source="rule.label")  # type: ignore[assignment] # a field
    remedy = serializers.CharField(source="rule.remedy")
    pattern = serializers.CharField(source="rule.pattern.slug")
    level = serializers.CharField()
    score = serializers.DecimalField(max_digits=6, decimal_places=2)
    weight = serializers.CharField()
    state = serializers.CharField()
    accepted_until = serializers.DateField(allow_null=True)
    reopened = serializers.IntegerField()
    opened_at = serializers.SerializerMethodField()
    last_evidence_at = serializers.DateTimeField(allow_null=True)
    doing = serializers.SerializerMethodField()
    expected = serializers.SerializerMethodField()

    def get_kind(self, row: Crossing) -> str:
        return kind_of(row.asset.kind).name

    def get_opened_at(self, row: Crossing) -> datetime:
        return row.opened_at

    def get_doing(self, row: Crossing) -> str | None:
        return _slug(self.context["sides"][row.pk].doing)

    def get_expected(self, row: Crossing) -> str | None:
        return _slug(self.context["sides"][row.pk].expected)


class MarkShown(serializers.Serializer[Any]):
    """A day on which it is brought up: came_up, let_be (accepted or dismissed then), or comes."""

    days = serializers.IntegerField()
    at = serializers.DateTimeField()
    state = serializers.CharField()


class ActShown(serializers.Serializer[Any]):
    """One act; `ref` and `url` are empty for who belongs to neither team, and for what may be private."""

    kind = serializers.CharField()
    at = serializers.DateTimeField()
    ref = serializers.CharField()
    url = serializers.CharField()


class CrossingDetailShown(CrossingShown):
    """With the acts behind it, newest first, and the marks of 30, 90 and 180 days."""

    marks = serializers.SerializerMethodField()
    acts = serializers.SerializerMethodField()

    @extend_schema_field(MarkShown(many=True))
    def get_marks(self, row: Crossing) -> list[Any]:
        steps = list(row.steps.order_by("at", "pk")[:MOST_STEPS])
        return [MarkShown(mark).data for mark in marks_behind(row, steps, self.context["at"])]

    @extend_schema_field(ActShown(many=True))
    def get_acts(self, row: Crossing) -> list[Any]:
        return [
            {"kind": act.kind, "at": act.at, "ref": act.ref if told else "", "url": act.url if told else ""}
            for act in acts_behind(row)
            for told in [self.context["names"] and act.kind in PUBLIC_ACTS]
        ]


class GapShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    asset = serializers.CharField(source="asset.slug")
    kind = serializers.CharField()
    act = serializers.SerializerMethodField()
    detail = serializers.JSONField()
    since = serializers.SerializerMethodField()
    suggested_owner = serializers.SerializerMethodField()

    def get_act(self, gap: Gap) -> str:
        return GAP_KINDS[gap.kind].act

    def get_since(self, gap: Gap) -> datetime | None:
        return gap.valid.lower

    def get_suggested_owner(self, gap: Gap) -> str | None:
        party = self.context["suggested"].get(gap.asset_id) if gap.kind in WITHOUT_OWNER else None
        return party.slug if party else None


class PairShown(serializers.Serializer[Any]):
    """Two teams: who does it, who is expected to, what crosses between them, and their tickets of the quarter."""

    key = serializers.CharField()
    doing = serializers.CharField(allow_null=True)
    expected = serializers.CharField(allow_null=True)
    oldest = serializers.DateTimeField(allow_null=True)
    tickets = serializers.IntegerField()
    blocked_hours = serializers.FloatField()
    crossings = CrossingShown(many=True)


class BoundaryViewSet(ReadViewSet):
    """Pairs of teams with what crosses between them, the heaviest first; `?at=` shows the board of a past instant."""

    serializer_class = PairShown
    scopes = {"read": "ownership:read"}
    filterset_class = CrossingFilter
    query_parameters = frozenset({"at"})

    def get_queryset(self) -> QuerySet[Crossing]:
        given = self.request.query_params.get("at", "")
        if not given:
            return open_crossings(self.request.user).exclude(state=DISMISSED)
        return board_at(_instant(given))

    def _pairs(self, groups: Sequence[Boundary]) -> Sequence[dict[str, Any]]:
        traffic = traffic_of(groups, self.request.user, self.at)
        return [self._pair(group, traffic.get(group.key, Traffic())) for group in groups]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args, kwargs
        rows = list(self.filter_queryset(self.get_queryset()).order_by("-score", "pk")[:MOST])
        return Response({"results": self._pairs(grouped(rows, self.at)), "next": None, "at": self.at})

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One pair, such as core-data~payments."""
        del request, args
        key = str(kwargs["pk"])
        rows = list(self.filter_queryset(self.get_queryset()).order_by("-score", "pk")[:MOST])
        found = [group for group in grouped(rows, self.at) if group.key == key]
        none: dict[str, Any] = {"key": key, "doing": None, "expected": None, "oldest": None}
        none |= {"tickets": 0, "blocked_hours": 0.0, "crossings": []}
        return Response(self._pairs(found)[0] if found else none)

    def _pair(self, group: Boundary, traffic: Traffic) -> dict[str, Any]:
        context = {"sides": {row.pk: group for row in group.crossings}}
        return {
            "key": group.key,
            "doing": _slug(group.doing),
            "expected": _slug(group.expected),
            "oldest": min(row.opened_at for row in group.crossings),
            "tickets": traffic.tickets,
            "blocked_hours": traffic.blocked_hours,
            "crossings": [CrossingShown(row, context=context).data for row in group.crossings],
        }


class CrossingViewSet(PortalViewSet):
    """One crossing: talk about it, accept it until a day, or say that the rule does not fit."""

    serializer_class = CrossingShown
    order = ("-id",)
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    filterset_class = CrossingFilter
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"talk": TalkInput, "accept": AcceptInput, "dismiss": DismissInput, "handover": CrossingHandoverInput}

    def get_queryset(self) -> QuerySet[Crossing]:
        return open_crossings(self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args, kwargs
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        context = {"sides": sides_of(list(rows), self.at)}
        return self.get_paginated_response([CrossingShown(row, context=context).data for row in rows])

    @extend_schema(responses=CrossingDetailShown)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del args, kwargs
        row = self.get_object()
        self.version = row.version
        sides = sides_of([row], self.at)
        names = policies.boundaries.can_see_names(
            request.user, sides[row.pk].team_ids, teams_of_person(request.user, self.at)
        )
        return Response(CrossingDetailShown(row, context={"sides": sides, "names": names, "at": self.at}).data)

    @action(detail=True, methods=["post"])
    def talk(self, request: Request, pk: str) -> Response:
        """Put a talk of the two leads on the agenda."""
        del pk
        row, given, actor = self.get_object(), self.read(TalkInput), request.user
        sides = sides_of([row], self.at)[row.pk]
        if sides.doing is None:
            raise DomainError("ownership.no_team", "People without a team have no lead to speak with.")
        draft = TalkDraft(sides.doing, sides.expected, given["at"], given["note"])
        talk = start_talk(actor=actor, draft=draft, at=self.at)  # type: ignore[arg-type] # let in by the permission
        return Response({"talk": talk.pk, "at": talk.at, "url": f"/boundaries/talks/{talk.pk}"}, status=201)

    @extend_schema(responses={201: DraftedHandoverShown})
    @action(detail=True, methods=["post"])
    def handover(self, request: Request, pk: str) -> Response:
        """Draft a handover of the asset to the team that is expected to own it, or to `taker`; offer it then."""
        del pk
        row, given, actor = self.get_object(), self.read(CrossingHandoverInput), request.user
        giver = row.person or row.team
        taker = party_called(given["taker"], "taker") if given["taker"] else sides_of([row], self.at)[row.pk].expected
        if giver is None or taker is None:
            raise DomainError("ownership.no_expected_team", "No team is expected to own it. Name a taker.", "taker")
        draft = HandoffDraft(
            giver=giver, taker=taker, asset_ids=[row.asset_id], crossing_ids=[row.pk],
            effective_at=given["effective_at"] or self.at, reason=given["reason"],
        )  # fmt: skip
        made = draft_handoff(actor=actor, draft=draft, at=self.at)  # type: ignore[arg-type] # let in by the permission
        return Response({"code": made.code, "url": f"/handoffs/{made.code}"}, status=201)

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Agree to live with it until a day; it counts when the leads of both teams agree."""
        del pk
        actor: Any = request.user
        return self._shown_one(
            accept_crossing(actor=actor, crossing=self.get_object(), at=self.at, **self.read(AcceptInput))
        )

    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """Say that the rule does not fit here."""
        del pk
        actor: Any = request.user
        return self._shown_one(
            dismiss_crossing(actor=actor, crossing=self.get_object(), at=self.at, **self.read(DismissInput))
        )

    def _shown_one(self, row: Crossing) -> Response:
        self.version = row.version
        return Response(CrossingShown(row, context={"sides": sides_of([row], self.at)}).data)


class GapViewSet(ReadViewSet):
    """What nobody takes care of, each with the one act that mends it."""

    serializer_class = GapShown
    order = ("id",)
    filterset_class = GapFilter
    scopes = {"read": "ownership:read"}
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Gap]:
        return open_gaps(self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open gaps, each with the one act, and who might take it."""
        del request, args, kwargs
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(GapShown(rows, many=True, context=self._suggesting(rows)).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One gap."""
        del request, args, kwargs
        gap = self.get_object()
        return Response(GapShown(gap, context=self._suggesting([gap])).data)

    def _suggesting(self, rows: Sequence[Gap]) -> dict[str, Any]:
        return {"suggested": suggested_for(rows, self.at)}


def _slug(team: Team | None) -> str | None:
    return team.slug if team is not None else None


def _instant(given: str) -> datetime:
    try:
        found = datetime.fromisoformat(given.replace(" ", "+"))
    except ValueError:
        found = None
    utc = as_utc(found) if found is not None and found.tzinfo is not None else None
    if utc is None:
        raise BadRequest("core.bad_filter", "at is an instant with its zone, such as 2026-03-12T10:00+01:00.", "at")
    return utc
