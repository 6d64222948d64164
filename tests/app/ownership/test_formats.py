"""Every format through the one protocol: dry runs, twice = once, owners as the format says, and no crash."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ownership.importers.facts import AssetFact, ClaimFact, EdgeFact
from ownership.models import Asset, AssetStatus, Claim, Edge, Evidence, Ownership
from ownership.queries.owners import current_owners, day_bounds, owners_on
from portal.accounts.models import IdentityAlias
from portal.core.importing.issues import Unusable
from portal.core.importing.protocol import sniff
from portal.core.models import ImportIssue
from tests.app.ownership.importing import applied_file, data_of, facts_of, planned_file
from tests.app.ownership.manifests import applied, manifest, node, shop
from tests.app.ownership.samples import BACKSTAGE, CSV, DATAHUB, ODCS, RUN_RESULTS, SAMPLES, URN
from tests.app.ownership.test_import_dbt import register, without_last_seen

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

FORMATS = sorted(SAMPLES)
FILES = {"codeowners": "CODEOWNERS", "markdown": "orders.md"}


@pytest.fixture
def known(world: World, clock: MovableClock) -> None:
    """Two models with files, one of them tested."""
    applied(
        manifest(
            node("model.shop.orders", original_file_path="models/orders.sql", columns={"id": {"name": "id"}}),
            node("model.shop.fct_orders", original_file_path="models/fct.sql"),
            node("test.shop.unique_id", attached_node="model.shop.fct_orders"),
        ),
        clock.now(),
    )


def owners_of(name: str) -> list[str]:
    pk = Asset.objects.get(name=name).pk
    return [held.party.slug for held in current_owners([pk])[pk].holders]


@pytest.mark.django_db
@pytest.mark.parametrize("source", FORMATS)
def test_a_dry_run_changes_nothing_and_twice_is_once(source: str, known: None, clock: MovableClock) -> None:
    before = register()
    run = planned_file(source, SAMPLES[source], clock.now())
    assert (run.state, register()) == ("planned", before)
    applied_file(source, SAMPLES[source], clock.now())
    once = without_last_seen(register())
    evidence, statuses = Evidence.objects.count(), list(AssetStatus.objects.values())
    clock.advance(hours=1)
    again = applied_file(source, SAMPLES[source], clock.now())
    assert (again.plan["changes"], without_last_seen(register())) == (0, once)
    assert (Evidence.objects.count(), list(AssetStatus.objects.values())) == (evidence, statuses)


@pytest.mark.parametrize("source", FORMATS)
def test_a_format_is_recognised_by_its_beginning(source: str) -> None:
    reader = sniff(data_of(SAMPLES[source]), FILES.get(source, "file"))
    assert reader is not None
    assert reader.importer.code == source


@pytest.mark.parametrize("source", FORMATS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_files_never_raise_beyond_the_reader(source: str, data: Any) -> None:
    content = bytearray(data_of(SAMPLES[source]))
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    content[start:end] = data.draw(st.binary(max_size=20))
    read(source, bytes(content))
    read(source, data.draw(st.binary(max_size=200)))


@pytest.mark.parametrize("source", ["datahub", "openlineage", "openmetadata", "dbt_results"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_values_of_a_wrong_type_never_raise_beyond_the_reader(source: str, data: Any) -> None:
    value = json.loads(SAMPLES[source])
    places = list(walk(value))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({}))
    read(source, value)


def walk(value: Any) -> Any:
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from walk(value[key])


def read(source: str, content: Any) -> None:
    try:
        facts_of(source, content)
    except Unusable:
        return


@pytest.mark.django_db
def test_airflow_owners_are_declared_and_alerts_a_hint(known: None, clock: MovableClock) -> None:
    applied_file("airflow", SAMPLES["airflow"], clock.now())
    assert (owners_of("orders_daily"), owners_of("users_daily")) == (["alice"], [])
    assert Asset.objects.get(name="orders_daily").tier == 1
    assert set(Claim.objects.values_list("raw", "basis")) == {
        ("alice@example.com", "declared"), ("alerts@example.com", "inferred"),
    }  # fmt: skip


@pytest.mark.django_db
def test_a_page_of_airflow_that_is_not_all_closes_nothing(world: World, clock: MovableClock) -> None:
    dags = [{"dag_id": f"d{n}", "owners": ["alice, bob"], "tags": [{"name": "tier-2"}]} for n in range(3)]
    applied_file("airflow", {"dags": dags, "total_entries": 3}, clock.now())
    run = planned_file("airflow", {"dags": dags[:1], "total_entries": 3}, clock.now())
    assert (run.plan["assets"]["missing"], run.plan["claims"]["closed"]) == (0, 0)
    assert owners_of("d2") == ["alice", "bob"]
    whole = planned_file("airflow", {"dags": dags[:1], "total_entries": 1}, clock.now())
    assert whole.plan["assets"]["missing"] == 2


@pytest.mark.django_db
def test_backstage_skips_a_broken_document_and_suggests_people(world: World, clock: MovableClock) -> None:
    run = applied_file("backstage", BACKSTAGE, clock.now())
    issue = ImportIssue.objects.get(run=run, level="error")
    assert (issue.code, issue.line) == ("core.yaml_syntax", 16)
    assert (owners_of("orders-pipeline"), owners_of("orders-db")) == (["data-platform"], ["carol"])
    assert Edge.objects.values_list("src__name", "dst__name", "kind").get() == ("orders-db", "orders-pipeline", 3)
    assert Asset.objects.get(name="orders-pipeline").repo == "https://git.example/shop"
    suggested = IdentityAlias.objects.filter(state="suggested").values_list("key", "person__handle")
    assert ("user:cexample", "carol") in set(suggested)


@pytest.mark.django_db
def test_closed_tenures_of_a_contract_become_history(world: World, clock: MovableClock) -> None:
    applied_file("odcs", ODCS, clock.now())
    asset = Asset.objects.get(name="orders")
    assert (asset.relation, asset.domain.name if asset.domain else "") == ("shop.public.fct_orders", "Sales")
    rows = Ownership.objects.filter(asset=asset).order_by("valid")
    assert list(rows.values_list("person__handle", "rank", "state")) == [
        ("alice", 1, "ended"), ("bob", 1, "ended"), ("carol", 1, "ended"), ("dave", 1, "accepted"),
    ]  # fmt: skip
    assert rows[3].valid.lower == datetime(2021, 4, 1, tzinfo=UTC)
    then = owners_on(asset.pk, *day_bounds(date(2014, 10, 1), UTC))
    assert [held.party.slug for held in then] == ["bob"]


def test_a_contract_without_an_id_is_an_error_with_its_line() -> None:
    with pytest.raises(Unusable, match="no data contract"):
        facts_of("odcs", "version: 1\nkind: DataContract\n")
    facts, issues = facts_of("odcs", f"{ODCS}---\nkind: DataContract\nname: x\n")
    assert [(issue.code, issue.line) for issue in issues.kept] == [("ownership.odcs_id", ODCS.count("\n") + 2)]
    assert sum(isinstance(fact, AssetFact) for fact in facts) == 1


def test_both_forms_of_a_datahub_aspect_say_the_same() -> None:
    records = json.loads(DATAHUB)
    plain = [*records[:1], {**records[1], "aspect": {"json": json.loads(records[1]["aspect"]["value"])}}]
    assert facts_of("datahub", plain)[0] == facts_of("datahub", records)[0]


def test_a_datahub_name_may_hold_commas() -> None:
    facts, _ = facts_of("datahub", DATAHUB)
    names = {fact.key: fact.name for fact in facts if isinstance(fact, AssetFact)}
    assert names[URN] == "shop.orders(a,b)"
    claims = {(fact.raw, fact.duty) for fact in facts if isinstance(fact, ClaimFact)}
    assert claims == {("urn:li:corpuser:alice", 1), ("urn:li:corpGroup:analytics", 2)}


@pytest.mark.django_db
def test_inherited_owners_of_openmetadata_are_no_claims(world: World, clock: MovableClock) -> None:
    applied_file("openmetadata", SAMPLES["openmetadata"], clock.now())
    assert owners_of("fct_orders") == ["alice"]
    assert Asset.objects.get(name="fct_orders").relation == "shop.public.fct_orders"


def test_an_edge_through_a_pipeline_is_two() -> None:
    edge = {"from": {"fqn": "a", "type": "table"}, "to": {"fqn": "b", "type": "table"}}
    through = edge | {"edge_meta": {"fqn": "p", "type": "pipeline"}}
    facts, _ = facts_of("openmetadata", [through, {"edge": {"fromEntity": {"id": "c", "type": "table"},
                                                           "toEntity": {"id": "d", "type": "table"}}}])  # fmt: skip
    assert [(fact.src_key, fact.dst_key) for fact in facts if isinstance(fact, EdgeFact)] == [
        ("table/a", "pipeline/p"), ("pipeline/p", "table/b"), ("table/c", "table/d"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_sheet_states_owner_backup_and_nobody(world: World, clock: MovableClock) -> None:
    applied_file("csv", CSV, clock.now())
    assert (owners_of("Orders"), owners_of("Revenue")) == (["alice", "bob"], ["carol", "dave"])
    applied_file("csv", "asset_key,kind,name,owner\norders,dataset,Orders,\n", clock.now())
    assert owners_of("Orders") == ["alice", "bob"]
    applied_file("csv", "asset_key,kind,name,owner\norders,dataset,Orders,-\n", clock.now())
    assert owners_of("Orders") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("asset_key;kind\na;dataset\n", "ownership.csv_required", 1),
        ("\n\n", "ownership.csv_no_header", 1),
        ("asset_key,kind,name\na,unicorn,A\n", "ownership.unknown_kind", 2),
        ('asset_key,kind,name\n"a\nb",dataset,A\nb,unicorn,B\n', "ownership.unknown_kind", 4),
        ("asset_key,kind,name,tier\na,dataset,A,9\n", "ownership.bad_tier", 2),
    ],
)
def test_a_fault_of_a_sheet_has_its_line(content: str, code: str, line: int, clock: MovableClock) -> None:
    run = planned_file("csv", content, clock.now())
    assert list(ImportIssue.objects.filter(run=run).values_list("code", "line")) == [(code, line)]


@pytest.mark.django_db
def test_a_sheet_of_our_own_export_shows_only_the_edited_cells(world: World, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    browser = Client()
    browser.force_login(world.alice)
    text = b"".join(browser.get("/assets/export.csv").streaming_content).decode()  # type: ignore[attr-defined] # streams
    assert planned_file("csv", text, clock.now()).plan["assets"] == {
        "new": 0, "changed": 0, "same": 4, "missing": 0, "placeholders": 0,
    }  # fmt: skip
    edited = text.replace("fct_orders,dataset,fct_orders,1", "fct_orders,dataset,fct_orders,2")
    run = planned_file("csv", edited, clock.now())
    assert (run.plan["assets"]["changed"], edited != text) == (1, True)


@pytest.mark.django_db
def test_commits_are_evidence_of_people_who_are_known(known: None, clock: MovableClock) -> None:
    applied_file("git", SAMPLES["git"], clock.now())
    assert Evidence.objects.values_list("person__handle", "asset__name", "kind").get() == ("alice", "orders", "commit")


@pytest.mark.django_db
def test_codeowners_are_proposed_where_nobody_is_accountable(known: None, world: World, clock: MovableClock) -> None:
    applied_file("codeowners", SAMPLES["codeowners"], clock.now())
    rows = Ownership.objects.filter(state="proposed").order_by("asset__name")
    assert [(row.asset.name, str(row.person or row.team)) for row in rows] == [
        ("fct_orders", "Analytics"), ("orders", "Alice Example"),
    ]  # fmt: skip
    applied_file("codeowners", "/models/fct.sql @org/analytics\n", clock.now())
    assert Ownership.objects.filter(state="proposed").count() == 1


@pytest.mark.django_db
def test_a_page_documents_an_asset_and_has_an_owner(known: None, clock: MovableClock) -> None:
    applied_file("markdown", SAMPLES["markdown"], clock.now())
    page = Asset.objects.get(kind=50)
    assert (page.name, owners_of(page.name)) == ("How orders are counted", ["alice"])
    assert Edge.objects.values_list("src__slug", "dst").get() == ("orders", page.pk)


@pytest.mark.django_db
def test_results_mark_models_and_what_their_tests_stand_on(known: None, clock: MovableClock) -> None:
    applied_file("dbt_results", RUN_RESULTS, clock.now())
    assert set(AssetStatus.objects.values_list("asset__name", "what", "value")) == {
        ("fct_orders", "last_run", "success"), ("fct_orders", "tests", "fail"),
    }  # fmt: skip


@pytest.mark.django_db
def test_a_history_is_replayed_with_ranks(world: World, clock: MovableClock) -> None:
    applied_file("history", SAMPLES["history"], clock.now())
    rows = Ownership.objects.order_by("valid", "rank").values_list("person__handle", "rank", "state")
    assert list(rows) == [("alice", 1, "ended"), ("bob", 2, "ended"), ("bob", 1, "accepted")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a: &a [x]\n" + "b: [" + ", ".join(["*a"] * 101) + "]\n", "core.limit_aliases"),
        ("l0: &l0 [x, x]\n" + "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 9)),
         "core.limit_aliases"),
        ("a: " + "[" * 65 + "]" * 65, "core.limit_depth"),
        ("a: 1\n---\n" * 2001, "core.limit_documents"),
        ("x" * 5_300_000, "core.limit_bytes"),
    ],
)  # fmt: skip
def test_yaml_bombs_are_refused(content: str, code: str) -> None:
    with pytest.raises(Unusable) as refusal:
        facts_of("backstage", content)
    assert refusal.value.issue.code == code


def test_a_tag_of_yaml_is_never_run() -> None:
    _, issues = facts_of("backstage", f"{BACKSTAGE}---\nx: !!python/object/apply:os.system [ls]\n")
    assert [issue.code for issue in issues.kept if issue.level == "error"] == ["core.yaml_syntax"]
