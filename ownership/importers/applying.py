"""A plan becomes the register, chunk by chunk; each chunk is one transaction of the caller and can be repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Max, Min

from ownership.domain.naming import slug_of
from ownership.domain.states import EndReason, Lifecycle, State
from ownership.importers import making_statements as making
from ownership.importers import owner_statements, statements
from ownership.importers.changing import change_assets
from ownership.importers.details import hear, take_details, take_tenures
from ownership.importers.planning import (
    compare,
    read_column,
    read_row,
    resolve_staged,
    run_over_all,
    run_statement,
)
from ownership.models import Asset, Claim, Domain, Ownership, StagedAsset, StagedClaim, StagedEdge
from ownership.queries.parties import resolve_parties
from ownership.services.assets import free_slugs
from ownership.services.claims import resolve_claims
from ownership.services.identities import mute_nobodies
from ownership.services.ranges import close_rows
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import subject_of
from portal.engine.services.events import publish_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from portal.core.models import ImportRun, ImportSource

    Step = Callable[["ImportRun", Any, "datetime", int], int]

# Each chunk locks the rows it points at anew, so small ones cost more than they save.
ASSETS_A_CHUNK, ROWS_A_CHUNK, OWNED_A_CHUNK = 20_000, 100_000, 500
MISSES_BEFORE_RETIRING = 2
IMPORT_APPLIED = "ownership.import_applied"
DONE = -1


def apply_next(run: ImportRun, actor: Any, at: datetime) -> bool:
    """One more chunk; `run.progress` says where the last one stopped. False when nothing is left.

    Steps follow each other in one chunk until one has more rows than a chunk takes: a small file is one transaction.
    """
    names = list(STEPS)
    after = int(run.progress.get("after", 0))
    for step in names[names.index(run.progress.get("step", names[0])) :]:
        after = STEPS[step](run, actor, at, after)
        if after != DONE:
            run.progress = run.progress | {"step": step, "after": after}
            run.save(update_fields=["progress"])
            return True
        after = 0
    return False


def refresh(source: ImportSource, actor: Any, at: datetime) -> int:
    """Look again for people behind owner texts nobody was known by; returns the claims that found somebody."""
    waiting = Claim.objects.filter(source=source, closed_at=None, person=None, team=None)
    settled: list[int] = []
    for system in waiting.values_list("id_system", flat=True).distinct():
        raws = list(waiting.filter(id_system=system).values_list("raw", flat=True).distinct())
        for raw, (person_id, team_id) in resolve_parties(raws, system).items():
            rows = waiting.filter(id_system=system, raw=raw)
            settled += rows.values_list("asset_id", flat=True)
            rows.update(person_id=person_id, team_id=team_id)
    if settled:
        resolve_claims(actor=actor, asset_ids=set(settled), known_since=at, at=at)
    return len(settled)


def _begin(run: ImportRun, actor: Any, at: datetime, after: int) -> int:
    """The register may have moved since the plan: find the assets again, number the new ones, make the domains."""
    del actor, at, after
    compare(run)
    resolve_staged(run)
    run.progress = run.progress | {"is_first": read_row(making.IS_FIRST, run=run.pk, source=run.source_id) == (1,)}
    run_over_all(making.NUMBER_AND_COUNT if run.progress["is_first"] else making.NUMBER_ASSETS, run=run.pk)
    names = set(StagedAsset.objects.filter(run=run).exclude(domain="").values_list("domain", flat=True))
    known = {name for domain in Domain.objects.all() for name in (domain.name, domain.slug)}
    Domain.objects.bulk_create(
        [Domain(name=name, slug=slug_of(name)[:120]) for name in sorted(names - known)], ignore_conflicts=True
    )
    return DONE


def _assets(run: ImportRun, actor: Any, at: datetime, after: int) -> int:
    staged = StagedAsset.objects.filter(run=run, pk__gt=after).exclude(change__in=["same", "absent"]).order_by("pk")
    rows = list(staged.values_list("pk", "slug", "change")[:ASSETS_A_CHUNK])
    if not rows:
        return DONE
    new = [(pk, slug) for pk, slug, change in rows if change == "new"]
    _make(run, new, at)
    changed = change_assets([pk for pk, _, change in rows if change == "changed"], actor, at)
    numbers = {"new": len(new), "changed": changed}
    record_audit(actor=actor, verb="ownership.import_chunk", subject=run, after=numbers, at=at)
    return rows[-1][0] if len(rows) == ASSETS_A_CHUNK else DONE


def _make(run: ImportRun, rows: list[tuple[int, str]], at: datetime) -> None:
    """Names that only point at an asset carry no source: its absence from a file of this one retires nothing."""
    ids = [pk for pk, _ in rows]
    facts = {"ids": ids, "low": min(ids, default=0), "high": max(ids, default=0), "at": at}
    run_statement(making.MAKE_ASSETS, slugs=free_slugs([slug for _, slug in rows]), **facts)
    run_statement(making.NAME_ASSETS, source=run.source_id, **facts)


def _adopt(run: ImportRun, actor: Any, at: datetime, after: int) -> int:
    """Names of this source: new ones for assets found by their relation, and placeholders that are real now."""
    del actor, after
    run_statement(statements.ADOPT_ALIASES, run=run.pk, source=run.source_id, at=at)
    run_over_all(statements.ADOPT_FURTHER, run=run.pk, at=at)
    run_statement(statements.ADOPT_PLACEHOLDERS, run=run.pk, source=run.source_id)
    run_over_all(statements.UPSERT_COLUMNS, run=run.pk)
    run_statement(statements.DROP_COLUMNS, run=run.pk)
    run_statement(statements.TELL_COLUMNS, run=run.pk)
    return DONE


def _edges(run: ImportRun, actor: Any, at: datetime, after: int) -> int:
    del actor
    return _in_ranges(run, StagedEdge, statements.UPSERT_EDGES, at, after)


def _claims(run: ImportRun, actor: Any, at: datetime, after: int) -> int:
    del actor
    return _in_ranges(run, StagedClaim, statements.UPSERT_CLAIMS, at, after)


def _in_ranges(run: ImportRun, model: Any, statement: str, at: datetime, after: int) -> int:
    """Run the statement for the next rows of a staging table, by id."""
    bounds = model.objects.filter(run=run, pk__gt=after).aggregate(low=Min("pk"), high=Max("pk"))
    if bounds["low"] is None:
        return DONE
    upto: int = min(bounds["high"], bounds["low"] + ROWS_A_CHUNK)
    scope = run.source.scope if run.source else ""
    run_over_all(statement, run=run.pk, source=run.source_id, scope=scope, at=at, after=after, upto=upto)
    return upto if upto < bounds["high"] else DONE


def _close(run: ImportRun, actor: Any, at: datetime, after: int) -> int:
    """What this source no longer says ends: its own edges and claims, nobody else's."""
    del after
    facts = {"run": run.pk, "source": run.source_id, "at": at}
    if run.plan.get("is_complete", True) and not run.progress.get("is_first"):
        edges, claims = run_statement(statements.CLOSE_EDGES, **facts), run_statement(statements.CLOSE_CLAIMS, **facts)
        run_statement(statements.MISS_ALIASES, **facts)
        retired = _retire(run, actor, at)
        closed = {"edges_closed": edges, "claims_closed": claims, "retired": retired}
        record_audit(actor=actor, verb="ownership.import_chunk", subject=run, after=closed, at=at)
    hear(run, at)
    run_statement(statements.SEE_ALIASES, **facts)
    return DONE


