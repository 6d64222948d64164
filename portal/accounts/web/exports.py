"""The people and teams of a page as CSV, in the columns their import reads (spec accounts 7); no addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_GET

from portal.accounts.filters import PersonFilter, TeamFilter
from portal.accounts.policies import people_visible_to, teams_visible_to
from portal.accounts.queries.people import with_main_place
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid

if TYPE_CHECKING:
    from django.http import HttpRequest, StreamingHttpResponse

PEOPLE = ("handle", "name", "kind", "state", "team", "discipline", "role", "fte_percent", "zone")
TEAMS = ("slug", "name", "discipline", "model", "host_team", "parent", "zone", "archived_at")


@require_GET
def export_people(request: HttpRequest) -> StreamingHttpResponse:
    """With the main team of today, of each person's main place."""
    found = asked_people(request)
    rows = with_main_place(found.qs, clock.now().date()).order_by("handle")
    lines = rows.values_list("handle", "name", "kind", "state", "place_team", "place_discipline", "place_role",
                             "place_share", "zone")  # fmt: skip
    return csv_response("people", PEOPLE, lines.iterator(chunk_size=1000), count=found.qs.count())


@require_GET
def export_teams(request: HttpRequest) -> StreamingHttpResponse:
    """Archived ones say when."""
    found = TeamFilter(request.GET, queryset=teams_visible_to(request.user).filter(is_system=False), request=request)
    ensure_valid(found)
    lines = found.qs.order_by("slug").values_list(
        "slug", "name", "discipline", "model", "host_team__slug", "parent__slug", "zone", "archived_at"
    )
    return csv_response("teams", TEAMS, lines.iterator(chunk_size=1000), count=found.qs.count())


def asked_people(request: HttpRequest) -> PersonFilter:
    """The people of the address; who has left is there only when asked for."""
    found = PersonFilter(request.GET, queryset=people_visible_to(request.user), request=request)
    ensure_valid(found)
    return found
