"""Checks the clock's arithmetic against a file of worked cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.core.domain.sla_cases import FORMAT, misses_at
from portal.core.management.checking import CaseCommand

if TYPE_CHECKING:
    from portal.core.domain.case_files import Place


class Command(CaseCommand):
    help = "Check working-time cases (format sla-cases/1); prints `N of N` last, exit 1 on a miss or a bad file."
    of_format = FORMAT
    key = "cases"

    def misses(self, case: Place, document: Place) -> list[str]:
        return misses_at(case, document.at("calendars", {}))
