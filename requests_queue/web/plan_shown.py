"""What the plan's pages print: ready strings, made once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from portal.core.domain.quarter import quarter_of
from portal.core.web.presentation import (
    NO_BREAK,
    Badge,
    Fact,
    avatar,
    count_words,
    pct_class,
    percent_words,
    when,
)
from requests_queue.domain.plan import POINTS
from requests_queue.web.markup import badges_markup, face_markup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.utils.safestring import SafeString

    from requests_queue.domain.plan import Uses
    from requests_queue.domain.scenarios import Outcome
    from requests_queue.models import PlanCandidate, PlanItem, QuarterPlan
    from requests_queue.queries.plans import PlanLine, PlanView

DAY_MINUTES, HOUR = 480, 60
BASIS = 10_000
STATES = {
    "draft": Badge("Draft", "gray"), "open_for_input": Badge("Open for input", "info"),
    "locked": Badge("Locked", "ok", "lock"), "closed": Badge("Closed", "gray"),
}  # fmt: skip
SOURCES = {
    "request": ("gray", "clock-3", "Deferred"), "cluster": ("ok", "combine", "Questions to one model"),
    "boundary": ("warn", "shield-alert", "Fixes a boundary"), "migration": ("info", "git-compare-arrows", "Migration"),
    "incident": ("bad", "siren", "After an incident"), "precheck": ("ok", "moon-star", "Saves pages at night"),
    "shortcut": ("warn", "scissors", "Was left out"), "runbook_loan": ("warn", "hourglass", "Borrowed in a runbook"),
    "member": ("line", "users", "Proposed"),
}  # fmt: skip
ITEM_BADGES = {
    "started": Badge("Begun", "info", "play"), "done": Badge("Shipped", "ok", "check"),
    "dropped": Badge("Dropped", "gray", "x"), "carried": Badge("Carried over", "gray", "skip-forward"),
}  # fmt: skip


# The least shares of the bar, 1,080 pixels wide, that hold a long word, a short one, or a figure.
LONG_FITS, WORD_FITS, FIGURE_FITS, LONG_WORD = 0.09, 0.05, 0.03, 8


@dataclass(frozen=True)
class Segment:
    """A stretch of the capacity bar; a desktop shows no word in a narrow one and nothing in a thin one."""

    css: str
    share: str
    label: str
    is_narrow: bool = False
    is_thin: bool = False


@dataclass(frozen=True)
class Note:
    """One of the four sentences under the bar."""

    icon: str
    css: str
    title: str
    line: str


@dataclass(frozen=True)
class LineRow:
    """A line of the ranked list; `key` is the line, `url` its page. Ready strings: 200 lines are printed at once."""

    key: str
    candidate: str
    rank: str
    title: str
    url: str
    badges: SafeString
    facts: tuple[str, ...]
    face: SafeString | None
    owner: str
    over: str
    size: str
    spread: str
    points: str
    is_voted: bool
    next_points: str


@dataclass(frozen=True)
class Cut:
    """A dashed row; `is_last` is the line below which nothing is promised."""

    text: str
    is_last: bool


@dataclass(frozen=True)
class ListEntry:
    """A row of the list: a line as it is printed, or a cut."""

    line: SafeString | None = None
    cut: Cut | None = None


@dataclass(frozen=True)
class Column:
    """A column of the chart of ad-hoc shares."""

    x: int
    y: int
    height: int
    middle: int
    css: str
    value: str
    value_y: int
    label: str


def days(minutes: int) -> str:
    """Minutes as days of work: "18 d", "1.5 d", "3 h", "20 min"."""
    if minutes < HOUR:
        return f"{minutes}{NO_BREAK}min"
    if minutes < DAY_MINUTES:
        return f"{round(minutes / HOUR)}{NO_BREAK}h"
    size = round(minutes / DAY_MINUTES, 1)
    return f"{size:g}{NO_BREAK}d"


def segments_of(uses: Uses) -> list[Segment]:
    """The bar: upkeep, on-call, room for planned work, the stretch that is either's, ad-hoc."""
    whole = max(1, uses.capacity)
    parts = (
        ("k-maintenance", uses.maintenance, "Maintenance"), ("k-oncall", uses.oncall, "On-call"),
        ("k-planned", max(0, uses.line_1), "Planned work"), ("free", uses.cap - uses.floor, "Either"),
        ("k-adhoc", uses.floor, "Ad-hoc"),
    )  # fmt: skip
    return [_segment(css, minutes / whole, label) for css, minutes, label in parts]


