"""`/load/` and `/teams/<slug>/health`: is anyone over the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from portal.accounts.policies import teams_visible_to
from portal.core.web.presentation import Banner, Row, count_words, when
from portal.core.web.views import PageView
from portal.site.queries.load import loads_of, people_led_by, team_loads, views_of
from portal.site.queries.reports import report_of
from portal.site.services.load import note_load_views
from portal.site.web.reports import cell_words

if TYPE_CHECKING:
    from datetime import datetime

    from portal.site.queries.load import PersonLoad

HEADS = (("Load", False), ("4 weeks", True), ("Usual", True), ("13 weeks", True), ("Limit", True))
FEW = "fewer than 3 people"


class LoadView(PageView):
    """Own loads, and for a lead those of the team; nobody else, admins and auditors included."""

    page_title = "Load"
    nav_key = "load"
    template_name = "site/load.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        led = people_led_by(viewer, at)
        mine, *others = loads_of([viewer, *led], viewer, at)
        note_load_views(actor=viewer, people=led, at=at)
        return {
            "heads": HEADS, "mine": _table(mine), "banners": [_banner(one) for one in [mine, *others] if one.over],
            "others": [(one.person, _table(one)) for one in others],
            "views": [
                Row(title=row.actor.name if row.actor else "somebody", url="", icon="eye",
                    facts=[when(row.at, viewer.zone, at)])
                for row in views_of(viewer)
            ],
        }  # fmt: skip


class TeamHealthView(PageView):
    """Sums of at least three people, of fixed quarters only; everybody reads them."""

    nav_key = "load"
    template_name = "site/team_health.html"

    def context(self, at: datetime) -> dict[str, Any]:
        team = teams_visible_to(self.request.user).filter(slug=self.kwargs["slug"], archived_at=None).first()
        if team is None:
            raise Http404
        quarter, sums = team_loads(team, self.request.user, at)
        used = report_of("quarter", "", team.slug, self.request.user, at)
        return {
            "page_title": f"Health of {team.name}", "team": team, "quarter": quarter,
            "crumbs": (("Teams", "/teams/"), (team.name, f"/teams/{team.slug}")),
            "heads": (("Load", False), ("All together", True), ("In the middle", True)),
            "table": [
                ((one.column.label, False), (_words(one.total, one.column.unit), True),
                 (_words(one.median, one.column.unit), True))
                for one in sums
            ],
            "use_heads": [(column.label, column.kind != "text") for column in used.entry.columns[1:]],
            "uses": [
                [(cell_words(value, column.kind), column.kind != "text")
                 for value, column in zip(row[1:], used.entry.columns[1:], strict=True)]
                for row in used.rows
            ],
            "now": used.scope.quarter.name,
        }  # fmt: skip


def _table(load: PersonLoad) -> list[Any]:
    """The unit stands with the name, so that five columns fit a phone."""
    return [
        (
            (", ".join(filter(None, (cell.column.label, cell.column.unit))), False), (f"{cell.short:,}", True),
            (f"{cell.usual:,}", True), (f"{cell.long:,}", True),
            ("none" if cell.column.limit is None else f"{cell.column.limit:,}", True),
        )
        for cell in load.cells
    ]  # fmt: skip


def _banner(load: PersonLoad) -> Banner:
    things = count_words(len(load.over), "thing")
    line = "; ".join(f"{cell.column.label}: {cell.column.action}" for cell in load.over)
    return Banner(f"{load.person.name}: {things} over the limit", line)


def _words(value: int | None, unit: str) -> str:
    return FEW if value is None else f"{value:,} {unit}".strip()
