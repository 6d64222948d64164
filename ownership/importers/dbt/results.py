"""dbt's run_results.json and sources.json: what ran, what failed, what is fresh (spec import_formats 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.domain.freshness import FRESHNESS, LANDED, RUN, is_failure
from ownership.domain.naming import clean
from ownership.importers.facts import StatusFact, pointer
from ownership.importers.wording import instant_of, listed
from portal.core.importing.issues import Unusable
from portal.core.importing.json_records import records
from portal.core.importing.protocol import Reading, Scope
from portal.core.limits import KEY_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SYSTEM, TESTS = "dbt", "dbt-test"
RUNS, SOURCES = "run-results", "sources"
SECTIONS = frozenset({"metadata", "results", "sources"})
STATUS_CHARACTERS = 60
TESTED = "tests"


class DbtResultsImporter:
    """Not a snapshot: results of some nodes say nothing of the others."""

    code = "dbt_results"
    label = "dbt run results or source freshness"
    snapshot = False
    precedence = 70

    def sniff(self, head: bytes, filename: str) -> float:
        if b"dbt_schema_version" in head and (b"/run-results/v" in head or b"/sources/v" in head):
            return 1.0
        return 0.4 if filename.endswith(("run_results.json", "sources.json")) else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        del options
        found: dict[str, Any] = {"metadata": {}}
        for section, key, value in records(stream, SECTIONS):
            if section == "metadata":
                found["metadata"][key] = value
            elif key:
                found.setdefault(section, {})[key] = value
            else:
                found[section] = value
        sort = _sort(found["metadata"])
        results = _results(found)
        when = instant_of(found["metadata"].get("generated_at"), "UTC")
        return Reading(Scope("results", complete=False), _facts(sort, results, when, issues))


def _sort(metadata: dict[str, Any]) -> str:
    schema = metadata.get("dbt_schema_version")
    sort = next((name for name in (RUNS, SOURCES) if isinstance(schema, str) and f"/{name}/v" in schema), "")
    if not sort:
        raise Unusable(
            "ownership.dbt_not_results", "This is neither run_results.json nor sources.json of dbt.",
            pointer="/metadata/dbt_schema_version",
        )  # fmt: skip
    return sort


def _results(found: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Results with their place; the oldest freshness files hold a dict by id."""
    given = found.get("results", found.get("sources"))
    if isinstance(given, dict):
        return [(f"/sources/{key}", {"unique_id": key, **row}) for key, row in given.items() if isinstance(row, dict)]
    rows = given if isinstance(given, list) else []
    return [(f"/results/{n}", row) for n, row in enumerate(rows) if isinstance(row, dict)]


def _facts(
    sort: str, results: list[tuple[str, dict[str, Any]]], when: datetime | None, issues: Issues
) -> Iterator[Any]:
    pointed: set[str] = set()
    # Of the tests of one node the worst counts, and the last word at one instant does.
    ordered = sorted(results, key=lambda pair: is_failure(_text(pair[1].get("status"))))
    for place, row in ordered:
        key = clean(_text(row.get("unique_id")))
        if not key or len(key) > KEY_CHARACTERS:
            issues.error("ownership.missing_name", "A result without unique_id is skipped.", pointer=place)
        elif key.startswith(("operation.", "sql_operation.")):
            issues.info_once("ownership.dbt_hook", "hooks", "Results of hooks are no status of an asset.")
        elif key.startswith("test."):
            yield from _tested(key, row, when)
        else:
            if key not in pointed:
                pointed.add(key)
                yield pointer(key, SYSTEM)
            yield from _fresh(key, row) if sort == SOURCES else _ran(key, row, when)


def _ran(key: str, row: dict[str, Any], when: datetime | None) -> Iterator[StatusFact]:
    timing = [item for item in listed(row.get("timing")) if isinstance(item, dict)]
    ends = [found for item in timing if (found := instant_of(item.get("completed_at"), "UTC"))]
    status = _text(row.get("status"))[:STATUS_CHARACTERS]
    if status:
        yield StatusFact(key, RUN, status, max(ends, default=when))


def _tested(key: str, row: dict[str, Any], when: datetime | None) -> Iterator[Any]:
    """A test marks the node it stands on, which the manifest told under the test's name."""
    status = _text(row.get("status"))[:STATUS_CHARACTERS]
    if status:
        yield pointer(key, TESTS)
        yield StatusFact(key, TESTED, status, when)


def _fresh(key: str, row: dict[str, Any]) -> Iterator[StatusFact]:
    seen = instant_of(row.get("snapshotted_at"), "UTC")
    status = _text(row.get("status") or row.get("state"))[:STATUS_CHARACTERS]
    if status:
        yield StatusFact(key, FRESHNESS, status, seen)
    landed = instant_of(row.get("max_loaded_at"), "UTC")
    if landed is not None:
        yield StatusFact(key, LANDED, "complete", landed)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
