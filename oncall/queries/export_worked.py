"""How a swap, a sick day and a bad night are handled, worked on the plan's own dates and names."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall.domain.markdown import section, table
from oncall.domain.words import DutyRole
from oncall.queries.working_out import facts_between

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.domain.effective import Effective
    from oncall.models import Rota
    from oncall.queries.people import DutyPerson

CASCADE = (
    "When the primary cannot serve, the secondary is promoted at once; the member with the least combined balance"
    " stands behind; after the members come the cascade list, the lead and the organization's fallback. It is"
    " provisional until it is confirmed or covered, and no minute is without an answer."
)


def worked_examples(rota: Rota, start: datetime, end: datetime) -> str:
    """A sick day, a swap and a hard night with the people who would be concerned; the middle of the plan serves."""
    rows, people = facts_between(rota, start, end)
    primaries = [row for row in rows if row.role == DutyRole.PRIMARY and row.person is not None]
    if len(primaries) < 2:  # noqa: PLR2004 (a swap needs two)
        return section("Swaps, leave and emergencies", CASCADE)
    middle = primaries[len(primaries) // 2]
    other = next((row for row in primaries if row.start > middle.end and row.person != middle.person), None)
    lines = [_sick(middle, rows, people, rota), _night(middle, rows, people, rota)]
    if other is not None:
        lines.insert(1, _swap(middle, other, rows, people, rota))
    return section("Swaps, leave and emergencies", CASCADE, table(["Case", "Example", "What happens"], lines))


def _sick(row: Effective, rows: list[Effective], people: dict[int, DutyPerson], rota: Rota) -> list[object]:
    second = _behind(row, rows, people)
    third = _next(row, second, people)
    return [
        "Sick day",
        f"{_name(row, people)} falls ill on {_day(row.start + timedelta(days=1), rota)}",
        (
            f"{second} answers from that minute, {third} stands behind and is asked to cover; hours already served are "
            f"credited to {_name(row, people)}"
        ),
    ]


def _swap(
    row: Effective, other: Effective, rows: list[Effective], people: dict[int, DutyPerson], rota: Rota
) -> list[object]:
    mine, theirs = _name(row, people), _name(other, people)
    both = theirs in _behind(row, rows, people) or mine in _behind(other, rows, people)
    said = "both agree; balances move with the hours served"
    if both:
        said = "each is the other's secondary there, so both roles are swapped; nobody becomes their own backup"
    return ["Swap", f"{mine} gives {_day(row.start, rota)} to {theirs} for {_day(other.start, rota)}", said]


def _night(row: Effective, rows: list[Effective], people: dict[int, DutyPerson], rota: Rota) -> list[object]:
    second = _behind(row, rows, people)
    return [
        "Woken three nights running",
        f"{_name(row, people)} in the week of {_day(row.start, rota)}",
        (
            f"the next night goes to {second}, {_next(row, second, people)} stands behind; the lead is told, and "
            "0.5 points are credited for each night woken"
        ),
    ]


def _name(row: Effective, people: dict[int, DutyPerson]) -> str:
    return people[row.person].name if row.person is not None else "nobody"


def _behind(row: Effective, rows: list[Effective], people: dict[int, DutyPerson]) -> str:
    second = next((r for r in rows if r.role == DutyRole.SECONDARY and r.start <= row.start < r.end), None)
    return _name(second, people) if second is not None else "the next of the cascade"


def _next(row: Effective, second: str, people: dict[int, DutyPerson]) -> str:
    return next((people[pk].name for pk in row.order if pk != row.person and people[pk].name != second), "the lead")


def _day(instant: datetime, rota: Rota) -> str:
    return f"{instant.astimezone(ZoneInfo(rota.zone)):%Y-%m-%d}"
