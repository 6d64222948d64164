"""Real files of every other format, where they are at hand: what was counted beforehand, and every difference why."""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ownership.importers.facts import AssetFact
from ownership.models import Asset, Edge, Ownership
from portal.accounts.models import Person
from portal.core.importing.protocol import sniff
from portal.core.importing.streams import head_of
from portal.core.services.imports import FileToImport, apply_import, plan_import
from tests.app.ownership.importing import applied_file, facts_of
from tests.app.ownership.test_reference_manifests import FOLDER, INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.models import ImportRun
    from tests.conftest import MovableClock

pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="reference data absent")
FORMATS = {
    "airflow_dags": "airflow", "backstage_catalog": "backstage", "codeowners": "codeowners", "csv": "csv",
    "datahub_mce": "datahub", "dbt_run_results": "dbt_results", "dbt_sources": "dbt_results", "odcs": "odcs",
    "openlineage_events": "openlineage", "openmetadata_json": "openmetadata", "ownership_history": "history",
    "table_owners": "history",
}  # fmt: skip
# By file: assets, edges and owner claims of the register where they differ from what the file holds, and why.
EXPLAINED: dict[str, tuple[int, int, int, str]] = {
    "airflow/bqetl_dags.yaml": (157, 0, 310, "153 alert addresses that are no owner are claims, too, inferred ones"),
    "backstage/acme_2021.yaml": (0, 0, 0, "25 groups and users, and 9 services, libraries and APIs that no rule takes"),
    "backstage/backstage_demo.yaml": (0, 0, 0, "websites, services and an AI resource that no rule takes"),
    "codeowners/datahub.CODEOWNERS": (0, 0, 0, "a rule is no asset; the register is empty, so none matches"),
    "codeowners/dbt_core.CODEOWNERS": (0, 0, 0, "the same"),
    "codeowners/gitlab_data_analytics.CODEOWNERS": (0, 0, 0, "the same"),
    "codeowners/mozilla_bigquery_etl.CODEOWNERS": (0, 0, 0, "the same"),
    "csv/amundsen_sample_table_lineage.csv": (5, 5, 0, ""),
    "csv/amundsen_sample_user.csv": (0, 0, 0, "4 people: two names each, suggested for those who have an account"),
    "datahub/bootstrap_mce.json": (13, 15, 18, "ML entities, terms, tags are no assets; charts feed a dashboard"),
    "datahub/dbt_enabled_with_schemas_mces_golden.json": (31, 27, 6, "12 far ends are placeholders; one pair twice"),
    "datahub/sagemaker_mces_golden.json": (37, 21, 0, "18 ML entities, one of them owned, are no assets"),
    "datahub/tableau_mces_golden.json": (61, 87, 38, "4 owned containers are no assets; 18 charts feed dashboards"),
    "odcs/basic-four-dpo.odcs.yaml": (1, 0, 4, "a contract without objects is one dataset"),
    "odcs/database-table-sla.odcs.yaml": (1, 0, 0, "the same"),
    "odcs/service-and-operational-roles.odcs.yaml": (1, 0, 0, "the same"),
    "odcs/full-example.odcs.yaml": (2, 1, 2, "the one member whose role is an owner, on both objects"),
    "openlineage/marquez_seed.json": (27, 27, 0, "a dataset that only column lineage names is a placeholder"),
    "openlineage/spec_examples.ndjson": (14, 9, 0, "a dataset beside a job; two owners are applications"),
    "openmetadata/lineage__lineage.json": (10, 8, 0, "an edge through a pipeline is two, and the pipeline a node"),
    "openmetadata/teams__teams.json": (0, 0, 0, "15 teams are names, not assets"),
    "openmetadata/users__users.json": (0, 0, 0, "100 users are names, not assets"),
    "owners/bqetl_ownership_history.jsonl": (1759, 0, 2578, "4,112 comings and goings are 2,578 tenures"),
    "dbt/bouncer_dbt112/run_results.json": (0, 0, 0, "results are statuses of assets that the manifest describes"),
    "dbt/datahub_fixture/sources.json": (0, 0, 0, "the same"),
    "dbt/jaffle_v4/run_results.json": (0, 0, 0, "the same"),
    "dbt/jaffle_v5/run_results.json": (0, 0, 0, "the same"),
    "dbt/tap_dbt_artifacts/run_results.json": (0, 0, 0, "the same"),
    "dbt/tap_dbt_artifacts/sources.json": (0, 0, 0, "the same"),
}  # fmt: skip


