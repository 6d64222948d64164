"""`manage.py import_file SOURCE FILE [--apply] [--json]`: dry by default."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from portal.core import clock, context
from portal.core.errors import DomainError
from portal.core.limits import COMMAND_BYTES
from portal.core.queries.imports import issues_of
from portal.core.services.imports import FileToImport, apply_import, plan_import

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from portal.core.models import ImportRun

REFUSED, UNUSABLE = 1, 2
SHOWN_ISSUES = 20


class Command(BaseCommand):
    """Exit 0: planned or applied; 1: refused (running, stale, shrinking); 2: the file cannot be used."""

    help = "Read a file of others into the register. Without --apply nothing changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="a format (dbt), or the name of a source")
        parser.add_argument("file")
        parser.add_argument("--apply", action="store_true", help="apply the plan at once")
        parser.add_argument("--json", action="store_true", dest="as_json")
        parser.add_argument("--force", action="store_true", help="read the file even if it was applied before")
        parser.add_argument("--confirm-shrink", action="store_true")
        parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")

    def handle(self, *_: Any, **given: Any) -> None:
        path = Path(given["file"])
        if not path.is_file():
            message = f"There is no file {path}."
            raise CommandError(message, returncode=UNUSABLE)
        with context.use(context.Context(via="import")):
            run, refusal = self._run(path, given)
        self._print(run, refusal, as_json=given["as_json"])
        if run is None or run.state == "failed":
            sys.exit(UNUSABLE)
        if refusal is not None:
            sys.exit(REFUSED)

    def _run(self, path: Path, given: dict[str, Any]) -> tuple[ImportRun | None, DomainError | None]:
        options = dict(option.partition("=")[::2] for option in given["option"])
        run = None
        try:
            with path.open("rb") as file:
                wanted = FileToImport(given["source"], file, path.name, options, COMMAND_BYTES, given["force"])
                run = plan_import(actor=None, given=wanted, at=clock.now())
            if given["apply"] and run.state == "planned":
                run = apply_import(actor=None, run=run, confirm_shrink=given["confirm_shrink"], at=clock.now())
        except DomainError as error:
            return run, error
        return run, None

    def _print(self, run: ImportRun | None, refusal: DomainError | None, *, as_json: bool) -> None:
        issues = list(issues_of(run)) if run else []
        if as_json:
            self.stdout.write(json.dumps(_facts(run, refusal, issues)))
            return
        for issue in issues[:SHOWN_ISSUES]:
            place = issue.pointer or (f"line {issue.line}, column {issue.column}" if issue.line else "")
            self.stdout.write(f"{issue.level}: {issue.message} {place} {issue.record}".rstrip())
        if refusal is not None:
            self.stdout.write(f"refused: {refusal.message}")
        if run is not None:
            self.stdout.write(_summary(run))


def _facts(run: ImportRun | None, refusal: DomainError | None, issues: list[Any]) -> dict[str, Any]:
    counts = {"assets": 0, "edges": 0, "claims": 0, "issues": 0} | (run.counts if run else {})
    return {
        "run": run.pk if run else None,
        "source": run.source.name if run and run.source else None,
        "state": run.state if run else "refused",
        "counts": counts,
        "plan": run.plan if run else {},
        "error": {"code": refusal.code, "message": refusal.message} if refusal else None,
        "issues": [
            {
                "level": issue.level,
                "code": issue.code,
                "message": issue.message,
                "pointer": issue.pointer,
                "record": issue.record,
                "line": issue.line,
                "column": issue.column,
            }
            for issue in issues
        ],
    }


def _summary(run: ImportRun) -> str:
    counts = run.counts
    changes = run.plan.get("changes", 0)
    words = f"{counts.get('assets', 0)} assets, {counts.get('edges', 0)} edges, {counts.get('claims', 0)} owner claims"
    return f"{run.state}: {words}, {counts.get('issues', 0)} issues, {changes} changes"
