"""GET /api/v1/oncall/export.md: the duty plan of a team as one Markdown file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema

from oncall.api.naming import team_called
from oncall.api.rota_shapes import AnswerShown
from oncall.models import Rota
from oncall.queries.export import Wanted, duty_export
from portal.core.api.viewsets import ActionViewSet
from portal.core.errors import BadRequest, DomainError

if TYPE_CHECKING:
    from rest_framework.request import Request

LONGEST = timedelta(days=400)
YEAR = timedelta(days=364)


SPAN = [
    OpenApiParameter("team", str, required=True, description="The slug of the team"),
    OpenApiParameter("from", OpenApiTypes.DATE, description="The first day; today without it"),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day; a year later without it"),
]


@extend_schema(tags=["oncall"])
class ExportViewSet(ActionViewSet):
    """The file people hand on: ownership, schedule, holidays, fairness, agreements, runbooks, open points."""

    queryset = Rota.objects.none()
    serializer_class = AnswerShown
    query_parameters = frozenset({"team", "from", "to"})
    scopes = {"read": "oncall:read"}

    @extend_schema(parameters=SPAN, responses={(200, "text/markdown"): OpenApiTypes.STR})
    def list(self, request: Request) -> HttpResponse:
        """`team` by slug, `from` and `to` as days, 400 at most."""
        team = team_called(request.query_params.get("team", ""))
        first = _day(request, "from", self.at.date())
        last = _day(request, "to", first + YEAR)
        if not first <= last <= first + LONGEST:
            raise DomainError("oncall.bad_span", "From one day to 400 days.", "to")
        text = duty_export(Wanted(team, first, last, request.user, self.at))
        headers = {"Content-Disposition": f'attachment; filename="{team.slug}-duty.md"'}
        return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)


def _day(request: Request, name: str, default: date) -> date:
    try:
        return date.fromisoformat(request.query_params.get(name) or default.isoformat())
    except ValueError:
        raise BadRequest("core.bad_filter", f"{name} is a day such as 2027-01-04.", name) from None
