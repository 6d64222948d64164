"""What would stand without somebody if one person were gone (spec ownership 8, "bus test")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ownership.domain.scores import LOWEST_TIER

if TYPE_CHECKING:
    from collections.abc import Iterable

NOBODY, ON_PAPER, LAST_BACKUP, COVERED = "nobody", "on_paper", "last_backup", "covered"
OUTCOMES = (NOBODY, ON_PAPER, LAST_BACKUP, COVERED)
OUTCOME_WORDS = {
    NOBODY: "nobody would answer for it",
    ON_PAPER: "only a backup who has not worked on it",
    LAST_BACKUP: "its owner would be without a backup who can step in",
    COVERED: "a backup can step in",
}


@dataclass(frozen=True)
class Stake:
    """An asset that the person holds, and the backups beside: (name, `real`, `paper` or `untested`)."""

    asset: int
    slug: str
    name: str
    kind: int
    tier: int | None
    is_primary: bool
    backups: tuple[tuple[str, str], ...] = ()

    @property
    def outcome(self) -> str:
        """What is left. A backup who is the last real one takes cover away, the primary takes the answer away."""
        has_real = any(state == "real" for _, state in self.backups)
        if has_real:
            return COVERED
        if not self.is_primary:
            return LAST_BACKUP
        return ON_PAPER if self.backups else NOBODY

    @property
    def heirs(self) -> tuple[str, ...]:
        """Who could step in, real backups first."""
        ranked = sorted(self.backups, key=lambda backup: backup[1] != "real")
        return tuple(name for name, _ in ranked)


def ordered(stakes: Iterable[Stake]) -> list[Stake]:
    """By tier, then the worst first, then by name."""
    return sorted(stakes, key=lambda stake: (stake.tier or LOWEST_TIER, OUTCOMES.index(stake.outcome), stake.name))
