"""Checks the clock's arithmetic against a file of worked cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from portal.core.domain.sla_cases import misses
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from argparse import ArgumentParser

UNUSABLE = 2


class Command(BaseCommand):
    help = "Check working-time cases (format sla-cases/1); prints `N of N` last, exit 1 on a miss, 2 on a bad file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        del args, options
        document = _read(file)
        kept = sum(self._holds(case, document.get("calendars", {})) for case in document["cases"])
        total = len(document["cases"])
        self.stdout.write(f"{kept} of {total}")
        if kept < total:
            raise SystemExit(1)

    def _holds(self, case: dict[str, Any], calendars: dict[str, Any]) -> bool:
        name = case.get("id", "case without id") if isinstance(case, dict) else "case"
        try:
            faults = misses(case, calendars)
        except DomainError as error:
            faults = [f"{error.field}: {error.message}"]
        except (KeyError, TypeError, ValueError) as error:
            faults = [f"not a case of this format: {error!r}"]
        for fault in faults:
            self.stdout.write(f"{name}: {fault}")
        return not faults


def _read(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{file}: {error.strerror}"
        raise CommandError(message, returncode=UNUSABLE) from None
    except ValueError as error:
        message = f"{file}: not JSON: {error}"
        raise CommandError(message, returncode=UNUSABLE) from None
    if not isinstance(document, dict) or not isinstance(document.get("cases"), list):
        message = f"{file}: a file of cases is an object with `calendars` and a list `cases`"
        raise CommandError(message, returncode=UNUSABLE)
    return document
