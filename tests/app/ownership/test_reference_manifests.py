"""Real dbt projects, where they are at hand: nodes, edges and owner records exactly as counted beforehand."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portal.core.services.imports import FileToImport, apply_import, plan_import

if TYPE_CHECKING:
    from tests.conftest import MovableClock

FOLDER = Path(os.environ.get("REFERENCE_DATA", Path(__file__).parents[4] / "shared" / "data")) / "ownership"
INDEX = FOLDER / "INDEX.tsv"


def expected() -> list[tuple[str, int, int, int]]:
    if not INDEX.exists():
        return []
    with INDEX.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["kind"] == "dbt_manifest"]
    return [(row["file"], int(row["nodes"]), int(row["edges"]), int(row["owner_records"])) for row in rows]


@pytest.mark.skipif(not INDEX.exists(), reason="reference data absent")
@pytest.mark.django_db
@pytest.mark.parametrize(("name", "nodes", "edges", "owners"), expected())
def test_a_real_manifest_gives_what_was_counted(
    name: str, nodes: int, edges: int, owners: int, clock: MovableClock
) -> None:
    with (FOLDER / name).open("rb") as file:
        run = plan_import(actor=None, given=FileToImport("dbt", file, name), at=clock.now())
    assert (run.state, run.counts["assets"], run.counts["edges"], run.counts["owner_records"]) == (
        "planned", nodes, edges, owners,
    )  # fmt: skip
    assert not {"fatal", "error"} & set(run.counts["issues_by_level"])
    apply_import(actor=None, run=run, at=clock.now())
    with (FOLDER / name).open("rb") as file:
        again = plan_import(actor=None, given=FileToImport("dbt", file, name, force=True), at=clock.now())
    assert again.plan["changes"] == 0
