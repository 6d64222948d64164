"""The difference between a file and the register, in numbers and in lines; the register does not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count

from ownership.domain.kinds import kind_of
from ownership.importers import detail_statements, statements
from ownership.models import Asset, StagedAsset, StagedClaim, StagedDetail
from ownership.queries.parties import resolve_parties
from portal.core.importing.protocol import PlanLine

if TYPE_CHECKING:
    from portal.core.models import ImportRun

SHRINK_SHARE, SHRINK_ROWS = 0.2, 20
FIRST = 10
STALE = (
    ("owners", detail_statements.STALE_CLAIMS),
    ("columns", detail_statements.STALE_COLUMNS),
    ("inputs", ""),
)
WORDS = {"schema_hash": "columns", "definition_hash": "definition", "file_path": "file", "attrs": "properties"}


def run_statement(statement: str, **facts: Any) -> int:
    """Run one of our statements; returns the rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return int(cursor.rowcount)


def run_over_all(statement: str, **facts: Any) -> int:
    """The same for a statement over whole sets, inside a transaction.

    Staged rows have no statistics, and for "about one row" the planner would compare each with each.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
        cursor.execute(statement, facts)
        count = int(cursor.rowcount)
        cursor.execute("SET LOCAL enable_nestloop = on; SET LOCAL work_mem TO DEFAULT")
        return count


def read_row(statement: str, **facts: Any) -> tuple[int, ...]:
    """The one row of numbers of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return tuple(cursor.fetchone() or ())


def read_column(statement: str, **facts: Any) -> list[int]:
    """The one column of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return [row[0] for row in cursor.fetchall()]


def compare(run: ImportRun) -> None:
    """Find the asset of each staged record, and what differs; safe to repeat."""
    StagedAsset.objects.filter(run=run, asset_id__isnull=False).update(asset_id=None)
    run_statement(statements.MATCH_ALIAS, run=run.pk)
    run_statement(statements.MATCH_KNOWN, run=run.pk)
    run_over_all(statements.MATCH_FURTHER, run=run.pk)
    run_statement(statements.MATCH_SLUG, run=run.pk)
    run_over_all(statements.MATCH_RELATION, run=run.pk)
    _drop_stale(run)
    run_over_all(statements.DIFFER, run=run.pk, source=run.source_id)


def _drop_stale(run: ImportRun) -> None:
    """What was said before the newest word of this source on a matter is forgotten."""
    for what, statement in STALE:
        facts = {"run": run.pk, "source": run.source_id, "what": what}
        if statement:
            run_statement(statement, **facts)
        run_statement(detail_statements.STALE_WORDS, **facts)


def resolve_staged(run: ImportRun) -> None:
    """Who is meant by each owner text of the file, as far as somebody is known by it."""
    staged = StagedClaim.objects.filter(run=run)
    for system in staged.values_list("id_system", flat=True).distinct():
        raws = staged.filter(id_system=system).values_list("raw", flat=True).distinct()
        for raw, (person_id, team_id) in resolve_parties(list(raws), system).items():
            staged.filter(id_system=system, raw=raw).update(person_id=person_id, team_id=team_id)


def plan(run: ImportRun) -> dict[str, Any]:
    """Numbers of the difference, with the shrink guard's verdict."""
    compare(run)
    resolve_staged(run)
    facts = {"run": run.pk, "source": run.source_id}
    new, changed, same, placeholders = read_row(statements.COUNT_ASSETS, **facts)
    missing, known = read_row(statements.COUNT_MISSING, **facts)
    edges_new, edges_closed, edges_known, edges = read_row(statements.COUNT_EDGES, **facts)
    claims_new, claims_closed, claims_known, claims = read_row(statements.COUNT_CLAIMS, **facts)
    starting, without_owner, strings, unresolved = read_row(statements.COUNT_OWNERS, **facts)
    if not run.plan.get("is_complete", True):
        missing = edges_closed = claims_closed = 0
    numbers: dict[str, Any] = {
        "assets": {"new": new, "changed": changed, "same": same, "missing": missing, "placeholders": placeholders},
        "edges": {"new": edges_new, "closed": edges_closed, "same": edges - edges_new},
        "claims": {"new": claims_new, "closed": claims_closed, "same": claims - claims_new},
        "owners": {"starting": starting, "without": without_owner},
        "identities": {"unknown": strings, "claims": unresolved},
    }
    numbers["changes"] = new + changed + missing + placeholders + edges_new + edges_closed + claims_new + claims_closed
    shrinks = [
        sort
        for sort, gone, before in (
            ("assets", missing, known),
            ("edges", edges_closed, edges_known),
            ("claims", claims_closed, claims_known),
        )
        if gone > SHRINK_ROWS and gone > SHRINK_SHARE * before
    ]
    numbers |= _beside(run)
    return numbers | {"shrinks": shrinks, "vanishing": _missing(run, FIRST) if shrinks else []}


def _beside(run: ImportRun) -> dict[str, Any]:
    """How much the file says beside assets, edges and owners, and how much of it points at nothing."""
    sorts = dict(StagedDetail.objects.filter(run=run).values_list("sort").annotate(n=Count("pk")))
    absent = StagedAsset.objects.filter(run=run, change="absent").count()
    tenures = StagedClaim.objects.filter(run=run, valid_to__isnull=False).count()
    return {"details": sorts, "absent": absent, "tenures": tenures}


def sample(run: ImportRun, limit: int) -> list[PlanLine]:
    """The first lines of the difference: changed, missing, new, and owner texts nobody is known by."""
    staged = StagedAsset.objects.filter(run=run)
    changed = staged.filter(change="changed").order_by("name")[:limit]
    slugs = dict(Asset.objects.filter(pk__in=[row.asset_id for row in changed]).values_list("pk", "slug"))
    lines = [
        PlanLine(
            "~", "asset", row.name, f"{_words(row.changed)} will change", f"/assets/{slugs.get(row.asset_id or 0, '')}"
        )
        for row in changed
    ]
    if run.plan.get("is_complete", True):
        lines += [PlanLine("-", "asset", name, "is not in this file") for name in _missing(run, limit)]
    lines += [
        PlanLine("+", "asset", row.name, _new_line(row)) for row in staged.filter(change="new").order_by("n")[:limit]
    ]
    unknown = StagedClaim.objects.filter(run=run, person_id=None, team_id=None).values_list("raw", flat=True)
    lines += [
        PlanLine("?", "owner", raw, "nobody is known by this name")
        for raw in unknown.distinct().order_by("raw")[:limit]
    ]
    return lines


def _missing(run: ImportRun, limit: int) -> list[str]:
    facts = {"run": run.pk, "source": run.source_id, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(f"{statements.MISSING} ORDER BY asset.name LIMIT %(limit)s", facts)
        ids = [row[0] for row in cursor.fetchall()]
    return list(Asset.objects.filter(pk__in=ids).order_by("name").values_list("name", flat=True))


def _new_line(row: StagedAsset) -> str:
    label = kind_of(row.kind).label
    return f"{label}, only named by others" if row.is_placeholder else label


def _words(changed: list[str]) -> str:
    return ", ".join(WORDS.get(name, name) for name in changed)