def _segment(css: str, share: float, label: str) -> Segment:
    fits = WORD_FITS if len(label) < LONG_WORD else LONG_FITS
    share_class = pct_class(min(1.0, share))
    return Segment(f"{css} {share_class}", percent_words(share, 0), label, share < fits, share < FIGURE_FITS)


def bar_label(uses: Uses) -> str:
    """The bar as a sentence for readers."""
    whole = max(1, uses.capacity)
    return (
        f"Maintenance {percent_words(uses.maintenance / whole, 0)}, on-call {percent_words(uses.oncall / whole, 0)}, "
        f"planned work {percent_words(max(0, uses.line_1) / whole, 0)}, ad-hoc at least "
        f"{percent_words(uses.floor / whole, 0)} and at most {percent_words(uses.cap / whole, 0)}"
    )


def lead_of(view: PlanView, zone: str, at: datetime) -> str:
    """The line under the title."""
    people = count_words(len(view.facts.members), "person", "people")
    whole = round(view.outcome.uses.capacity / DAY_MINUTES)
    parts = [people, f"{whole:,} person-days after holidays and leave"]
    if view.plan.locked_at is not None:
        parts.append(f"locked {when(view.plan.locked_at, zone, at).text}")
    elif view.plan.input_closes_at > at:
        left = (view.plan.input_closes_at - at).days
        parts.append(f"input closes {when(view.plan.input_closes_at, zone, at).text}, in {count_words(left, 'day')}")
    else:
        parts.append(f"input closed {when(view.plan.input_closes_at, zone, at).text}")
    return " · ".join(parts)


def notes_of(view: PlanView, outcome: Outcome) -> list[Note]:
    """Upkeep and how it grew, on-call, what fits, the band."""
    uses = outcome.uses
    whole = max(1, uses.capacity)
    new = sum(line.item.minutes for line in view.lines if line.item.carried_from_id is None)
    carried = sum(line.item.minutes for line in view.lines if line.item.carried_from_id is not None)
    weeks = view.plan.upkeep.get("weeks", 13)
    band = view.facts.terms
    fits = f"{days(new)} new + {days(carried)} carried over, of {days(max(0, uses.line_1))}."
    over = outcome.minutes_over
    return [
        _growth_note(view.plan, uses),
        Note("siren", "", f"On-call {percent_words(uses.oncall / whole, 0)}",
             f"{weeks} weeks, {days(uses.oncall)} in all{_pages_expected(view.plan)}."),
        Note("target", "text-bad" if over else "", f"{outcome.fitting} of {len(outcome.rows)} fit",
             f"{days(over)} more than can be promised." if over else fits),
        Note("check", "text-ok", f"Ad-hoc {band.floor_bp / 100:g}–{band.cap_bp / 100:g}{NO_BREAK}%",  # noqa: RUF001 (a range)
             f"{days(uses.floor)} to {days(uses.cap)}. Complex work is not in here."),
    ]  # fmt: skip


def entries_of(
    view: PlanView, outcome: Outcome, over: Mapping[str, int], at: datetime, *, may_vote: bool, may_move: bool
) -> list[ListEntry]:
    """The ranked list with its two cuts; a cut stands where the next line has passed it, or at the end.

    `over` is minutes too much by handle, said beside each line of that person.
    """
    entries: list[ListEntry] = []
    sides = {row.work.key: row.side for row in outcome.rows}
    left = POINTS * len(view.own_teams) - sum(view.points_by_team.get(team.pk, 0) for team in view.own_teams)
    order = ("fits", "at_risk", "below")
    stand = 0
    for line in view.lines:
        side = order.index(sides.get(line.item.pk, "below"))
        while stand < side:
            stand += 1
            entries.append(ListEntry(cut=_cut(view, outcome, stand)))
        row = line_row(view, line, sides.get(line.item.pk, ""), left, at)
        owner = line.item.owner
        if owner is not None and owner.handle in over:
            row = replace(row, over=f"{days(over[owner.handle])} too much for {owner.name}")
        entries.append(ListEntry(_printed(row, may_vote=may_vote, may_move=may_move)))
    if view.lines and stand == 0:
        entries.append(ListEntry(cut=_cut(view, outcome, 1)))
    return entries


