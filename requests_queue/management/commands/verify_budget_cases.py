"""Checks the arithmetic of the ad-hoc budget against a file of worked cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.core.management.checking import CaseCommand
from requests_queue.domain.budget_cases import FORMAT, capacity_misses_at, scenario_misses_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.domain.case_files import Place

CAPACITY = "capacity_example"


class Command(CaseCommand):
    help = "Check budget cases (format budget-cases/1); prints `N of N` last, exit 1 on a miss or a bad file."
    of_format = FORMAT
    key = "scenarios"

    def cases(self, document: Place) -> Iterator[Place]:
        """The scenarios, then the capacity of a team where the file has one."""
        yield from super().cases(document)
        if document.has(CAPACITY):
            yield document.at(CAPACITY)

    def misses(self, case: Place, document: Place) -> list[str]:
        del document
        return capacity_misses_at(case) if case.path == CAPACITY else scenario_misses_at(case)
