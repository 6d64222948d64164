"""What rests on too few people (spec ownership 8): each finding with its words, its evidence and its weight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ownership.domain.load import is_island
from ownership.domain.scores import LOWEST_TIER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ownership.domain.load import Load
    from ownership.domain.timelines import Span

ISLAND, PAPER, UNTESTED, SHADOW, UNCOVERED = "island", "paper_backup", "untested_backup", "shadow_owner", "uncovered"
OVERLOAD, PERSON_ISLAND = "overload", "person_island"
ON_ASSETS = (ISLAND, PAPER, UNTESTED, SHADOW, UNCOVERED)
ON_PEOPLE = (OVERLOAD, PERSON_ISLAND)
LATELY, AHEAD = timedelta(days=90), timedelta(days=60)
MOST_REACH, PEOPLE_FIRST = 9_999, 9_000_000


@dataclass(frozen=True)
class RiskKind:
    """What it says, and the one act that mends it."""

    label: str
    act: str


RISK_KINDS = {
    ISLAND: RiskKind("Only one person has worked on it in 90 days", "Name a backup"),
    PAPER: RiskKind("Its backup has not worked on it in 180 days", "Let the backup do the next change"),
    UNTESTED: RiskKind("Nobody has worked on it in 180 days, its backup neither", "Let the backup do the next change"),
    SHADOW: RiskKind("Somebody else looks after it", "Make it official"),
    UNCOVERED: RiskKind("Nobody could act on it for some days", "Name a backup"),
    OVERLOAD: RiskKind("Owns too much", "Split by box, or name a second person"),
    PERSON_ISLAND: RiskKind("Alone in their craft in an embedded team", "Name a buddy of the same craft"),
}


@dataclass(frozen=True)
class Risk:
    """One finding: of an asset, of a person, or of both; `party` is a person's id or minus a team's, 0 for none."""

    kind: str
    asset: int
    party: int
    team: int = 0
    weight: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, int, int, int]:
        return self.kind, self.asset, self.party, self.team


@dataclass(frozen=True)
class BackupView:
    """A backup: its party and whether it is real, paper or untested."""

    party: int
    state: str


@dataclass(frozen=True)
class RiskFacts:
    """What decides about one live asset.

    `acts` are the (person, instant) of 90 days, `shadow` is who looks after it in another's place with the number of
    traces, `alone` are the spans of the next 60 days in which nobody could act.
    """

    asset: int
    tier: int | None
    downstream: int
    accountable: int
    acts: Sequence[tuple[int, datetime]]
    backups: Sequence[BackupView]
    shadow: tuple[int, int] | None = None
    alone: Sequence[Span] = ()


def weight_of(tier: int | None, downstream: int, starts_in: int | None = None) -> int:
    """By tier, then by reach, then by the next absence: `starts_in` are the days until it."""
    soon = max(0, AHEAD.days - starts_in) if starts_in is not None else 0
    return (LOWEST_TIER + 1 - (tier or LOWEST_TIER)) * 1_000_000 + min(downstream, MOST_REACH) * 100 + soon


def of_asset(facts: RiskFacts, at: datetime) -> list[Risk]:
    """Every finding about one asset."""
    starts_in = min(((span[0] - at).days for span in facts.alone), default=None)
    weight = weight_of(facts.tier, facts.downstream, starts_in)
    return [
        Risk(kind, facts.asset, party, weight=weight, detail=detail)
        for kind, party, detail in (*_islands(facts), *_backups(facts), *_shadow(facts), *_alone(facts))
    ]


def _islands(facts: RiskFacts) -> Iterable[tuple[str, int, dict[str, Any]]]:
    counts = Counter(person for person, _ in facts.acts)
    has_real = any(backup.state == "real" for backup in facts.backups)
    if is_island(counts, has_real_backup=has_real):
        ((person, acts),) = counts.items()
        newest = max(when for _, when in facts.acts)
        yield ISLAND, person, {"acts": acts, "newest": newest.isoformat()}


def _backups(facts: RiskFacts) -> Iterable[tuple[str, int, dict[str, Any]]]:
    for backup in facts.backups:
        if backup.state != "real":
            yield PAPER if backup.state == "paper" else UNTESTED, backup.party, {}


def _shadow(facts: RiskFacts) -> Iterable[tuple[str, int, dict[str, Any]]]:
    if facts.shadow is not None:
        yield SHADOW, facts.shadow[0], {"accountable": facts.accountable, "acts": facts.shadow[1]}


def _alone(facts: RiskFacts) -> Iterable[tuple[str, int, dict[str, Any]]]:
    if facts.alone:
        spans = [[start.isoformat(), end.isoformat()] for start, end in facts.alone]
        yield UNCOVERED, facts.accountable, {"spans": spans}


def of_load(person: int, load: Load) -> list[Risk]:
    """Too much for one person: with the points, what is usual, and the boxes it is spread over."""
    if not load.reason:
        return []
    detail = {"points": load.points, "usual": load.usual, "boxes": sorted(load.boxes), "reason": load.reason}
    return [Risk(OVERLOAD, 0, person, weight=PEOPLE_FIRST + round(load.ratio * 100), detail=detail)]


def person_islands(places: Iterable[tuple[int, int, str]]) -> list[Risk]:
    """(person, embedded team, discipline) of main places: who has no colleague of the discipline in the team."""
    known = [place for place in places if place[2]]
    crafts = Counter((team, craft) for _, team, craft in known)
    return [
        Risk(PERSON_ISLAND, 0, person, team, PEOPLE_FIRST, {"discipline": craft})
        for person, team, craft in known
        if crafts[team, craft] == 1
    ]
