"""Who would be missed, and what a team would look like with somebody else in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ownership import policies
from ownership.domain.bus import COVERED, OUTCOME_WORDS
from ownership.domain.kinds import kind_of
from ownership.queries.bus_test import beside_assets, run_bus_test
from ownership.queries.parties import leads_one_of, teams_of_person
from ownership.queries.shapes import shapes_of, what_if
from ownership.shape_forms import WhatIfForm
from ownership.web.shown import asset_url
from portal.accounts.policies import people_visible_to, teams_visible_to
from portal.core import clock
from portal.core.panels import panels
from portal.core.policies import require
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import Badge, Link, Row, percent_words
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.domain.bus import Stake
    from ownership.domain.shape import Shape
    from ownership.queries.bus_test import BusTest
    from portal.accounts.models import Person, Team

SHOWN = 200
ASSETS = "Assets"
HEADER = ("what", "asset", "kind", "tier", "role", "outcome", "could_step_in", "says")
CSS = {"nobody": "bad", "on_paper": "warn", "last_backup": "warn", COVERED: "ok"}


def tested(viewer: Any, handle: str, at: datetime) -> tuple[Person, BusTest]:
    """The person and what would stand without them; for that person, who leads them, and admins."""
    person = get_object_or_404(people_visible_to(viewer), handle=handle)
    require(policies.shapes.can_run_bus_test(viewer, person, leads=leads_one_of(viewer, person, at)))
    return person, run_bus_test(person, at)


class BusTestView(PageView):
    """`/people/<handle>/ownership/without`."""

    nav_key = "people"
    template_name = "ownership/without.html"

    def context(self, at: datetime) -> dict[str, Any]:
        person, found = tested(self.request.user, str(self.kwargs["handle"]), at)
        shown = found.left_behind[:SHOWN]
        beside = beside_assets(person, at)
        return {
            "page_title": f"Without {person.name}",
            "crumbs": (("People", "/people/"), (person.name, f"/people/{person.handle}")),
            "lead": "What would be without somebody who can act if they were gone today. Seen by them, their leads and "
            "admins.",
            "badges": [
                Badge(f"{count}: {OUTCOME_WORDS[outcome]}", CSS[outcome])
                for outcome, count in found.counts.items()
                if count
            ],
            "actions": [Link("Download CSV", f"/people/{person.handle}/ownership/without.csv", "download")]
            if found.stakes or beside
            else [],
            "tiers": _by_tier(shown),
            "beside": [(label, [Row(sentence, "") for sentence in sentences]) for label, sentences in beside],
            "hidden": len(found.left_behind) - len(shown),
            "total": len(found.stakes),
        }


def _by_tier(stakes: Sequence[Stake]) -> list[tuple[str, list[Row]]]:
    tiers: dict[str, list[Row]] = {}
    for stake in stakes:
        tiers.setdefault(f"Tier {stake.tier}" if stake.tier else "Without a tier", []).append(_row(stake))
    return list(tiers.items())


def _row(stake: Stake) -> Row:
    names = ", ".join(stake.heirs)
    return Row(
        stake.name,
        asset_url(stake.slug),
        icon=kind_of(stake.kind).icon,
        facts=[OUTCOME_WORDS[stake.outcome], *([f"named as backup: {names}"] if names else [])],
        action=Link("Name a backup", f"{asset_url(stake.slug)}#owners"),
    )


@require_safe
def export_bus_test(request: HttpRequest, handle: str) -> StreamingHttpResponse:
    """Every asset of the person, covered ones as well, and what rests on them in the other rooms."""
    at = clock.now()
    person, found = tested(request.user, handle, at)
    lines: list[tuple[Any, ...]] = [
        (
            ASSETS, stake.slug, kind_of(stake.kind).name, stake.tier, "primary" if stake.is_primary else "backup",
            stake.outcome, "; ".join(stake.heirs), OUTCOME_WORDS[stake.outcome],
        )
        for stake in found.stakes
    ]  # fmt: skip
    lines += [
        (label, "", "", "", "", "", "", sentence)
        for label, sentences in beside_assets(person, at)
        for sentence in sentences
    ]
    return csv_response("without", HEADER, lines, count=len(lines))


FIGURES: tuple[tuple[str, Callable[[Shape], str]], ...] = (
    ("People", lambda shape: str(shape.people)),
    ("Assets they answer for", lambda shape: str(shape.primaries)),
    ("Assets a person", lambda shape: _number(shape.primaries_a_person)),
    ("With a backup who can step in", lambda shape: _share(shape.backed_share)),
    ("Alone in their craft", lambda shape: str(shape.islands)),
    ("Days without cover in 60", lambda shape: str(shape.uncovered_days)),
    ("Boundaries crossed", lambda shape: str(shape.crossings)),
)


class TeamShapeView(PageView):
    """`/teams/<slug>/shape`: the figures of the team beside those of the other model, and what if somebody moved."""

    nav_key = "teams"
    template_name = "ownership/team_shape.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        team = get_object_or_404(teams_visible_to(viewer), slug=self.kwargs["slug"], archived_at=None)
        require(policies.shapes.can_see(viewer, team, teams_of_person(viewer, at)))
        form = WhatIfForm(self.request.GET or None, team=team, at=at)
        columns = _columns(team, form, at)
        return {
            "page_title": f"Shape of {team.name}",
            "crumbs": (("Teams", "/teams/"), (team.name, f"/teams/{team.slug}")),
            "lead": "One central team, or people inside other teams: the same figures for both.",
            "badges": [Badge(team.model, "line")],
            "heads": [("Figure", False), *((title, True) for title, _ in columns)],
            "table": [((label, False), *((words(shape), True) for _, shape in columns)) for label, words in FIGURES],
            "form": form,
            "panels": panels("team.shape", subject=team, viewer=viewer, at=at),
            "moves": form.is_bound and form.is_valid(),
        }


def _columns(team: Team, form: WhatIfForm, at: datetime) -> list[tuple[str, Shape]]:
    """The team alone, or both teams before and after the move that the form asks about."""
    if not (form.is_bound and form.is_valid()):
        return [(team.name, shapes_of([team], at)[team.pk])]
    target = form.cleaned_data["to"]
    found = what_if(form.cleaned_data["person"], team, target, at)
    return [
        (f"{each.name}, {words}", shape)
        for each in (team, target)
        for words, shape in zip(("now", "then"), found[each.pk], strict=True)
    ]


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.1f}"


def _share(value: float | None) -> str:
    return "none" if value is None else percent_words(value, 0)
