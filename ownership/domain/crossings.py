"""When somebody does another discipline's job: the spans of each crossing of one asset (spec ownership 7).

Pure: owners, disciplines, patterns and acts over all time go in, dated spans come out, the same ones whenever asked.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ownership.domain.patterns import CROSSING
from ownership.domain.timelines import LATEST, Stretch, joined, merged, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ownership.domain.shadow import Event
    from ownership.domain.timelines import Span

WINDOW, LEAST_EVENTS, LEAST_KINDS = timedelta(days=30), 3, 2
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Rule:
    """A cell of the pattern, as far as its asset needs it."""

    id: int
    verdict: str
    base: int


@dataclass(frozen=True)
class AssetFacts:
    """Everything that decides about one asset. Parties are person ids, or minus team ids.

    `tenures` says who was accountable when, `crafts` the discipline of each party, `patterns` the pattern in force,
    `rules` the cell of (pattern, discipline) for the kind, `acts` what was done and in whose name.
    """

    tenures: Sequence[Stretch[int]]
    crafts: Mapping[int, Sequence[Stretch[str]]]
    patterns: Sequence[Stretch[int]]
    rules: Mapping[tuple[int, str], Rule]
    acts: Sequence[Event] = ()


@dataclass(frozen=True)
class Found:
    """One crossing. `end` None: it lasts. `seen_from` is when it could first be known: the act that completed it."""

    party: int
    rule: int
    start: datetime
    end: datetime | None
    seen_from: datetime
    base: int
    is_owned: bool
    is_done: bool
    last_act_at: datetime | None


@dataclass(frozen=True)
class _Hot:
    """A time in which enough was done: since the act that was the third, begun with the first counted one."""

    first: datetime
    since: datetime
    until: datetime


def find_crossings(facts: AssetFacts, at: datetime) -> list[Found]:
    """The crossings that have begun and could be known by `at`, past ones with their end, in order.

    A span opens at the start of owner x discipline x pattern, or at the first of at least 3 acts of at least 2 kinds
    within 30 days, and ends when neither holds any more. Owner and acts of one party under one rule are one crossing.
    """
    owned, hot = _owned(facts), _hot(facts)
    found = [
        each
        for party, rule in sorted({*owned, *hot})
        for each in _of_one(facts, party, rule, owned[party, rule], hot[party, rule], at)
    ]
    return sorted(found, key=lambda each: (each.start, each.party, each.rule))


def next_change(facts: AssetFacts, at: datetime) -> datetime | None:
    """The first instant after `at` at which time alone changes the answer; None if it stands."""
    owned, hot = _owned(facts), _hot(facts)
    instants = [instant for spans in owned.values() for span in spans for instant in span]
    instants += [instant for times in hot.values() for each in times for instant in (each.since, each.until)]
    return min((instant for instant in instants if at < instant < LATEST), default=None)


def rule_times(facts: AssetFacts, party: int) -> list[Stretch[Rule]]:
    """Which cell is in force for the party, over time."""
    pairs = joined(facts.patterns, facts.crafts.get(party, ()), lambda pattern, craft: (pattern, craft))
    return [
        Stretch(pair.start, pair.end, facts.rules[pair.value])
        for pair in pairs
        if pair.value in facts.rules and facts.rules[pair.value].verdict == CROSSING
    ]


def hot_times(acts: Iterable[Event]) -> list[_Hot]:
    """When at least 3 acts of at least 2 kinds lay within the last 30 days; acts of one party under one rule."""
    ordered = sorted(acts, key=lambda act: (act.at, act.kind, act.ref))
    times: list[_Hot] = []
    for index, act in enumerate(ordered):
        window = [other for other in ordered[: index + 1] if other.at > act.at - WINDOW]
        if _is_enough(window):
            times.append(_Hot(window[0].at, act.at, _cools(window)))
    return _united(times)


def _owned(facts: AssetFacts) -> dict[tuple[int, int], list[Span]]:
    spans: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for party in {tenure.value for tenure in facts.tenures}:
        held = [tenure for tenure in facts.tenures if tenure.value == party]
        for met in joined(held, rule_times(facts, party), lambda _, rule: rule):
            spans[party, met.value.id].append((met.start, met.end))
    return spans


def _hot(facts: AssetFacts) -> dict[tuple[int, int], list[_Hot]]:
    grouped: dict[tuple[int, int], list[Event]] = defaultdict(list)
    times = {party: rule_times(facts, party) for party in {act.party for act in facts.acts}}
    for act in facts.acts:
        rule = value_at(times[act.party], act.at)
        if rule is not None:
            grouped[act.party, rule.id].append(act)
    found: dict[tuple[int, int], list[_Hot]] = defaultdict(list)
    for (party, rule_id), acts in grouped.items():
        spans = [(stretch.start, stretch.end) for stretch in times[party] if stretch.value.id == rule_id]
        found[party, rule_id] = [piece for each in hot_times(acts) for piece in _cut(each, spans)]
    return found


def _cut(hot: _Hot, spans: Iterable[Span]) -> list[_Hot]:
    """The parts of a hot time in which the rule is in force."""
    return [
        _Hot(max(hot.first, start), max(hot.since, start), min(hot.until, end))
        for start, end in merged(spans)
        if max(hot.since, start) < min(hot.until, end)
    ]


def _is_enough(window: Sequence[Event]) -> bool:
    return len(window) >= LEAST_EVENTS and len({act.kind for act in window}) >= LEAST_KINDS


def _cools(window: Sequence[Event]) -> datetime:
    """When so many acts of the window are 30 days old that the rest is not enough."""
    for index in range(1, len(window) + 1):
        if not _is_enough(window[index:]):
            return window[index - 1].at + WINDOW
    return window[-1].at + WINDOW


def _united(times: Iterable[_Hot]) -> list[_Hot]:
    """Hot times that overlap or whose counted acts reach into each other, made one."""
    union: list[_Hot] = []
    for each in times:
        if union and each.first <= union[-1].until:
            last = union[-1]
            union[-1] = _Hot(last.first, last.since, max(last.until, each.until))
        else:
            union.append(each)
    return union


def _of_one(
    facts: AssetFacts, party: int, rule: int, owned: Sequence[Span], hot: Sequence[_Hot], at: datetime
) -> list[Found]:
    base = next(each.base for each in facts.rules.values() if each.id == rule)
    acts = [act.at for act in facts.acts if act.party == party]
    found = []
    for start, end in merged([*owned, *((each.first, each.until) for each in hot)]):
        known = [span[0] for span in owned if start <= span[0] < end]
        seen_from = min([*known, *(each.since for each in hot if start <= each.first < end)])
        judged = min(at, end - INSTANT)
        is_owned = any(span[0] <= judged < span[1] for span in owned)
        is_done = any(each.since <= judged < each.until for each in hot)
        last = max((instant for instant in acts if start <= instant <= judged), default=None)
        if seen_from <= at:
            stands = end if end <= at else None
            found.append(Found(party, rule, start, stands, seen_from, base, is_owned, is_done, last))
    return found
