"""Which backups could really step in (spec ownership 8)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Max

from ownership.domain.evidence import BEHAVIOUR, SEEN_WITHIN, BackupFacts, backup_state
from ownership.models import Evidence
from portal.accounts.models import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ownership.domain.parties import Holder, Owners


def backup_states(owners: Mapping[int, Owners], at: datetime) -> dict[int, str]:
    """`real`, `paper` or `untested` by the id of each backup row; at most 2 queries, none without a backup."""
    held = [(asset_id, backup) for asset_id, found in owners.items() for backup in found.backups]
    if not held:
        return {}
    last = _last_work({asset_id for asset_id, _ in held}, at)
    members = _members({backup.party.team_id for _, backup in held if backup.party.team_id}, at)
    return {backup.id: _state(backup, last[asset_id], members, at) for asset_id, backup in held}


def _state(backup: Holder, last: Mapping[int, datetime], members: Mapping[int, set[int]], at: datetime) -> str:
    party = backup.party
    own = {party.person_id} if party.person_id is not None else members.get(party.team_id or 0, set())
    own_last = max((when for person, when in last.items() if person in own), default=None)
    facts = BackupFacts(backup.since or at, own_last, max(last.values(), default=None))
    return backup_state(facts, at)


def _last_work(asset_ids: set[int], at: datetime) -> dict[int, dict[int, datetime]]:
    """Asset id -> person id -> when the person last worked on it."""
    rows = Evidence.objects.filter(asset_id__in=asset_ids, kind__in=BEHAVIOUR, at__gte=at - SEEN_WITHIN, at__lte=at)
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    for asset_id, person_id, last in rows.values_list("asset_id", "person_id").annotate(last=Max("at")):
        found[asset_id][person_id] = last
    return found


def _members(team_ids: Iterable[int], at: datetime) -> dict[int, set[int]]:
    ids = set(team_ids)
    found: dict[int, set[int]] = defaultdict(set)
    if ids:
        rows = Membership.objects.filter(team_id__in=ids, during__contains=at.date())
        for team_id, person_id in rows.values_list("team_id", "person_id"):
            found[team_id].add(person_id)
    return found
