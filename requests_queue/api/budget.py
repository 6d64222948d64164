"""/api/v1/budget/{team}/{quarter}/: balances, ledger, and time as a program logs it (spec budget 9)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.core.api.viewsets import ActionViewSet
from portal.core.domain.quarter import quarter_called
from portal.core.errors import DomainError, NotVisible
from requests_queue.api.plan_shapes import WhatIfIn
from requests_queue.api.plans import worked_out
from requests_queue.domain.unseen import folded
from requests_queue.filters import EntryFilter, entry_filter
from requests_queue.models import BudgetEntry
from requests_queue.policies import taking_teams, visible_to
from requests_queue.queries.budget import budget_for, outlook_of
from requests_queue.queries.ledger_lines import may_see_people, visible_entries
from requests_queue.queries.plans import plan_called
from requests_queue.services.time_log import log_time

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from requests_queue.queries.budget import BudgetView

MOST_MINUTES = 1440


class TimeIn(serializers.Serializer[Any]):
    """Time that was worked; send `Idempotency-Key`, and the same key posts once."""

    request = serializers.CharField(max_length=16)
    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES)
    work_date = serializers.DateField()


class EntryOut(serializers.Serializer[BudgetEntry]):
    """One line of the ledger; `person` is there for that person and the lead alone."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    request = serializers.CharField(source="request.number", default=None)
    person = serializers.SerializerMethodField()
    work_date = serializers.DateField()
    d_spent = serializers.IntegerField()
    d_reserved = serializers.IntegerField()
    d_exempt = serializers.IntegerField()
    d_capacity = serializers.IntegerField()
    is_late = serializers.BooleanField()
    reason = serializers.CharField()
    recorded_at = serializers.DateTimeField()

    def get_person(self, entry: BudgetEntry) -> str | None:
        viewer = self.context["request"].user
        shown = self.context.get("sees_people") or entry.person_id == viewer.pk
        return entry.person.handle if entry.person is not None and shown else None


class BudgetOut(serializers.Serializer[Any]):
    """Minutes; `state` is green, amber or red.

    Every decision counts all work. Private work that the caller does not know of is in a figure only where three such
    requests stand behind it.
    """

    team = serializers.CharField()
    quarter = serializers.CharField()
    is_locked = serializers.BooleanField()
    capacity = serializers.IntegerField()
    floor = serializers.IntegerField()
    cap = serializers.IntegerField()
    spent = serializers.IntegerField()
    reserved = serializers.IntegerField()
    exempt = serializers.IntegerField()
    used = serializers.IntegerField()
    state = serializers.CharField()
    forecast = serializers.IntegerField()
    cap_reached_on = serializers.DateField(allow_null=True)
    queue_length = serializers.IntegerField()


@extend_schema(tags=["budget"])
class BudgetViewSet(ActionViewSet):
    """The ad-hoc budget of a team in a quarter such as 2027q1."""

    queryset = BudgetEntry.objects.none()
    serializer_class = EntryOut
    filterset_class = EntryFilter
    order = ("id",)
    lookup_field = "quarter"
    lookup_value_regex = "[0-9]{4}q[1-4]"
    scopes = {"read": "requests:read", "write": "requests:write", "what_if": "plans:lock"}

    def get_queryset(self) -> QuerySet[BudgetEntry]:
        return visible_entries(self.budget().period, self.request.user)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "sees_people": getattr(self, "sees_people", False)}

    def find(self, key: str) -> BudgetView:
        """What stands at the address is a budget, not a line of it."""
        del key
        return self.budget()

    def budget(self) -> BudgetView:
        """The budget of the path, else 404."""
        team = taking_teams().filter(slug=self.kwargs["team"]).first()
        if team is None:
            raise Http404
        try:
            return budget_for(self.request.user, team, self.at, quarter_called(str(self.kwargs["quarter"])))
        except DomainError:
            raise Http404 from None

    @extend_schema(responses=BudgetOut)
    def retrieve(self, _request: Request, **_: str) -> Response:
        view = self.budget()
        outlook = outlook_of(view, self.at)
        figures = {
            "team": view.team.slug, "quarter": view.quarter.label, "is_locked": view.is_locked,
            "capacity": view.balance.capacity, "floor": view.floor, "cap": view.cap, "spent": view.balance.spent,
            "reserved": view.balance.reserved, "exempt": view.balance.exempt, "used": view.balance.used,
            "state": view.state, "forecast": outlook.forecast.minutes, "cap_reached_on": outlook.cap_reached_on,
            "queue_length": outlook.queue_length,
        }  # fmt: skip
        return Response(BudgetOut(figures).data)

    @extend_schema(responses=EntryOut(many=True))
    @action(detail=True, methods=["get"])
    def ledger(self, request: Request, **_: str) -> Response:
        """The lines that the caller may see; private work of others is one sum in `folded`."""
        view = self.budget()
        self.sees_people = may_see_people(request.user, view.team, self.at)
        self.filterset_class = entry_filter(sees_people=self.sees_people)
        rows: Any = self.paginate_queryset(self.filter_queryset(visible_entries(view.period, request.user)))
        answer = self.get_paginated_response(self.get_serializer(rows, many=True).data)
        hidden = folded(view.unseen)
        answer.data["folded"] = None if hidden is None else vars(hidden)
        return answer

    @extend_schema(request=TimeIn, responses={201: EntryOut})
    @action(detail=True, methods=["post"], filterset_class=None)
    def entries(self, request: Request, **_: str) -> Response:
        """Log time on a request of the team."""
        given = self.read(TimeIn)
        team = self.budget().team
        found = visible_to(request.user).filter(number=given["request"], team=team).select_related("team").first()
        if found is None:
            raise DomainError("requests.unknown_request", "This team has no such request.", "request")
        entry = log_time(
            actor=request.user, request=found, minutes=given["minutes"], work_date=given["work_date"],
            idem_key=_key(request), at=self.at,
        )  # fmt: skip
        return Response(self.get_serializer(entry).data, status=201)

    @extend_schema(request=WhatIfIn, responses=dict)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="what-if")
    def what_if(self, request: Request, **_: str) -> Response:
        """What changes would do to the quarter's plan and band; the same as at `plans/`."""
        try:
            plan = plan_called(request.user, str(self.kwargs["team"]), str(self.kwargs["quarter"]))
        except NotVisible:
            raise Http404 from None
        return worked_out(plan, self.read(WhatIfIn), request.user, self.at)


def _key(request: Request) -> uuid.UUID:
    """The caller's key as the key of the entry, so that a retry after a day still posts once."""
    given = request.headers.get("Idempotency-Key", "")
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{request.user.pk}:api:{given}") if given else uuid.uuid4()
