"""What a proposal would have made of incidents that are over (spec oncall 10, "Replay").

Pure: each incident as it went and the decision it would get now make one outcome; outcomes are counted, never compared
by person. A page that is held until its agreed hour wakes nobody at night, so "woken" means paged at once, at night.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from oncall.domain.escalation_text import climb
from oncall.domain.sleeping import is_night

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, time

    from oncall.domain.agreements import Terms
    from oncall.domain.decision import Decision
    from oncall.domain.escalation import Step

AT_ONCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Ladder:
    """Steps and how often they begin again."""

    steps: tuple[Step, ...]
    repeat: int = 0


@dataclass(frozen=True)
class Proposal:
    """What is tried; whatever is empty stays as it was.

    `terms` by agreement; `default` where nothing is signed; `coverage` as a rota's rules have it; `rota` whose hours
    and holders answer instead.
    """

    terms: Mapping[int, Terms] = field(default_factory=dict)
    default: Terms | None = None
    coverage: Mapping[str, object] | None = None
    ladder: Ladder | None = None
    rota: int | None = None


@dataclass(frozen=True)
class Past:
    """An incident as it went. `calls`: the instants at which a step paged somebody; `called`: the first of them.

    `said`: what its readers said about whether it mattered.
    """

    opened_at: datetime
    calls: tuple[datetime, ...]
    called: int | None
    answered_at: datetime | None
    ended_at: datetime | None
    zone: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Then and now. `mended`: over, or taken, before anybody would have been called."""

    woke: bool
    would_wake: bool
    would_call_at: datetime | None
    mended: bool
    steps_then: int
    steps_now: int
    called: int | None
    would_call: int | None
    said: tuple[str, ...] = ()

    @property
    def would_wait(self) -> bool:
        """Whether a night would have stayed quiet."""
        return self.woke and not self.would_wake


@dataclass(frozen=True)
class Summary:
    """All outcomes of a period. `said` counts what readers of those that would have waited said."""

    incidents: int
    night_pages: int
    would_wait: int
    would_wake: int
    mended: int
    steps_then: int
    steps_now: int
    most_then: int
    most_now: int
    said: Mapping[str, int]

    @property
    def sentence(self) -> str:
        """The result in one line."""
        return f"{self.would_wait} of {self.night_pages} night pages would have waited"


def outcome_of(
    past: Past, decision: Decision, ladder: Ladder, night: tuple[time, time], would_call: int | None
) -> Outcome:
    """One incident under the proposal's decision and ladder, answered as fast after its first page as it was."""
    at_night = is_night(past.opened_at, past.zone, *night)
    woke = at_night and bool(past.calls) and past.calls[0] - past.opened_at < AT_ONCE
    page_at = decision.page_at
    over = min((moment for moment in (past.answered_at, past.ended_at) if moment is not None), default=None)
    mended = page_at is not None and page_at > past.opened_at and over is not None and over <= page_at
    calls = page_at is not None and not mended
    would_wake = calls and at_night and page_at is not None and page_at - past.opened_at < AT_ONCE
    return Outcome(
        woke, would_wake, page_at if calls else None, mended, len(past.calls), _fired(past, ladder) if calls else 0,
        past.called if woke else None, would_call if would_wake else None, past.said,
    )  # fmt: skip


def summed(outcomes: Sequence[Outcome]) -> Summary:
    """The counts; of persons only the most nights that fell to anyone, without saying to whom."""
    then, now = (
        Counter(pk for pk in people if pk is not None)
        for people in ((each.called for each in outcomes), (each.would_call for each in outcomes))
    )
    said = Counter(word for each in outcomes if each.would_wait for word in each.said)
    return Summary(
        len(outcomes), sum(each.woke for each in outcomes), sum(each.would_wait for each in outcomes),
        sum(each.would_wake and not each.woke for each in outcomes), sum(each.mended for each in outcomes),
        sum(each.steps_then for each in outcomes), sum(each.steps_now for each in outcomes),
        max(then.values(), default=0), max(now.values(), default=0), dict(said),
    )  # fmt: skip


def _fired(past: Past, ladder: Ladder) -> int:
    """How many steps fire before the answer; nobody was called then: the first alone is sure."""
    if not past.calls:
        return 1
    over = past.answered_at or past.ended_at
    if over is None:
        return len(climb(ladder.steps, ladder.repeat))
    after = (over - past.calls[0]).total_seconds()
    first = climb(ladder.steps, ladder.repeat)[0][0]
    return max(1, sum(passed - first < after for passed, _ in climb(ladder.steps, ladder.repeat)))