def line_row(view: PlanView, line: PlanLine, side: str, points_left: int, at: datetime) -> LineRow:
    """A line with its badges, facts and faces; pressing its vote gives it `next_points` of the viewer's team."""
    item, own = line.item, view.own_points.get(line.item.candidate_id or 0, 0)
    badges, facts = _source(view, item.candidate, at) if item.candidate else _carried(item)
    if side == "at_risk":
        badges = [Badge("At risk: gives way to ad-hoc work" if item.is_bumpable else "At risk", "warn"), *badges]
    if item.state in ITEM_BADGES:
        badges = [ITEM_BADGES[item.state], *badges]
    if needs := getattr(item, "open_needs", 0):
        facts = [*facts, f"waits for a yes of {count_words(needs, 'team')}"]
    if item.expected_month is not None:
        facts = [*facts, f"expected in {item.expected_month:%B}"]
    return LineRow(
        key=str(item.pk), candidate=str(item.candidate_id or ""), rank=str(item.rank or ""), title=item.title,
        url=f"/plan/lines/{item.pk}",
        badges=badges_markup(badges), facts=tuple(facts), face=face_markup(avatar(item.owner)) if item.owner else None,
        owner=item.owner.name if item.owner else "", over="", size=days(item.minutes),
        spread=f"±{NO_BREAK}{days(item.spread_minutes)}" if item.spread_minutes else "",
        points=str(line.points), is_voted=own > 0, next_points=str(own + (1 if points_left > 0 else 0)),
    )  # fmt: skip


@lru_cache(maxsize=2000)
def _printed(row: LineRow, *, may_vote: bool, may_move: bool) -> SafeString:
    """All that a line prints is in its row, so that a plan is printed anew where it changed."""
    facts = {"row": row, "may_vote": may_vote, "may_move": may_move}
    return render_to_string("requests_queue/plan/line.html", facts)


def candidate_facts(candidate: PlanCandidate, zone: str, at: datetime) -> list[Fact]:
    """What is known of a wish."""
    facts = [Fact("Number", candidate.number)]
    if candidate.sponsor is not None:
        facts.append(Fact("Wanted by", candidate.sponsor.name))
    if candidate.estimate_minutes is not None:
        facts.append(Fact("Estimate", days(candidate.estimate_minutes)))
    said = f"{candidate.cost_of_delay} of 5" if candidate.cost_of_delay else "nobody has said"
    facts += [Fact("Cost of delay", said), Fact("Since", when(candidate.created_at, zone, at).text)]
    if candidate.decision_reason:
        facts.append(Fact("Answer", candidate.decision_reason))
    return facts


def source_badge(candidate: PlanCandidate) -> Badge:
    """Where a wish comes from."""
    css, icon, words = SOURCES[candidate.source_type]
    return Badge(words, css, icon)


def closing_words(plan: QuarterPlan, zone: str) -> str:
    """The close of input as a day and a time."""
    return f"{plan.input_closes_at.astimezone(ZoneInfo(zone)):%a %-d %b, %H:%M}"


def columns_of(shares: Sequence[tuple[str, float, bool, bool]]) -> list[Column]:
    """The chart of ad-hoc shares: 130 units are 15 %, the band lies between 5 and 10."""
    columns = []
    for n, (label, share, over, newest) in enumerate(shares):
        height = min(118, max(2, round(share * 100 * 8)))
        x = 52 + 60 * n
        css = "col over" if over else "col now" if newest else "col"
        columns.append(
            Column(x, 130 - height, height, x + 17, css, f"{share * 100:.3g}", 125 - height, label.split()[0])
        )
    return columns


def chart_label(shares: Sequence[tuple[str, float, bool, bool]]) -> str:
    """The chart as a sentence."""
    told = ", ".join(f"{label} {share * 100:.3g}" for label, share, _, _ in shares)
    return f"Ad-hoc share in percent: {told}; the agreed band is 5 to 10 percent"


def effect_words(effect: tuple[int, int]) -> str:
    """What a line does to upkeep: "+1,080 min in the quarter after, +720 in every later one"."""
    return f"{effect[0]:+,} min in the quarter after, {effect[1]:+,} in every later one"


