"""The lock checklist, the upkeep behind a plan and scenarios side by side, as the pages print them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from portal.core.web.presentation import Badge, Row, count_words, percent_words
from requests_queue.domain.plan import lock_ruling, not_bumpable_at_risk
from requests_queue.domain.scenarios import write_change, write_changes
from requests_queue.web.plan_shown import days, effect_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from requests_queue.domain.scenarios import Outcome, Slip
    from requests_queue.queries.plans import PlanView

Cell = tuple[str, bool]
SIDES = {"fits": "fits", "at_risk": "at risk", "below": "below the line", "": "not there"}


@dataclass(frozen=True)
class Told:
    """A what-if and what comes out of it; `key` is 0 for one that is tried and not kept."""

    key: int
    name: str
    changes: Sequence[Mapping[str, Any]]
    outcome: Outcome


@dataclass(frozen=True)
class ScenarioCard:
    """What one what-if changes, as it was typed, and which lines change their side; `url` hands its lines on."""

    key: int
    name: str
    changes: Sequence[str]
    slips: Sequence[Row]
    url: str


@dataclass(frozen=True)
class Refusable:
    """A wish that will not be on the list when the plan is locked; a reason makes it a plain no."""

    key: int
    title: str
    number: str


def checks_of(view: PlanView) -> list[Row]:
    """What stands in the way of a lock, and what is worth a look."""
    works, beside = [line.item for line in view.lines], count_words(len(view.unranked), "wish", "wishes")
    ruling = lock_ruling([row.work for row in view.outcome.rows], view.outcome.uses)
    bumped, stiff = days(ruling.at_risk), len(not_bumpable_at_risk(view.outcome.rows))
    ownerless = sum(item.owner_id is None for item in works)
    waiting = sum(getattr(item, "open_needs", 0) for item in works)
    missing = len(view.partners) - view.voted
    return [
        _check(ruling.over == 0, "The work fits", f"{days(ruling.over)} too much"),
        _check(stiff == 0, "Lines at risk may give way", f"{count_words(stiff, 'line')} at risk cannot give way"),
        _soft(ownerless == 0, "Each line has somebody", f"{count_words(ownerless, 'line')} without an owner"),
        _soft(waiting == 0, "Other teams have answered", f"{count_words(waiting, 'commitment')} not answered yet"),
        _soft(missing == 0, "Every partner has voted", f"{count_words(missing, 'team')} without a vote"),
        _soft(not view.unranked, "Nothing beside the list", f"{beside} beside it"),
        _soft(ruling.at_risk == 0, "Ad-hoc work bumps nothing", f"Amber use will bump {bumped} of planned work"),
    ]  # fmt: skip


def over_of(view: PlanView, over: Mapping[str, int]) -> list[Row]:
    """People with more lines than time, as far as the viewer may see it."""
    names = {member.handle: member.name for member in view.facts.members}
    bad = ", ".join(f"{names[handle]} has {days(minutes)} too much" for handle, minutes in sorted(over.items()))
    return [_soft(not over, "Nobody has more than their own time", bad)]


def effects_of(view: PlanView, effects: Mapping[int, tuple[int, int]]) -> list[Row]:
    """What each line adds to upkeep or takes off it, so that the promise shows what it costs later."""
    return [
        Row(title=line.item.title, url=f"/plan/lines/{line.item.pk}", icon="trending-up",
            facts=[effect_words(effects[line.item.pk])])
        for line in view.lines
        if line.item.pk in effects
    ]  # fmt: skip


def aside_of(view: PlanView) -> list[Refusable]:
    """Wishes that the lock moves on: below the line, or beside the list."""
    below = [line.item.candidate for line in view.lines if line.placed.side == "below" and line.item.candidate]
    return [Refusable(one.pk, one.title, one.number) for one in [*below, *view.unranked]]


def upkeep_rows(view: PlanView) -> list[Row]:
    """Upkeep and on-call with the suggestion beside what a person set."""
    rows = []
    for item in sorted((item for item in view.items if item.rank is None), key=lambda item: item.kind):
        facts = [f"suggested {days(item.suggested_minutes or 0)}"]
        if item.reason:
            facts.append(f"set by hand: {item.reason}")
        rows.append(Row(title=item.title, url="", icon="wrench", facts=facts, side=f"{item.minutes:,} min"))
    return rows


def scenario_heads(kept: Sequence[Told]) -> list[Cell]:
    """The first row of the table."""
    return [("Figure", False), ("Plan", True), *((one.name, True) for one in kept)]


def scenario_rows(base: Outcome, others: Sequence[Outcome]) -> list[list[Cell]]:
    """Each figure of the plan and of every what-if side by side."""
    every = [base, *others]

    def row(label: str, read: Any) -> list[Cell]:
        return [(label, False), *((read(outcome), True) for outcome in every)]

    return [
        row("Capacity", lambda one: days(one.uses.capacity)),
        row("Maintenance", lambda one: days(one.uses.maintenance)),
        row("On-call", lambda one: days(one.uses.oncall)),
        row("Fits for sure", lambda one: days(max(0, one.uses.line_1))),
        row("Can be promised", lambda one: days(max(0, one.uses.line_2))),
        row("Planned", lambda one: days(one.planned)),
        row("Too much", lambda one: days(one.minutes_over) if one.minutes_over else "nothing"),
        row("Lines that fit", lambda one: f"{one.fitting} of {len(one.rows)}"),
        row("Ad-hoc band", lambda one: f"{days(one.uses.floor)} to {days(one.uses.cap)}"),
        row("Ad-hoc forecast", lambda one: f"{days(one.forecast)}, {one.state}"),
        row("Upkeep share", lambda one: percent_words(one.uses.maintenance / max(1, one.uses.capacity))),
    ]


def slip_card(told: Told, moved: Sequence[Slip]) -> ScenarioCard:
    """A what-if with the lines that change their side, and the address that works out the same lines."""
    rows = [
        Row(title=slip.title, url="", icon="arrow-right", facts=[f"was: {SIDES[slip.was]}"], side=SIDES[slip.now],
            side_css="text-warn")
        for slip in moved
    ]  # fmt: skip
    lines = [write_change(change) for change in told.changes]
    return ScenarioCard(told.key, told.name, lines, rows, f"?{urlencode({'text': write_changes(told.changes)})}")


def _check(is_ok: bool, good: str, bad: str) -> Row:  # noqa: FBT001 (one truth a row)
    badge = Badge("Ready", "ok", "check") if is_ok else Badge("In the way", "bad", "x")
    return Row(title=good if is_ok else bad, url="", dot="ok" if is_ok else "bad", badges=[badge])


def _soft(is_ok: bool, good: str, bad: str) -> Row:  # noqa: FBT001 (one truth a row)
    return Row(title=good if is_ok else bad, url="", dot="ok" if is_ok else "warn")
