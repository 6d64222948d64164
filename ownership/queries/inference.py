"""The signs for assets that nobody owns: commits, what writes them, what shows them, what stands beside them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Q

from ownership.domain.inference import GIT_DAYS, Hint, guesses, of_commits, of_neighbours, of_readers, of_writers
from ownership.domain.kinds import DASHBOARD, EXPERIMENT, PIPELINE, kind_of
from ownership.domain.states import PRIMARY, Basis, Duty, EdgeKind, Outcome, State
from ownership.models import Asset, Claim, Edge, Evidence, Ownership
from ownership.queries.assets import has_primary
from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import Person, Team

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from ownership.domain.inference import Guess

INFERENCE = "inference"
READERS = frozenset({DASHBOARD.code, EXPERIMENT.code})


def unowned() -> QuerySet[Asset]:
    """Live assets that nobody answers for, deliberately unowned ones left out."""
    return Asset.objects.filter(~has_primary(), retired_at=None, unowned_until=None).order_by("pk")


def guesses_for(asset_ids: Sequence[int], at: datetime) -> dict[int, list[Guess]]:
    """By asset every party that something speaks for, the surest first; 7 queries whatever their number.

    Only people with an active account and teams that exist are guessed.
    """
    hints: dict[int, list[Hint]] = defaultdict(list)
    _from_commits(asset_ids, hints, at)
    _from_lineage(asset_ids, hints)
    _from_files(asset_ids, hints)
    known = _present({hint.party for each in hints.values() for hint in each})
    found = {pk: guesses(hint for hint in each if hint.party in known) for pk, each in hints.items()}
    return {pk: each for pk, each in found.items() if each}


def _from_commits(asset_ids: Sequence[int], hints: dict[int, list[Hint]], at: datetime) -> None:
    rows = Evidence.objects.filter(asset__in=asset_ids, kind="commit", at__gt=at - GIT_DAYS, at__lte=at)
    commits: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for asset, person, when in rows.order_by("pk").values_list("asset_id", "person_id", "at"):
        commits[asset].append((person, when))
    for asset, each in commits.items():
        hints[asset] += of_commits(each, at)


def _from_files(asset_ids: Sequence[int], hints: dict[int, list[Hint]]) -> None:
    """What a file infers by itself, such as a line of CODEOWNERS, with its own confidence."""
    rows = Claim.objects.filter(
        asset__in=asset_ids, closed_at=None, basis=Basis.INFERRED.value, duty=Duty.TECHNICAL, rank=PRIMARY
    )
    heard = rows.exclude(source__importer=INFERENCE).exclude(outcome=Outcome.MUTED.value)
    for claim in heard.exclude(person=None, team=None).select_related("source").order_by("pk"):
        party = claim.person_id or -(claim.team_id or 0)
        ref = ", ".join(str(each.get("ref", "")) for each in claim.evidence)
        hints[claim.asset_id].append(Hint(party, claim.source.importer, float(claim.confidence), ref))


def _from_lineage(asset_ids: Sequence[int], hints: dict[int, list[Hint]]) -> None:
    wanted = set(asset_ids)
    rows = Edge.objects.filter(Q(src__in=wanted) | Q(dst__in=wanted), closed_at=None, kind=EdgeKind.DATA)
    pairs = set(rows.values_list("src_id", "dst_id"))
    assets = Asset.objects.filter(retired_at=None).in_bulk({pk for pair in pairs for pk in pair} | wanted)
    owners = _accountable(assets)
    above: dict[int, list[Asset]] = defaultdict(list)
    below: dict[int, list[Asset]] = defaultdict(list)
    for src, dst in sorted(pairs):
        if src in assets and dst in assets and src != dst:
            above[dst].append(assets[src])
            below[src].append(assets[dst])
    for pk in wanted & set(assets):
        hints[pk] += _of_one(assets[pk], above[pk], below[pk], owners)


def _of_one(asset: Asset, above: list[Asset], below: list[Asset], owners: Mapping[int, int]) -> list[Hint]:
    writers = [(owners[each.pk], each.name) for each in above if each.kind == PIPELINE.code and each.pk in owners]
    readers = [(owners.get(each.pk), each.name) for each in below if each.kind in READERS]
    beside = {
        each.pk: each for each in (*above, *below)
        if each.domain_id == asset.domain_id is not None and kind_of(each.kind).zone == kind_of(asset.kind).zone
    }  # fmt: skip
    neighbours = [(owners[pk], each.name) for pk, each in beside.items() if pk in owners]
    return [*of_writers(writers), *of_readers(readers), *of_neighbours(neighbours)]


def _accountable(asset_ids: Iterable[int]) -> dict[int, int]:
    rows = Ownership.objects.filter(
        asset__in=list(asset_ids), duty=Duty.TECHNICAL, rank=PRIMARY, state=State.ACCEPTED.value, valid__upper_inf=True
    )
    return dict(rows.values_list("asset_id", "party_key"))


def _present(parties: set[int]) -> set[int]:
    people = Person.objects.filter(pk__in=[key for key in parties if key > 0], state=PersonState.ACTIVE)
    teams = Team.objects.filter(pk__in=[-key for key in parties if key < 0], archived_at=None, is_system=False)
    return {*people.values_list("pk", flat=True), *(-pk for pk in teams.values_list("pk", flat=True))}