def counted() -> list[Any]:
    return list(_counted()) if INDEX.exists() else []


def _counted() -> Iterator[Any]:
    with INDEX.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["kind"] in FORMATS:
                held = int(row["nodes"]), int(row["edges"]), int(row["owner_records"])
                yield pytest.param(row["file"], FORMATS[row["kind"]], held, id=row["file"])


def plan(source: str, name: str, at: datetime) -> ImportRun:
    with (FOLDER / name).open("rb") as file:
        return plan_import(actor=None, given=FileToImport(source, file, name, force=True), at=at)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "source", "held"), counted())
def test_a_real_file_gives_what_was_counted(
    name: str, source: str, held: tuple[int, int, int], clock: MovableClock
) -> None:
    run = plan(source, name, clock.now())
    assert (run.state, {"fatal", "error"} & set(run.counts["issues_by_level"])) == ("planned", set())
    nodes, edges, claims, _ = EXPLAINED.get(name, (*held, ""))
    assets = run.counts["assets"] + run.counts.get("placeholders", 0)
    assert (assets, run.counts["edges"], run.counts["claims"]) == (nodes, edges, claims)
    apply_import(actor=None, run=run, at=clock.now())
    assert (Asset.objects.count(), Edge.objects.filter(closed_at=None).count()) == (nodes, edges)
    assert plan(source, name, clock.now()).plan["changes"] == 0


@pytest.mark.parametrize(("name", "source", "held"), counted())
def test_the_format_of_a_real_file_is_recognised(name: str, source: str, held: tuple[int, int, int]) -> None:
    with (FOLDER / name).open("rb") as file:
        reader = sniff(head_of(file), name)
    assert reader is not None
    assert reader.importer.code == source


@pytest.mark.parametrize(("name", "assets", "owners"), [("acme_2021", 9, 9), ("backstage_demo", 3, 3)])
def test_a_rule_of_the_source_takes_backstage_components(name: str, assets: int, owners: int) -> None:
    rules = [{"field": "kind", "glob": "*", "kind": "dataset"}]
    content = (FOLDER / "backstage" / f"{name}.yaml").read_bytes()
    facts, _ = facts_of("backstage", content, rules=rules)
    assert sum(isinstance(fact, AssetFact) for fact in facts) == assets
    assert sum(type(fact).__name__ == "ClaimFact" for fact in facts) == owners


@pytest.mark.django_db
def test_a_real_history_replays_into_dated_ownership(clock: MovableClock) -> None:
    name = "owners/bqetl_ownership_history.jsonl"
    moves = [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
    long_ago = datetime(2019, 1, 1, tzinfo=UTC)
    Person.objects.bulk_create(
        [
            Person(handle=owner.replace("_", "-"), name=owner, email=f"{owner}@history.example", joined_at=long_ago)
            for owner in sorted({move["owner"] for move in moves})
        ]
    )  # fmt: skip
    for move in moves:
        move["owner"] = f"{move['owner']}@history.example"
        move["at"] = datetime.fromisoformat(move["ts"])
    content = "\n".join(json.dumps({**move, "at": None}) for move in moves)
    applied_file("history", content, clock.now())
    first, last = min(move["at"] for move in moves), max(move["at"] for move in moves)
    dice = random.Random(7)  # noqa: S311 (dates, no secret)
    for _ in range(50):
        at = first + timedelta(seconds=dice.randrange(int((last - first).total_seconds())))
        assert owners_then(at) == folded(moves, at)


def owners_then(at: datetime) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    rows = Ownership.objects.filter(valid__contains=at, state__in=["accepted", "ended"])
    for path, email in rows.values_list("asset__file_path", "person__email"):
        found[path].add(str(email))
    return dict(found)


def folded(moves: list[dict[str, Any]], at: datetime) -> dict[str, set[str]]:
    """The independent fold: walk all moves up to the instant."""
    found: dict[str, set[str]] = defaultdict(set)
    for move in sorted(moves, key=lambda move: move["at"]):
        if move["at"] <= at:
            (found[move["asset"]].add if move["op"] == "add" else found[move["asset"]].discard)(move["owner"])
    return {asset: owners for asset, owners in found.items() if owners}
