"""Values over time: what held from when to when, and where two of them meet.

A timeline is a sorted list of stretches that do not overlap, half-open, aware instants; `LATEST` reads "still".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Value = TypeVar("Value")
Other = TypeVar("Other")
Result = TypeVar("Result")
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Stretch(Generic[Value]):
    """`value` holds in [start, end)."""

    start: datetime
    end: datetime
    value: Value


def always(value: Value) -> list[Stretch[Value]]:
    """One value for all time."""
    return [Stretch(EARLIEST, LATEST, value)]


def joined(
    left: Sequence[Stretch[Value]], right: Sequence[Stretch[Other]], combine: Callable[[Value, Other], Result]
) -> list[Stretch[Result]]:
    """Where both hold, with both values."""
    met = [
        Stretch(max(one.start, two.start), min(one.end, two.end), combine(one.value, two.value))
        for one in left
        for two in right
        if one.start < two.end and two.start < one.end
    ]
    return sorted(met, key=lambda stretch: stretch.start)


def overlaid(base: Sequence[Stretch[Value]], over: Sequence[Stretch[Value]]) -> list[Stretch[Value]]:
    """`over` where it says something, `base` elsewhere."""
    free = holes([(stretch.start, stretch.end) for stretch in over])
    rest = [
        Stretch(max(stretch.start, start), min(stretch.end, end), stretch.value)
        for stretch in base
        for start, end in free
        if stretch.start < end and start < stretch.end
    ]
    return sorted([*over, *rest], key=lambda stretch: stretch.start)


def value_at(timeline: Iterable[Stretch[Value]], at: datetime) -> Value | None:
    """The value at an instant, None where nothing holds."""
    return next((stretch.value for stretch in timeline if stretch.start <= at < stretch.end), None)


def holes(spans: Iterable[Span]) -> list[Span]:
    """The rest of all time."""
    free, start = [], EARLIEST
    for begin, end in merged(spans):
        if start < begin:
            free.append((start, begin))
        start = end
    return [*free, (start, LATEST)] if start < LATEST else free


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union, touching spans made one."""
    union: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        else:
            union.append((start, end))
    return union


def without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """The parts of `span` that none of `taken` covers."""
    return [
        (max(span[0], start), min(span[1], end)) for start, end in holes(taken) if span[0] < end and start < span[1]
    ]
