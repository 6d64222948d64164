"""Who really holds each slot: the plan, the changes over it, and the cascade where a holder cannot (spec oncall 5).

Pure and the only place where this is worked out: page, API, palette, iCal, alerts and the rows of what was served all
come from here.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from oncall.domain.words import DutyRole, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

Slot = tuple[str, int]
Span = tuple["datetime", "datetime"]
# The order in which a slot is filled when holders are missing; a shadow never answers.
ROLE_ORDER: dict[str, int] = {"primary": 0, "secondary": 1, "partner": 2, "shadow": 3}
# For whom the list behind the members stands by; an analyst is looped in by the own desk or not at all.
BACKED = ("primary", "secondary")


class Planned(NamedTuple):
    """A block of one slot; `order` is who comes next when the holder cannot, best first."""

    role: str
    slot: int
    person: int | None
    start: datetime
    end: datetime
    order: tuple[int, ...] = ()
    ref: int = 0
    kind: str = "week"


class Laid(NamedTuple):
    """An active change: this person holds the slot in this stretch."""

    role: str
    slot: int
    person: int
    start: datetime
    end: datetime
    kind: str
    ref: int = 0


class Standby(NamedTuple):
    """Somebody behind the members for a while: another rota's primary, the lead."""

    person: int
    start: datetime
    end: datetime


class Effective(NamedTuple):
    """One stretch of a slot with its holder, or with nobody."""

    role: str
    slot: int
    person: int | None
    start: datetime
    end: datetime
    source: Source
    reason_code: str = ""
    provisional: bool = False
    planned_ref: int = 0
    change_ref: int = 0
    order: tuple[int, ...] = ()
    kind: str = "week"


Away = "Mapping[int, Sequence[Span]]"


def effective_shifts(
    planned: Iterable[Planned],
    changes: Sequence[Laid],
    away: Mapping[int, Sequence[Span]],
    extra: Sequence[Standby] = (),
) -> list[Effective]:
    """Every planned stretch exactly once, by start, role and slot; no instant of it is without a row.

    `away` holds per person the spans in which they cannot serve: absent, not active, not a member. `extra` is the
    cascade list behind the members, best first. A person holds one slot at a time.
    """
    rows = _laid_over(list(planned), changes)
    troubled = [
        span for row in rows if row.person is None or row.person in away for span in _missing(row, away)
    ]  # fmt: skip
    if changes:
        troubled += _twice(rows)
    if troubled:
        rows = _refill(rows, troubled, away, extra)
    return _merged(rows)


def _laid_over(planned: list[Planned], changes: Sequence[Laid]) -> list[Effective]:
    by_slot: dict[Slot, list[Laid]] = {}
    for change in sorted(changes, key=lambda change: change.start):
        by_slot.setdefault((change.role, change.slot), []).append(change)
    edges = {
        slot: ([change.start for change in laid], [change.end for change in laid]) for slot, laid in by_slot.items()
    }
    rows: list[Effective] = []
    for role, slot, person, start, end, order, ref, kind in planned:
        whole = Effective(role, slot, person, start, end, Source.PLANNED, "", False, ref, 0, order, kind)  # noqa: FBT003 (a row)
        if (role, slot) not in edges:
            rows.append(whole)
            continue
        # Changes of one slot do not overlap, so their ends are in order as well.
        starts, ends = edges[role, slot]
        near = by_slot[role, slot][bisect_right(ends, start) : bisect_left(starts, end)]
        rows.extend(_cut_by(whole, near) if near else (whole,))
    return rows


def _cut_by(whole: Effective, changes: Sequence[Laid]) -> list[Effective]:
    """The block with the changes' stretches taken out of it and given to their people."""
    rows, at = [], whole.start
    for change in changes:
        start, end = max(change.start, whole.start), min(change.end, whole.end)
        if at < start:
            rows.append(_part(whole, at, start))
        rows.append(
            whole._replace(
                 person=change.person, start=start, end=end, source=Source.CHANGE,
                reason_code=change.kind, change_ref=change.ref,
            )
        )  # fmt: skip
        at = end
    if at < whole.end:
        rows.append(_part(whole, at, whole.end))
    return rows


def _missing(row: Effective, away: Mapping[int, Sequence[Span]]) -> list[Span]:
    """The parts of a stretch in which its holder cannot serve."""
    if row.person is None:
        return [(row.start, row.end)]
    return [
        (max(start, row.start), min(end, row.end))
        for start, end in away[row.person]
        if start < row.end and row.start < end
    ]


def _twice(rows: list[Effective]) -> list[Span]:
    """The parts in which a change gives a person a second slot: the slot they leave is filled by the cascade."""
    of_person: dict[int | None, list[Effective]] = {}
    for row in rows:
        of_person.setdefault(row.person, []).append(row)
    return [
        (max(row.start, other.start), min(row.end, other.end))
        for row in rows
        if row.source is Source.CHANGE
        for other in of_person[row.person]
        if other is not row and other.start < row.end and row.start < other.end
    ]


