"""How much a crossing weighs, and when it is spoken of (spec ownership 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

TIER_FACTORS = {1: Decimal("1.5"), 2: Decimal("1.2"), 3: Decimal("1.0"), 4: Decimal("0.8")}
LOWEST_TIER = 4
OWNED_ONLY, DONE_ONLY, BOTH = Decimal("1.0"), Decimal("0.7"), Decimal("1.2")
MOST_REACH = 50
LEVELS = ((Decimal("2.5"), "low"), (Decimal(4), "medium"), (Decimal(6), "high"))
LEVEL_ORDER = ("critical", "high", "medium", "low")
STEP_DAYS = (30, 90, 180)
LONGEST_ACCEPTANCE = timedelta(days=180)
PERSISTS_WITHIN = timedelta(days=30)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Weight:
    """The score with its four factors, so that every number can be opened; `level` is judged before rounding."""

    base: int
    tier: Decimal
    evidence: Decimal
    reach: Decimal

    @property
    def exact(self) -> Decimal:
        return self.base * self.tier * self.evidence * self.reach

    @property
    def score(self) -> Decimal:
        return self.exact.quantize(CENT, ROUND_HALF_UP)

    @property
    def level(self) -> str:
        return next((word for limit, word in LEVELS if self.exact < limit), "critical")

    @property
    def words(self) -> str:
        """The arithmetic as people read it: "3 x tier 1.5 x evidence 1.2 x reach 1.12"."""
        return f"{self.base} × tier {self.tier} × evidence {self.evidence} × reach {self.reach}"  # noqa: RUF001 (sign)


def weigh(*, base: int, tier: int | None, is_owned: bool, is_done: bool, downstream: int) -> Weight:
    """Base x tier x evidence x reach. No tier counts as 4; reach is 1 + min(downstream, 50)/100."""
    evidence = BOTH if is_owned and is_done else OWNED_ONLY if is_owned else DONE_ONLY
    reach = 1 + Decimal(min(max(downstream, 0), MOST_REACH)) / 100
    return Weight(base, TIER_FACTORS[tier or LOWEST_TIER], evidence, reach)


def step_instants(opened_at: datetime) -> dict[int, datetime]:
    """When an unresolved crossing is brought up: at 30, 90 and 180 days of 24 hours since it opened."""
    return {days: opened_at + timedelta(days=days) for days in STEP_DAYS}


def age_days(opened_at: datetime, at: datetime) -> int:
    """Whole days since it opened; an acceptance that ended does not make it younger."""
    return (at - opened_at).days


def acceptance_ends(until: date, zone: str) -> datetime:
    """The first instant after the last accepted day, in the zone of the team that does the work."""
    following = datetime.combine(until + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    return following.astimezone(UTC)


def persists(*, state: str, is_owned: bool, last_evidence_at: datetime | None, at: datetime) -> bool:
    """Open, talking or in handover, with an owner's row or evidence in the last 30 days."""
    if state not in ("open", "talking", "handover"):
        return False
    return is_owned or (last_evidence_at is not None and at - last_evidence_at <= PERSISTS_WITHIN)
