"""The life of a clock as a picture: stretches to scale, with the instants that matter; its twin is the table below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.core.web.presentation import duration_words, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from requests_queue.queries.explaining import Explanation

WIDTH, LEAST = 600.0, 0.4
CSS = {"counted": "col now", "paused": "col", "closed": "zone"}
WORDS = {"counted": "counted", "paused": "standing still", "closed": "outside the hours"}
NEAR = 90.0


@dataclass(frozen=True)
class Bar:
    """A stretch: its place and width in the picture, and how it is filled."""

    x: str
    width: str
    css: str


@dataclass(frozen=True)
class Mark:
    """An instant: a thin line with a word above it; `anchor` keeps the word inside the picture."""

    x: str
    css: str
    label: str
    anchor: str


@dataclass(frozen=True)
class ClockLine:
    """What the template draws, and the sentence that is read instead."""

    bars: Sequence[Bar]
    marks: Sequence[Mark]
    label: str
    begins: str
    ends: str


def line_of(told: Explanation, zone: str, at: datetime) -> ClockLine | None:
    """The picture from the start to now, to the end, or to the due instant, whichever is last; None for no time."""
    if not told.stretches:
        return None
    start, until = told.stretches[0].start, told.stretches[-1].end
    due, breach = told.view.due_at, told.view.breach_at
    last = max(until, due) if due is not None else until
    scale = WIDTH / max(1.0, (last - start).total_seconds())

    def place(instant: datetime) -> float:
        return (instant - start).total_seconds() * scale

    bars = [
        Bar(f"{place(row.start):.1f}", f"{max(LEAST, place(row.end) - place(row.start)):.1f}", CSS[row.kind])
        for row in told.stretches
    ]
    marks = [(place(until), "value", "ended" if told.clock.stopped_at else "now")]
    if due is not None and due >= start:
        marks.append((place(due), "col over" if told.view.is_breached else "col now", "due"))
    if breach is not None and told.view.is_breached and breach != due:
        marks.append((place(breach), "col over", "broken"))
    sums = ", ".join(f"{WORDS[kind]} {duration_words(seconds)}" for kind, seconds in told.totals.items() if seconds)
    begins, ends = when(start, zone, at).text, when(last, zone, at).text
    return ClockLine(bars, _apart(marks), f"From {begins} to {ends}: {sums or 'no time yet'}", begins, ends)


def _apart(marks: list[tuple[float, str, str]]) -> list[Mark]:
    """Marks in order; words that would stand in each other's way are said together."""
    found: list[Mark] = []
    before = -NEAR
    for x, css, label in sorted(marks):
        anchor = "start" if x < NEAR else "end" if x > WIDTH - NEAR else "middle"
        if found and x - before < NEAR:
            found[-1] = Mark(found[-1].x, found[-1].css, f"{found[-1].label}, {label}", found[-1].anchor)
            found.append(Mark(f"{x:.1f}", css, "", anchor))
        else:
            found.append(Mark(f"{x:.1f}", css, label, anchor))
            before = x
    return found