def _retire(run: ImportRun, actor: Any, at: datetime) -> int:
    misses = 1 if run.options.get("retire_missing") == "now" else MISSES_BEFORE_RETIRING
    gone = Asset.objects.raw(statements.GONE, {"source": run.source_id, "misses": misses})
    for asset in gone:
        held = Ownership.objects.filter(asset=asset, state=State.ACCEPTED.value, valid__upper_inf=True)
        close_rows(list(held.values_list("pk", flat=True)), EndReason.RETIRED, at)
        Asset.objects.filter(pk=asset.pk).update(lifecycle=Lifecycle.RETIRED.value, retired_at=at, updated_at=at)
        record_audit(actor=actor, verb="ownership.asset_retired", subject=asset, after={"source": run.source_id}, at=at)
    return len(gone)


def _owners(run: ImportRun, actor: Any, at: datetime, after: int) -> int:
    if not after:
        mute_nobodies(Claim.objects.filter(source=run.source_id))
        is_whole = run.plan.get("is_complete", True)
        statement = owner_statements.UNSETTLED if is_whole else owner_statements.NAMED
        (run_over_all if is_whole else run_statement)(statement, run=run.pk, source=run.source_id)
    ids = read_column(owner_statements.NEXT, run=run.pk, after=after, limit=OWNED_A_CHUNK)
    if not ids:
        return DONE
    result = resolve_claims(actor=actor, asset_ids=ids, known_since=run.created_at, at=at)
    if result.started or result.ended:
        rows = {"owners_started": result.started, "owners_ended": result.ended}
        record_audit(actor=actor, verb="ownership.import_chunk", subject=run, after=rows, at=at)
    return ids[-1] if len(ids) == OWNED_A_CHUNK else DONE


def _finish(run: ImportRun, actor: Any, at: datetime, after: int) -> int:
    del after
    complete = bool(run.plan.get("is_complete", True))
    if not run.progress.get("is_first"):
        run_statement(statements.COUNT_DOWNSTREAM, run=run.pk, source=run.source_id, at=at, complete=complete)
    payload = {"run": run.pk, "source": run.source_id}
    publish_event(actor=actor, topic=IMPORT_APPLIED, subject=subject_of(run), payload=payload, at=at)
    return DONE


STEPS: dict[str, Step] = {
    "begin": _begin,
    "assets": _assets,
    "names": _adopt,
    "edges": _edges,
    "claims": _claims,
    "close": _close,
    "details": take_details,
    "tenures": take_tenures,
    "owners": _owners,
    "finish": _finish,
}