def _refill(
    rows: list[Effective], troubled: list[Span], away: Mapping[int, Sequence[Span]], extra: Sequence[Standby]
) -> list[Effective]:
    """Cut every row at the edges that matter, and fill the stretches in which somebody is missing."""
    troubled = _joined(troubled)
    edges = sorted({edge for span in troubled for edge in span} | _edges_inside(rows, troubled, away, extra))
    starts = [start for start, _ in troubled]
    pieces: dict[Span, list[Effective]] = {}
    calm: list[Effective] = []
    for row in rows:
        for piece in _split(row, edges):
            near = bisect_right(starts, piece.start) - 1
            if near >= 0 and piece.start < troubled[near][1]:
                pieces.setdefault((piece.start, piece.end), []).append(piece)
            else:
                calm.append(piece)
    for together in pieces.values():
        calm.extend(_fill(together, away, extra))
    return calm


def _joined(spans: list[Span]) -> list[Span]:
    """Spans in order, those that touch made one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _edges_inside(
    rows: list[Effective], troubled: list[Span], away: Mapping[int, Sequence[Span]], extra: Sequence[Standby]
) -> set[datetime]:  # fmt: skip
    edges = {edge for row in rows for edge in (row.start, row.end)}
    edges |= {edge for each in extra for edge in (each.start, each.end)}
    edges |= {edge for spans in away.values() for span in spans for edge in span}
    starts = [start for start, _ in troubled]
    return {edge for edge in edges if (n := bisect_right(starts, edge) - 1) >= 0 and edge < troubled[n][1]}


def _split(row: Effective, edges: Sequence[datetime]) -> list[Effective]:
    inside = edges[bisect_right(edges, row.start) : bisect_left(edges, row.end)]
    if not inside:
        return [row]
    points = [row.start, *inside, row.end]
    return [_part(row, start, end) for start, end in itertools.pairwise(points)]


def _fill(
    together: list[Effective], away: Mapping[int, Sequence[Span]], extra: Sequence[Standby]
) -> list[Effective]:  # fmt: skip
    """Who holds each slot of one elementary stretch: primary unavailable -> secondary promoted -> members -> list."""
    start = together[0].start
    together = sorted(together, key=lambda row: (ROLE_ORDER[row.role], row.slot))
    present: dict[Slot, int] = {}
    for row in sorted(together, key=lambda row: row.source != Source.CHANGE):
        if row.person is not None and row.person not in present.values() and not is_away(row.person, start, away):
            present[row.role, row.slot] = row.person
    filled = []
    for row in together:
        slot = (row.role, row.slot)
        if slot in present:
            filled.append(row)
            continue
        person, code = _next(row, present, away, extra)
        if person is not None:
            present[slot] = person
        source = Source.GAP if person is None else Source.CASCADE
        filled.append(row._replace(person=person, source=source, reason_code=code, provisional=person is not None))
    return filled


def _next(
    row: Effective, present: dict[Slot, int], away: Mapping[int, Sequence[Span]], extra: Sequence[Standby]
) -> tuple[int | None, str]:
    if row.role == DutyRole.SHADOW:
        return None, "nobody"
    if row.role == DutyRole.PRIMARY:
        second = next((slot for slot in sorted(present) if slot[0] == DutyRole.SECONDARY), None)
        if second is not None:
            return present.pop(second), "promoted"
    busy = set(present.values())
    behind = [each.person for each in extra if row.role in BACKED and each.start <= row.start < each.end]
    for code, people in (("next_member", row.order), ("cascade_list", behind)):
        for person in people:
            if person not in busy and person != row.person and not is_away(person, row.start, away):
                return person, code
    return None, "nobody"


def is_away(person: int, instant: datetime, away: Mapping[int, Sequence[Span]]) -> bool:
    """Whether a span in which the person cannot serve holds the instant."""
    return any(start <= instant < end for start, end in away.get(person, ()))


def _merged(rows: list[Effective]) -> list[Effective]:
    """Neighbours that differ in nothing but their edges become one; the result is in order of beginning."""
    last: dict[Slot, int] = {}
    merged: list[Effective] = []
    rows.sort(key=_by_start)
    for row in rows:
        slot = (row.role, row.slot)
        before = last.get(slot)
        if before is not None and _continues(merged[before], row):
            merged[before] = _part(merged[before], merged[before].start, row.end)
        else:
            last[slot] = len(merged)
            merged.append(row)
    return merged


def _by_start(row: Effective) -> tuple[datetime, int, int]:
    return row.start, ROLE_ORDER[row.role], row.slot


def _continues(one: Effective, two: Effective) -> bool:
    return (
        one.end == two.start
        and one.person == two.person
        and one.source is two.source
        and one.reason_code == two.reason_code
        and one.planned_ref == two.planned_ref
        and one.change_ref == two.change_ref
    )


def _part(row: Effective, start: datetime, end: datetime) -> Effective:
    """The same between other edges; paid for every piece of a year, so without `_replace`."""
    return Effective(
        row.role, row.slot, row.person, start, end, row.source, row.reason_code, row.provisional, row.planned_ref,
        row.change_ref, row.order, row.kind,
    )  # fmt: skip