def refusals_of(form: Any) -> list[str]:
    """What is wrong with what was sent, each with the name of its field where the page does not show the field."""
    if form is None or not form.is_bound:
        return []
    found = []
    for name, errors in form.errors.items():
        label = _label(form, name)
        found += [f"{label}: {error}" if label else str(error) for error in errors]
    return found


def _label(form: Any, name: str) -> str:
    """What people call the field; nothing for a whole text, which its own button names."""
    if name not in form.fields or name == "text":
        return ""
    return str(form.fields[name].label or name.replace("_", " ").capitalize())


def quarter_name(plan: QuarterPlan) -> str:
    return quarter_of(plan.quarter_start).name


def plan_path(plan: QuarterPlan) -> str:
    return f"/plan/{plan.team.slug}/{quarter_of(plan.quarter_start).label}"


def origin_words(plan: QuarterPlan) -> str:
    """Where the figures of upkeep come from: the team's own quarters as far as there are two, else the defaults."""
    measured, known = plan.upkeep.get("measured", 0), plan.upkeep.get("pipelines", 0)
    if not known:
        return "nothing to keep up yet"
    return f"upkeep of {measured} of {count_words(known, 'pipeline')} from your own quarters, else by tier; editable"


def _pages_expected(plan: QuarterPlan) -> str:
    pages = plan.upkeep.get("pages", 0)
    return f"; about {count_words(pages, 'page')} if it goes on so" if pages else ""


def plan_head(plan: QuarterPlan) -> dict[str, Any]:
    """What every page beside the plan needs: the plan, its address, title and way back."""
    path, name = plan_path(plan), quarter_name(plan)
    crumbs = (("Planning", "/plan/"), (f"{plan.team.name}, {name}", path))
    return {"plan": plan, "path": path, "page_title": f"{name} plan", "crumbs": crumbs}


def _growth_note(plan: QuarterPlan, uses: Uses) -> Note:
    whole = max(1, uses.capacity)
    before = list(plan.upkeep.get("before", []))
    steps = [*before, uses.maintenance]
    told = " → ".join(f"{round(100 * minutes / whole)}" for minutes in steps)
    half = plan.upkeep.get("causing_half", 0)
    cause = f"{count_words(half, 'pipeline')} cause{'s' if half == 1 else ''} half." if half else "No pipelines yet."
    grows = bool(before) and uses.maintenance > before[0]
    return Note(
        "trending-up" if grows else "wrench", "text-warn" if grows else "",
        "Maintenance grows" if grows else "Maintenance is steady", f"{told}{NO_BREAK}% of today's time. {cause}",
    )  # fmt: skip


def _cut(view: PlanView, outcome: Outcome, n: int) -> Cut:
    if n == 1:
        carried = sum(line.item.minutes for line in view.lines if line.item.carried_from_id is not None)
        tail = f", {days(carried)} of them carried over" if carried else ""
        return Cut(f"{days(max(0, outcome.uses.line_1))} fit{tail}", is_last=False)
    return Cut(f"{days(max(0, outcome.uses.line_2))}: below this line, not this quarter", is_last=True)


def _source(view: PlanView, candidate: PlanCandidate, at: datetime) -> tuple[list[Badge], list[str]]:
    css, icon, words = SOURCES[candidate.source_type]
    asked, zone = view.asked.get(candidate.pk, []), getattr(view.viewer, "zone", "UTC")
    if candidate.source_type == "cluster":
        label = f"{count_words(len(asked), 'question')} → 1 model"
        teams = {request.team for request in asked}
        return [Badge(label, css, icon)], [f"asked by {count_words(len(teams), 'team')}"] if asked else []
    if candidate.source_type == "request" and asked:
        badge = Badge(f"{words} · {asked[0].number}", css, icon, f"/requests/{asked[0].number}")
        return [badge], [f"waits since {when(asked[0].filed_at, zone, at).text.rsplit(' ', 1)[0]}"]
    if candidate.sponsor is None and candidate.source_id is not None and candidate.why:
        return [Badge(words, css, icon)], [candidate.why]
    who = f"by {candidate.sponsor.name}" if candidate.sponsor is not None else "by the team"
    return [Badge(words, css, icon)], [who]


def _carried(item: PlanItem) -> tuple[list[Badge], list[str]]:
    if item.carried_from_id is not None:
        return [Badge("Carried over", "info", "skip-forward")], ["not finished in the quarter before"]
    return [Badge("Came in after the lock", "warn", "plus")], []
