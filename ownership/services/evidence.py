"""Keeping traces of work (spec ownership 5); rooms above call `record_evidence` with what their people did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from ownership.domain.evidence import WEIGHTS
from ownership.models import Evidence
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ownership.models import Asset
    from portal.accounts.models import Person

REF_CHARACTERS = 300


@dataclass(frozen=True)
class Act:
    """What was done: `ref` names the act so that the same one is kept once."""

    kind: str
    ref: str
    at: datetime
    url: str = ""


@transaction.atomic
def record_evidence(*, actor: Person | None, person: Person, assets: Iterable[Asset], act: Act) -> int:
    """Keep that `person` did this on each asset; a repeated act adds nothing. Returns the assets it was told for."""
    del actor
    if act.kind not in WEIGHTS:
        raise DomainError("ownership.unknown_evidence", f"There is no kind of evidence {act.kind[:40]!r}.", "kind")
    rows = [_row(person.pk, asset.pk, act) for asset in assets]
    Evidence.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def record_acts(*, acts: Sequence[tuple[int, int, Act]]) -> None:
    """Many (person id, asset id, act) at once, for imports; repeats add nothing."""
    rows = [_row(person_id, asset_id, act) for person_id, asset_id, act in acts]
    Evidence.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)


def _row(person_id: int, asset_id: int, act: Act) -> Evidence:
    return Evidence(
        asset_id=asset_id, person_id=person_id, kind=act.kind, at=act.at, ref=act.ref[:REF_CHARACTERS], url=act.url
    )
