"""Guessed owners become proposals with their evidence, and go when the evidence goes (spec ownership 11)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership.domain.states import PRIMARY, Basis, Duty, Origin, Outcome, State
from ownership.models import Claim, Ownership
from ownership.queries.inference import INFERENCE, guesses_for, unowned
from ownership.services.claims import resolve_claims
from portal.accounts.models import Person, Team
from portal.core import clock
from portal.core.models import ImportSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ownership.domain.inference import Guess

CHUNK, MOST_GUESSES = 1000, 3
PRECEDENCE = 30
SOURCE_NAME = "Inferred by the portal"
Key = tuple[int, int]


@dataclass
class Inferred:
    """How many guesses were made, changed and withdrawn."""

    made: int = 0
    changed: int = 0
    withdrawn: int = 0


def run_inference(args: Mapping[str, Any], progress: Any) -> dict[str, int]:
    """The job of each night."""
    del args, progress
    done = infer_owners(at=clock.now())
    return {"made": done.made, "changed": done.changed, "withdrawn": done.withdrawn}


def infer_owners(*, at: datetime) -> Inferred:
    """Look at every asset that nobody answers for, at most three guesses each. Repeating changes nothing.

    Each chunk is a transaction. A guess never becomes ownership by itself: it waits for the party's own yes.
    """
    source, _ = ImportSource.objects.get_or_create(
        importer=INFERENCE, scope="", defaults={"name": SOURCE_NAME, "precedence": PRECEDENCE, "created_at": at}
    )
    total = Inferred()
    wanted = set(unowned().values_list("pk", flat=True))
    standing = set(Claim.objects.filter(source=source, closed_at=None).values_list("asset_id", flat=True))
    ids = sorted(wanted | standing)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        with transaction.atomic():
            found = guesses_for([pk for pk in chunk if pk in wanted], at)
            _write(source, chunk, found, total, at)
    return total


def _write(
    source: ImportSource, asset_ids: Sequence[int], found: Mapping[int, Sequence[Guess]], total: Inferred, at: datetime
) -> None:
    rows = Claim.objects.select_for_update().filter(source=source, asset_id__in=asset_ids, closed_at=None)
    standing = {(row.asset_id, _party(row)): row for row in rows.order_by("asset_id", "pk")}
    wanted = {(pk, guess.party): guess for pk, each in found.items() for guess in each[:MOST_GUESSES]}
    gone = [row.pk for key, row in standing.items() if key not in wanted]
    Claim.objects.filter(pk__in=gone).update(closed_at=at)
    changed = [key for key in standing if key in wanted and _differs(standing[key], wanted[key])]
    for key in changed:
        row, guess = standing[key], wanted[key]
        row.confidence, row.evidence, row.last_seen = Decimal(str(guess.confidence)), guess.evidence, at
        row.save(update_fields=["confidence", "evidence", "last_seen"])
    new = {key: guess for key, guess in wanted.items() if key not in standing}
    Claim.objects.bulk_create(_claims(source, new, at))
    resolve_claims(
        actor=None, asset_ids={*(pk for pk, _ in new), *(pk for pk, party in standing if (pk, party) not in wanted)},
        known_since=at, at=at,
    )  # fmt: skip
    _retell({key: wanted[key] for key in (*new, *changed)})
    total.made, total.changed = total.made + len(new), total.changed + len(changed)
    total.withdrawn += len(gone)


def _claims(source: ImportSource, new: Mapping[Key, Guess], at: datetime) -> list[Claim]:
    handles = dict(Person.objects.filter(pk__in=[party for _, party in new]).values_list("pk", "handle"))
    slugs = dict(Team.objects.filter(pk__in=[-party for _, party in new]).values_list("pk", "slug"))
    return [
        Claim(
            asset_id=pk, source=source, raw=handles[party] if party > 0 else f"@{slugs[-party]}",
            person_id=party if party > 0 else None, team_id=-party if party < 0 else None, duty=Duty.TECHNICAL,
            rank=PRIMARY, basis=Basis.INFERRED.value, confidence=Decimal(str(guess.confidence)),
            evidence=guess.evidence, first_seen=at, last_seen=at, outcome=Outcome.PROPOSED.value,
        )
        for (pk, party), guess in new.items()
    ]  # fmt: skip


def _retell(told: Mapping[Key, Guess]) -> None:
    """A proposal that a single file made shows everything that speaks for its party."""
    rows = Ownership.objects.filter(
        asset_id__in={pk for pk, _ in told}, state=State.PROPOSED.value, origin=Origin.IMPORT.value
    )
    by_key: dict[Key, list[Ownership]] = defaultdict(list)
    for row in rows:
        by_key[row.asset_id, row.party_key].append(row)
    for key, guess in told.items():
        for row in by_key[key]:
            row.confidence, row.evidence = Decimal(str(guess.confidence)), guess.evidence
            row.save(update_fields=["confidence", "evidence"])


def _party(row: Claim) -> int:
    return row.person_id or -(row.team_id or 0)


def _differs(row: Claim, guess: Guess) -> bool:
    return row.evidence != guess.evidence or row.confidence != Decimal(str(guess.confidence))
