"""Checks the arithmetic of the ad-hoc budget against a file of worked cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from portal.core.errors import DomainError
from requests_queue.domain.budget_cases import capacity_misses, scenario_misses

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Mapping

UNUSABLE = 2


class Command(BaseCommand):
    help = "Check budget cases (format budget-cases/1); prints `N of N` last, exit 1 on a miss, 2 on a bad file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        del args, options
        document = _read(file)
        kept = [self._holds(scenario, scenario_misses) for scenario in document["scenarios"]]
        if "capacity_example" in document:
            kept.append(self._holds(document["capacity_example"], capacity_misses))
        self.stdout.write(f"{sum(kept)} of {len(kept)}")
        if not all(kept):
            raise SystemExit(1)

    def _holds(self, case: Any, misses: Callable[[Mapping[str, Any]], list[str]]) -> bool:
        name = case.get("name", "capacity example") if isinstance(case, dict) else "case"
        try:
            faults = misses(case)
        except DomainError as error:
            faults = [f"{error.field}: {error.message}"]
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
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
    if not isinstance(document, dict) or not isinstance(document.get("scenarios"), list):
        message = f"{file}: a file of budget cases is an object with a list `scenarios`"
        raise CommandError(message, returncode=UNUSABLE)
    return document
