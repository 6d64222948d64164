"""Plan, apply, discard: the three acts on a file of others (spec import_formats 1)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction

from portal.core import limits
from portal.core.errors import Conflict, DomainError, TooLarge
from portal.core.importing.issues import Issues, Unusable
from portal.core.importing.protocol import Reader, reader_of
from portal.core.importing.streams import TextStream, digest_of
from portal.core.models import ImportIssue, ImportRun, ImportSource
from portal.core.patience import at_length
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.core.services.rates import take

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import BinaryIO

PLAN_LIFE = timedelta(hours=24)
OPTIONS = frozenset(
    {
        "complete", "dialect", "environment", "namespace", "repo", "repo_prefix", "retire_missing", "rules",
        "saved_queries", "scope", "task_assets",
    }
)  # fmt: skip
FILES_AN_HOUR, HOUR = 20, 3600
OPTION_BYTES = 8 * limits.KIB
State = ImportRun.State


@dataclass(frozen=True)
class FileToImport:
    """A file and how to read it. `source` is a format (`dbt`) or the name of a source made before."""

    source: str
    file: BinaryIO
    name: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    max_bytes: int = limits.UPLOAD_BYTES
    force: bool = False


def plan_import(*, actor: Any, given: FileToImport, at: datetime) -> ImportRun:
    """Read the file and compare it with the register, which does not change.

    Returns the run, `planned` or `failed` with its fatal issue. Raises `TooLarge`, `DomainError` for an unknown
    format or option, `Conflict` while the same source is being imported.
    """
    source, reader = _reader(given.source)
    if actor is not None:
        require(reader.room.may_import(actor, at))
        _not_too_often(actor, at)
    options = (source.options if source else {}) | _checked_options(given.options)
    sha256, size = digest_of(given.file)
    if size > given.max_bytes:
        raise TooLarge("core.limit_bytes", f"The file is larger than {given.max_bytes // limits.MIB} MiB.", "file")
    _expire_old_plans(reader, at)
    run = ImportRun.objects.create(
        source=source,
        importer=reader.importer.code,
        state=State.PARSING,
        file_name=given.name[:255].replace("\x00", ""),
        sha256=sha256,
        bytes=size,
        options=options,
        actor=actor,
        created_at=at,
    )
    base = None if given.force else _same_file(run)
    if base is not None:
        return _unchanged(run, base, at)
    return _plan(run, reader, given, at)


def _not_too_often(actor: Any, at: datetime) -> None:
    """Twenty files an hour a person; programs have the limits of their tokens."""
    if not actor.is_service:
        take(key=f"import:{actor.pk}", capacity=FILES_AN_HOUR, per_seconds=HOUR, at=at)


def apply_import(*, actor: Any, run: ImportRun, confirm_shrink: bool = False, at: datetime) -> ImportRun:
    """Apply a plan chunk by chunk, or go on where an interrupted one stopped; each chunk is a transaction.

    Raises `Conflict`: not planned, expired, stale (another file was applied since), running, or shrinking without
    `confirm_shrink`.
    """
    reader = _reader_of_run(run)
    if actor is not None:
        require(reader.room.may_import(actor, at))
    _start(run, confirm_shrink=confirm_shrink, at=at)
    if run.plan.get("is_unchanged"):
        with at_length():
            found = reader.room.refresh(_source_of(run), actor, at)
        run.plan = run.plan | {"settled": found}
    else:
        while _chunk(run, reader, actor, at):
            pass
        with at_length():
            reader.room.forget(run)
    run.state, run.applied_at = State.APPLIED, at
    run.save(update_fields=["state", "applied_at", "plan"])
    record_audit(actor=actor, verb="imports.applied", subject=run, after=run.counts, at=at)
    return run


def discard_import(*, actor: Any, run: ImportRun, at: datetime) -> ImportRun:
    """Drop a plan; what an interrupted run has applied already stays and is healed by the next import."""
    reader = _reader_of_run(run)
    if actor is not None:
        require(reader.room.may_import(actor, at))
    if run.state not in {State.PLANNED, State.APPLYING}:
        raise Conflict("core.import_not_planned", f"This import is {run.state}.")
    with at_length():
        reader.room.forget(run)
    run.state = State.DISCARDED
    run.save(update_fields=["state"])
    record_audit(actor=actor, verb="imports.discarded", subject=run, at=at)
    return run


def _plan(run: ImportRun, reader: Reader, given: FileToImport, at: datetime) -> ImportRun:
    issues = Issues()
    try:
        with at_length():
            _read(run, reader, given, issues, at)
    except Unusable as fault:
        issues.add(fault.issue)
        run.state = State.FAILED
    except Conflict:
        run.delete()
        raise
    run.counts = run.counts | {"issues": sum(issues.by_level().values()), "issues_by_level": issues.by_level()}
    run.planned_at = at
    with transaction.atomic():
        run.save()
        ImportIssue.objects.bulk_create([ImportIssue(run=run, **vars(issue)) for issue in issues.kept], batch_size=1000)
    return run


def _read(run: ImportRun, reader: Reader, given: FileToImport, issues: Issues, at: datetime) -> None:
    stream = TextStream(given.file, max_bytes=given.max_bytes)
    scopes = ImportSource.objects.filter(importer=reader.importer.code).values_list("scope", flat=True)
    options = run.options | reader.room.options_for(reader.importer, list(scopes))
    reading = reader.importer.read(stream, options=options, issues=issues)
    if run.source is None:
        run.source = _ensure_source(reader, reading.scope.name, at)
    _lock(run.source)
    counts = reader.room.stage(run, _in_time(reading.facts))
    run.counts = {name: counts.get(name, 0) for name in ("assets", "edges", "claims")} | counts
    run.plan = {"is_complete": reading.scope.complete}
    run.plan |= reader.room.plan(run, at)
    run.base_run = ImportRun.objects.filter(source=run.source, state=State.APPLIED).order_by("-pk").first()
    run.state = State.PLANNED


def _in_time(facts: Iterator[Any]) -> Iterator[Any]:
    end = time.monotonic() + limits.PARSE_SECONDS
    for n, fact in enumerate(facts):
        if n % 1000 == 0 and time.monotonic() > end:
            raise Unusable("core.limit_time", "Reading took longer than 10 minutes.")
        yield fact


def _start(run: ImportRun, *, confirm_shrink: bool, at: datetime) -> None:
    if run.state not in {State.PLANNED, State.APPLYING}:
        raise Conflict("core.import_not_planned", f"This import is {run.state}. Plan the file again.")
    if run.state == State.APPLYING:
        return
    if run.planned_at is None or at - run.planned_at > PLAN_LIFE:
        raise Conflict("core.plan_expired", "The plan is older than a day. Plan the file again.")
    if ImportRun.objects.filter(source=run.source, state=State.APPLIED, applied_at__gt=run.planned_at).exists():
        raise Conflict("core.plan_stale", "Another file of this source was applied since. Plan this one again.")
    if run.plan.get("shrinks") and not confirm_shrink:
        names = ", ".join(run.plan.get("vanishing", []))
        message = f"More than a fifth of the {' and '.join(run.plan['shrinks'])} would vanish, {names} among them."
        raise Conflict("core.import_shrinks", message, "confirm_shrink", vanishing=run.plan.get("vanishing", []))
    try:
        with transaction.atomic():
            run.state = State.APPLYING
            run.save(update_fields=["state"])
    except IntegrityError:
        run.state = State.PLANNED
        raise Conflict("core.import_running", "A file of this source is being applied. Wait, or discard it.") from None


def _chunk(run: ImportRun, reader: Reader, actor: Any, at: datetime) -> bool:
    with at_length():
        current = ImportRun.objects.select_for_update().get(pk=run.pk)
        if current.state != State.APPLYING:
            raise Conflict("core.import_running", f"This import is {current.state} now.")
        _lock(_source_of(run))
        run.progress = current.progress
        return reader.room.apply_next(run, actor, at)


def _lock(source: ImportSource) -> None:
    """One import of a source at a time, for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('import'), %s)", [source.pk])
        row = cursor.fetchone()
    if not (row and row[0]):
        raise Conflict("core.import_running", "A file of this source is being imported. Try again in a minute.")


