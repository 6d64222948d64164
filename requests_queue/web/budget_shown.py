"""View models of the budget: ready strings, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.core.web.presentation import Fact, count_words, day_words, pct_class, percent_words
from requests_queue.domain.letters import work_words
from requests_queue.queries.incidents import what_mattered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter
    from requests_queue.models import BudgetEntry
    from requests_queue.queries.budget import BudgetView, Outlook
    from requests_queue.queries.ledger_lines import Share

SCALE = 0.15
DAY_MINUTES = 480
STATE_WORDS = {"green": "below the band", "amber": "in the band", "red": "at the cap"}
COLOURS = {"green": "text-ok", "amber": "text-warn", "red": "text-bad"}
KIND_WORDS = {
    "RESERVE": "reserved", "SPEND": "worked", "RELEASE": "given back", "REVERSE": "reversed",
    "EXEMPT_SPEND": "worked, exempt", "ADJUST_CAPACITY": "capacity changed", "OVERRIDE": "pulled in by override",
    "ROLL_OUT": "rolled into the next quarter", "ROLL_IN": "rolled in",
}  # fmt: skip


@dataclass(frozen=True)
class Band:
    """The meter: classes for the shares, and the sentence for readers."""

    used: str
    label: str
    ask: str = ""
    over: bool = False


@dataclass(frozen=True)
class EntryRow:
    """A line of the ledger."""

    pk: int
    title: str
    url: str
    who: str
    day: str
    minutes: str
    note: str
    reverse_url: str


@dataclass(frozen=True)
class ShareRow:
    """Minutes of one cell as words and as a share of the used ones."""

    label: str
    words: str
    share: float


def band_of(view: BudgetView, ask: int = 0) -> Band:
    """The band meter of a budget, with what a request would add hatched."""
    used, more = view.share(view.balance.used), view.share(ask)
    floor, cap = view.share(view.floor), view.share(view.cap)
    words = f"{percent_words(used)} used"
    if ask:
        words += f", this would add {percent_words(more)}"
    return Band(
        used=pct_class(used / SCALE), ask=pct_class(more / SCALE, "q") if ask else "", over=used > cap,
        label=f"{words}, agreed band {percent_words(floor, 0)} to {percent_words(cap, 0)}",
    )  # fmt: skip


def sentence_of(view: BudgetView, outlook: Outlook | None = None) -> str:
    """What the state means for who asks now."""
    left = days_words(view.left)
    texts = {
        "green": f"Below the agreed band. Small and medium work goes through; {left} are left up to the cap.",
        "amber": f"Inside the agreed band. Small work goes through, medium work asks the lead; {left} are left.",
        "red": "At the cap. Small work waits in line, everything larger goes to the plan.",
    }
    words = texts[view.state]
    if outlook is not None and outlook.cap_reached_on is not None:
        words += f" At this pace the cap is reached about {_day(outlook.cap_reached_on)}."
    return words


def budget_facts(view: BudgetView, outlook: Outlook) -> list[Fact]:
    """The figures, each in time and in share."""
    balance = view.balance
    facts = [
        Fact("Capacity", work_words(balance.capacity)),
        Fact("Agreed band", f"{work_words(view.floor)} to {work_words(view.cap)}"),
        Fact("Used", f"{work_words(balance.used)}, {percent_words(view.share(balance.used))}", COLOURS[view.state]),
        Fact("Spent", work_words(balance.spent)),
        Fact("Reserved", work_words(balance.reserved)),
        Fact("Exempt, counted apart", work_words(balance.exempt)),
        Fact("Forecast for the quarter", work_words(outlook.forecast.minutes)),
        Fact("Waiting for room", count_words(outlook.queue_length, "request")),
    ]
    if view.terms.overdraft:
        facts.append(Fact("Overdraft of last quarter", work_words(view.terms.overdraft), "text-warn"))
    return facts


def impact_facts(team: Team, quarter: Quarter) -> list[Fact]:
    """What teams downstream said of waiting in the quarter: did it matter. Nothing where nobody has said anything."""
    found = what_mattered(team, quarter)
    words = (("nothing", "It did not matter", ""), ("inconvenient", "Inconvenient", ""), ("harm", "Harm", "text-bad"))
    return [Fact(said, count_words(found.get(key, 0), "time"), css) for key, said, css in words] if found else []


def share_rows(shares: Sequence[Share], view: BudgetView) -> list[ShareRow]:
    """The cells of a breakdown."""
    total = sum(share.minutes for share in shares) or 1
    return [
        ShareRow(
            share.label, f"{work_words(share.minutes)}, {percent_words(view.share(share.minutes))}",
            share.minutes / total,
        )
        for share in shares
    ]  # fmt: skip


def entry_rows(entries: Iterable[BudgetEntry], viewer: Any, view: BudgetView, *, sees_people: bool) -> list[EntryRow]:
    """The lines of the ledger as this viewer may read them."""
    return [_entry(entry, viewer, view.quarter.last_on, sees_people=sees_people) for entry in entries]


def days_words(minutes: int) -> str:
    """Minutes as person-days: "10.6 person-days"."""
    return f"{minutes / DAY_MINUTES:.1f} person-days"


def _entry(entry: BudgetEntry, viewer: Any, today: date, *, sees_people: bool) -> EntryRow:
    request = entry.request
    shown = entry.person is not None and (sees_people or entry.person_id == viewer.pk)
    moved = entry.d_spent or entry.d_exempt or entry.d_capacity or entry.d_reserved
    can_reverse = shown and entry.kind in {"SPEND", "EXEMPT_SPEND"} and request is not None
    note = entry.reason
    if entry.kind == "OVERRIDE" and entry.approver is not None:
        gives_way = f"; “{entry.gives_way.title}” gives way" if entry.gives_way else ""
        note = f"{entry.reason} (approved by {entry.approver.name}{gives_way})"
    return EntryRow(
        pk=entry.pk, title=f"{request.number} {request.title}" if request else KIND_WORDS[entry.kind].capitalize(),
        url=request.get_absolute_url() if request else "", who=entry.person.name if shown and entry.person else "",
        day=day_words(entry.work_date, today) if entry.work_date else "",
        minutes=f"{KIND_WORDS[entry.kind]} {moved:+,} min" if moved else KIND_WORDS[entry.kind],
        note=f"{note} (entered late)" if entry.is_late else note,
        reverse_url=f"/budget/entries/{entry.pk}/reverse" if can_reverse else "",
    )  # fmt: skip


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
