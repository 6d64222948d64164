"""The assets of one person, and who could step in on each (spec ownership 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ownership.domain.bus import COVERED, OUTCOMES, Stake, ordered
from ownership.domain.states import Duty, State
from ownership.models import Ownership
from ownership.queries.backing import backup_states
from ownership.queries.owners import current_owners
from portal.accounts.queries.leaving import what_rests_on

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person

# Assets stand in the test itself, and nobody misses a leaver's addresses.
NOT_MISSED = frozenset({"ownership.assets", "accounts.reach"})


@dataclass(frozen=True)
class BusTest:
    """Every technical row of one person, by tier and the worst first."""

    stakes: tuple[Stake, ...]

    @property
    def counts(self) -> dict[str, int]:
        return {outcome: sum(stake.outcome == outcome for stake in self.stakes) for outcome in OUTCOMES}

    @property
    def left_behind(self) -> tuple[Stake, ...]:
        """Those that would miss somebody."""
        return tuple(stake for stake in self.stakes if stake.outcome != COVERED)


def beside_assets(person: Person, at: datetime) -> list[tuple[str, list[str]]]:
    """What else rests on the person in other rooms: seats in rotas, requests, promises, answers; in sentences."""
    return what_rests_on(person, at, NOT_MISSED)


def run_bus_test(person: Person, at: datetime) -> BusTest:
    """What would be without an owner or without a real backup if the person were gone now; 4 queries.

    Where the person is a backup on paper nothing would be lost: those rows are left out.
    """
    held = Ownership.objects.filter(
        person=person, duty=Duty.TECHNICAL, state=State.ACCEPTED.value, valid__upper_inf=True, asset__retired_at=None
    )
    rows = list(held.select_related("asset"))
    owners = current_owners([row.asset_id for row in rows])
    states = backup_states(owners, at)
    stakes = []
    for row in rows:
        found = owners[row.asset_id]
        is_primary = found.primary is not None and found.primary.party.person_id == person.pk
        if not is_primary and states.get(row.pk) != "real":
            continue
        backups = [
            (backup.party.name, states[backup.id]) for backup in found.backups if backup.party.person_id != person.pk
        ]
        asset = row.asset
        stakes.append(Stake(asset.pk, asset.slug, asset.name, asset.kind, asset.tier, is_primary, tuple(backups)))
    return BusTest(tuple(ordered(stakes)))
