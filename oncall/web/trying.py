"""`/oncall/dry-run`: what happens if it breaks at an instant. Reads only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oncall.domain.agreements import CLASS_WORDS
from oncall.queries.named import asset_called
from oncall.queries.on_assets import bus_factor_words, menders_of
from oncall.queries.simulating import rehearse
from portal.core.errors import BadRequest, DomainError
from portal.core.web.presentation import Fact, Row, Step, count_words, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from django.http import HttpRequest

    from oncall.domain.decision import Verdict
    from oncall.queries.simulating import PlannedStep, Rehearsal


class DryRunView(PageView):
    """The decision, the agreement it quotes, and each step with its instant and people."""

    page_title = "What happens if it breaks?"
    nav_key = "agreements"
    crumbs = (("3 am agreements", "/agreements/"),)
    template_name = "oncall/dry_run.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        wanted = self.request.GET.get("asset", "")
        moment = instant_of_page(self.request, viewer.zone, at)
        facts = {"asset": wanted, "moment": f"{moment.astimezone(ZoneInfo(viewer.zone)):%Y-%m-%dT%H:%M}"}
        if not wanted:
            return facts
        try:
            asset = asset_called(wanted, viewer)
        except DomainError as refusal:
            return facts | {"refusal": refusal.message}
        bus = bus_factor_words(menders_of(asset.pk, viewer, at))
        return facts | shown_rehearsal(rehearse(asset, moment), viewer.zone, at) | {"bus": bus}


def instant_of_page(request: HttpRequest, zone: str, at: datetime) -> datetime:
    """The instant of the form in the viewer's zone; now without one."""
    text = request.GET.get("at", "")
    if not text:
        return at
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest("oncall.bad_instant", f"{text[:40]!r} is no instant. Write 2027-06-20T03:00.", "at") from None
    local = found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def shown_rehearsal(found: Rehearsal, zone: str, at: datetime) -> dict[str, Any]:
    """The answer in words."""
    decision = found.decision
    acts = when(decision.act_at, zone, at).text
    how = "pages" if decision.pages else "becomes a task, nobody is paged"
    return {
        "verdict": f"It {how} at once." if decision.is_now else f"It waits until {acts}, then {how}.",
        "by": f"Decided by {_who(decision.by)}: {CLASS_WORDS[decision.by.night_class]}.",
        "quoted": _quoted(decision.by), "not_agreed": decision.not_agreed, "found": found,
        "fix_by": f"by {when(decision.fix_by, zone, at).text}" if decision.fix_by else "as soon as possible",
        "steps": [_step(step, found, zone, at) for step in found.steps],
        "works_from": _works_from(found, zone, at),
        "again": f"Then it begins again, {count_words(found.repeat, 'time')}." if found.repeat else "",
        "rows": [
            Row(each.team or "Default", f"/agreements/{each.id}" if each.id else "", "ok" if each.is_agreed else "bad",
                facts=[word for word in (each.asset, CLASS_WORDS[each.night_class], each.shown_meanwhile) if word],
                side=when(each.act_at, zone, at).text)
            for each in decision.verdicts
        ],
    }  # fmt: skip


def _works_from(found: Rehearsal, zone: str, at: datetime) -> str:
    """What a team without a rota answers by."""
    if found.works_from is None or found.team is None:
        return ""
    now = found.works_from <= found.at
    since = "it works then" if now else f"next from {when(found.works_from, zone, at).text}"
    return f"{found.team.name} has no rota: it answers in working hours only, {since}."


def _who(by: Verdict) -> str:
    if by.is_agreed:
        return by.team
    return f"the default, not agreed with {by.team}" if by.team else "the team's default"


def _quoted(by: Verdict) -> list[Fact]:
    """What the agreement that decides says, in its own words."""
    told = ", ".join(f"{team} within {minutes} min" for team, minutes in by.tell)
    said = (("If it is not fixed", by.consequence), ("Shown meanwhile", by.shown_meanwhile), ("Told", told))
    return [Fact(label, text) for label, text in said if text]


def _step(step: PlannedStep, found: Rehearsal, zone: str, at: datetime) -> Step:
    """Who is told, by which of their ways, and when."""
    names = ", ".join(each.name for each in step.people) or "nobody: the next step at once"
    ways = [
        ", ".join(found.ways.get(each.person_id or 0, ())) or "mail only: no rule for pages"
        if each.wakes else f"{each.name} has no verified way that wakes"
        for each in step.people
        if not each.endpoint
    ]  # fmt: skip
    return Step(names, "; ".join(ways), when(step.at, zone, at).text)
