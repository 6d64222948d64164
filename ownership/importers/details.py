"""What a file says beside assets, edges and claims: statuses, traces of work, people, tenures of the past."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db import connection

from ownership.importers import detail_statements as statements
from ownership.importers.planning import run_statement
from ownership.queries.parties import resolve_parties
from ownership.services.evidence import Act, record_acts
from ownership.services.history import PastTenure, add_tenures
from ownership.services.status import Heard, hear_statuses
from ownership.services.suggesting import suggest_aliases
from portal.core.models import ImportIssue

if TYPE_CHECKING:
    from datetime import datetime

    from portal.core.models import ImportRun

BLOCK = 5000
TENURE_ASSETS = 500


def hear(run: ImportRun, at: datetime) -> None:
    """Note the words, and end what they replace."""
    facts = {"run": run.pk, "source": run.source_id, "at": at}
    run_statement(statements.HEAR_WORDS, **facts)
    run_statement(statements.CLOSE_SAID_CLAIMS, **facts)
    run_statement(statements.CLOSE_SAID_EDGES, **facts)
    run_statement(statements.DROP_COLUMN_EDGES, **facts)
    run_statement(statements.UPSERT_COLUMN_EDGES, **facts)


def take_details(run: ImportRun, actor: Any, at: datetime, after: int) -> int:
    """The next block of statuses, traces of work and people's names; -1 when there are no more."""
    last = -1
    for sort, take in (("status", _statuses), ("evidence", _evidence), ("party", _parties)):
        rows = _rows(statements.DETAILS, run=run.pk, sort=sort, after=after, limit=BLOCK)
        if rows:
            take(run, actor, [row[1:] for row in rows], at)
            last = max(last, rows[-1][0] if len(rows) == BLOCK else -1)
    return last


def take_tenures(run: ImportRun, actor: Any, at: datetime, after: int) -> int:
    """The tenures of the past of the next assets; what overlaps is an issue, not a row. -1 when there are no more."""
    found: dict[int, list[PastTenure]] = {}
    for asset_id, rows in groupby(_rows(statements.TENURES, run=run.pk, after=after), key=lambda row: row[0]):
        if len(found) == TENURE_ASSETS:
            break
        found[asset_id] = [PastTenure(*row[1:]) for row in rows]
    if not found:
        return -1
    left_out = add_tenures(actor=actor, source=run.source, tenures=found, at=at)
    ImportIssue.objects.bulk_create(
        [
            ImportIssue(
                run=run, level="warning", code="ownership.tenure_overlap", record=raw[:1000],
                message="This time overlaps what is known, or nobody is known by the name; it is not kept.",
            )
            for raw in left_out[:1000]
        ]
    )  # fmt: skip
    return max(found)


def _statuses(run: ImportRun, actor: Any, rows: list[Any], at: datetime) -> None:
    heard = [Heard(asset_id, what, value, when or at) for asset_id, what, value, _, when in rows if asset_id]
    hear_statuses(actor=actor, source=run.source, heard=heard, at=at)


def _evidence(run: ImportRun, actor: Any, rows: list[Any], at: datetime) -> None:
    del actor, at
    people = resolve_parties({row[1] for row in rows}, run.importer)
    acts = [
        (person_id, asset_id, Act(kind, ref, when))
        for asset_id, raw, kind, ref, when in rows
        if asset_id and (person_id := people.get(raw, (None, None))[0]) is not None
    ]
    record_acts(acts=acts)


def _parties(run: ImportRun, actor: Any, rows: list[Any], at: datetime) -> None:
    del actor, at
    suggest_aliases(source=run.importer, names=[(raw, email, team) for _, raw, email, team, _ in rows])


def _rows(statement: str, **facts: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return list(cursor.fetchall())
