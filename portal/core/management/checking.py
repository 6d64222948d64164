"""What the commands that check files of worked cases share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from portal.core.domain.case_files import Place, read_cases
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterable


class CaseCommand(BaseCommand):
    """Prints what is missed, then `N of N`; exit 1 on a miss, and on a file or a case that cannot be read.

    What cannot be read is told with the file, the place in it and what to write there.
    """

    requires_system_checks: list[str] = []
    of_format = ""
    key = ""

    def cases(self, document: Place) -> Iterable[Place]:
        """The cases of a file, each where it stands."""
        return document.at(self.key).items()

    def misses(self, case: Place, document: Place) -> list[str]:
        """What a case expects and does not get; raises `DomainError` with the place that cannot be read."""
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        del args, options
        document = self._read(file)
        kept = [self._holds(case, document, file) for case in self.cases(document)]
        self.stdout.write(f"{sum(kept)} of {len(kept)}")
        if not all(kept):
            raise SystemExit(1)

    def _holds(self, case: Place, document: Place, file: Path) -> bool:
        try:
            faults = self.misses(case, document)
        except DomainError as error:
            faults = [f"{file}: {error.field or case.path}: {error.message}"]
        for fault in faults:
            self.stdout.write(f"{self._name(case)}: {fault}")
        return not faults

    def _name(self, case: Place) -> str:
        given = case.value if isinstance(case.value, dict) else {}
        return str(given.get("id") or given.get("name") or case.path)

    def _read(self, file: Path) -> Place:
        try:
            return read_cases(file.read_text(encoding="utf-8"), self.of_format, self.key)
        except OSError as error:
            fault = f"{file}: {error.strerror}. Give the path of a JSON file of the format {self.of_format}."
        except UnicodeDecodeError:
            fault = f"{file}: this is not a text in UTF-8. Save it as UTF-8."
        except DomainError as error:
            fault = f"{file}: {error.field}: {error.message}" if error.field else f"{file}: {error.message}"
        raise CommandError(fault)