def _same_file(run: ImportRun) -> ImportRun | None:
    """The last applied run of its source, if it applied these very bytes with these options."""
    rows = ImportRun.objects.filter(importer=run.importer, state=State.APPLIED)
    if run.source is not None:
        rows = rows.filter(source=run.source)
    same = rows.filter(sha256=run.sha256, options=run.options).select_related("source").order_by("-pk").first()
    newest = same and ImportRun.objects.filter(source=same.source, state=State.APPLIED).order_by("-pk").first()
    return same if same and newest and newest.pk == same.pk else None


def _unchanged(run: ImportRun, base: ImportRun, at: datetime) -> ImportRun:
    run.source, run.base_run, run.counts = base.source, base, base.counts
    run.plan = {"is_unchanged": True, "changes": 0}
    run.state, run.planned_at = State.PLANNED, at
    run.save()
    return run


def _ensure_source(reader: Reader, scope: str, at: datetime) -> ImportSource:
    source, _ = ImportSource.objects.get_or_create(
        importer=reader.importer.code,
        scope=scope,
        defaults={
            "name": f"{reader.importer.code}:{scope}",
            "precedence": reader.importer.precedence,
            "created_at": at,
        },
    )
    return source


def _reader(name: str) -> tuple[ImportSource | None, Reader]:
    reader = reader_of(name)
    if reader is not None:
        return None, reader
    source = ImportSource.objects.filter(name=name, is_active=True).first()
    reader = reader_of(source.importer) if source else None
    if reader is None:
        raise DomainError("core.unknown_importer", f"No format or source is called {name[:60]!r}.", "source")
    return source, reader


def _reader_of_run(run: ImportRun) -> Reader:
    reader = reader_of(run.importer)
    if reader is None:
        raise DomainError("core.unknown_importer", f"The format {run.importer} is not installed.")
    return reader


def _source_of(run: ImportRun) -> ImportSource:
    if run.source is None:
        raise Conflict("core.import_not_planned", "This import was never planned.")
    return run.source


def _expire_old_plans(reader: Reader, at: datetime) -> None:
    for run in ImportRun.objects.filter(
        importer=reader.importer.code, state=State.PLANNED, planned_at__lt=at - PLAN_LIFE
    ):
        reader.room.forget(run)
        run.state = State.EXPIRED
        run.save(update_fields=["state"])


def _checked_options(options: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(options) - OPTIONS)
    if unknown:
        raise DomainError("core.unknown_option", f"There is no option {unknown[0][:40]!r}.", "options")
    if len(json.dumps(options)) > OPTION_BYTES:
        raise DomainError("core.limit_options", "The options are longer than 8 KiB.", "options")
    return options
