"""OpenLineage: what events say, whatever their order, and the door real clients send to."""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from ownership.importers.facts import AssetFact
from ownership.importers.openlineage.live import drain_batch
from ownership.models import Asset, AssetAlias, AssetStatus, Claim, Column, ColumnEdge, Edge, Ownership
from ownership.queries.owners import current_owners
from portal.engine.models import EngineInbound, Job
from tests.app.ownership.importing import applied_file, facts_of
from tests.app.ownership.manifests import applied, manifest, node

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

START = datetime(2026, 3, 2, 3, tzinfo=UTC)
RUN = "3f5e83fa-3480-44ff-99c5-ff943904e5e8"


def dataset(name: str, namespace: str = "postgres://db:5432", **facets: Any) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "facets": facets}


def event(job: str = "load_orders", *, minutes: int = 0, **more: Any) -> dict[str, Any]:
    """A COMPLETE of one job that reads raw.orders and writes shop.public.fct_orders."""
    return {
        "eventType": "COMPLETE",
        "eventTime": (START + timedelta(minutes=minutes)).isoformat(),
        "run": {"runId": RUN, "facets": {}},
        "job": {"namespace": "default", "name": job, "facets": {}},
        "inputs": [dataset("shop.raw.orders")],
        "outputs": [dataset("shop.public.fct_orders")],
        "producer": "https://example.com",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
        **more,
    }


def owned(*names: str, **more: Any) -> dict[str, Any]:
    return {"namespace": "default", "name": "load_orders", "facets": {
        "ownership": {"owners": [{"name": name, "type": ""} for name in names], **more},
    }}  # fmt: skip


def edges() -> set[tuple[str, str]]:
    return set(Edge.objects.filter(closed_at=None).values_list("src__name", "dst__name"))


def owners_of(name: str) -> list[str]:
    pk = Asset.objects.get(name=name).pk
    return [held.party.slug for held in current_owners([pk])[pk].holders]


@pytest.mark.django_db
def test_an_event_lands_jobs_datasets_and_edges(clock: MovableClock) -> None:
    run = applied_file("openlineage", event(), clock.now())
    assert (run.counts["assets"], run.counts["edges"]) == (3, 2)
    assert edges() == {("shop.raw.orders", "load_orders"), ("load_orders", "shop.public.fct_orders")}
    assert set(Asset.objects.values_list("name", "kind", "relation")) == {
        ("load_orders", 22, ""), ("shop.raw.orders", 20, "shop.raw.orders"),
        ("shop.public.fct_orders", 20, "shop.public.fct_orders"),
    }  # fmt: skip
    assert set(AssetStatus.objects.values_list("asset__name", "what", "value")) == {
        ("load_orders", "last_run", "success"), ("shop.public.fct_orders", "landed", "complete"),
    }  # fmt: skip


@pytest.mark.django_db
def test_a_table_that_dbt_knows_gets_a_second_name(clock: MovableClock) -> None:
    applied(manifest(node("model.shop.fct_orders", relation_name='"shop"."public"."fct_orders"')), clock.now())
    applied_file("openlineage", event(), clock.now())
    asset = Asset.objects.get(slug="fct_orders")
    assert (asset.name, sorted(asset.aliases.values_list("system", flat=True))) == (
        "fct_orders",
        ["dbt", "openlineage"],
    )


@pytest.mark.django_db
def test_facets_give_owners_columns_code_and_column_lineage(world: World, clock: MovableClock) -> None:
    output = dataset(
        "shop.public.fct_orders",
        schema={"fields": [{"name": "id", "type": "bigint"}, {"name": "total", "type": "numeric"}]},
        ownership={"owners": [{"name": "team:analytics", "type": "BUSINESS_OWNER"}, {"name": "application:x"}]},
        columnLineage={"fields": {"total": {"inputFields": [
            {"namespace": "postgres://db:5432", "name": "shop.raw.orders", "field": "amount"},
        ]}}},
        dataSource={"name": "warehouse", "uri": "postgres://db:5432"},
        symlinks={"identifiers": [{"namespace": "hive", "name": "orders", "type": "TABLE"}]},
        documentation={"description": "One row an order."},
    )  # fmt: skip
    job = owned("user:First Last <alice@example.com>", "airflow")
    job["facets"]["sourceCodeLocation"] = {"type": "git", "repoUrl": "https://git.example/r", "path": "dags/x.py"}
    applied_file("openlineage", event(outputs=[output]) | {"job": job}, clock.now())
    assert owners_of("load_orders") == ["alice"]
    table = Asset.objects.get(name="shop.public.fct_orders")
    assert Ownership.objects.get(asset=table).duty == 2
    assert (table.description, table.attrs["openlineage"]["data_source"]) == ("One row an order.", "warehouse")
    assert list(Column.objects.order_by("n").values_list("name", "type")) == [("id", "bigint"), ("total", "numeric")]
    assert ColumnEdge.objects.values_list("src_column", "dst_column").get() == ("amount", "total")
    assert Asset.objects.get(name="load_orders").file_path == "dags/x.py"
    assert AssetAlias.objects.filter(asset=table, key="dataset:hive/orders").count() == 1


@pytest.mark.django_db
def test_the_newest_word_on_owners_wins_whatever_the_order(world: World, clock: MovableClock) -> None:
    words = [owned("alice"), owned("bob"), owned("carol")]
    events = [event(minutes=n) | {"job": job} for n, job in enumerate(words)]
    for one in (events[2], events[0], events[1]):
        applied_file("openlineage", one, clock.now())
    assert owners_of("load_orders") == ["carol"]
    assert Claim.objects.filter(closed_at=None).count() == 1
    absent = event(minutes=5)
    applied_file("openlineage", absent, clock.now())
    assert owners_of("load_orders") == ["carol"]
    applied_file("openlineage", event(minutes=6) | {"job": owned()}, clock.now())
    assert owners_of("load_orders") == []


def test_events_in_any_order_say_the_same() -> None:
    events = [
        event(minutes=n, outputs=[dataset("shop.public.fct_orders", schema={"fields": [{"name": f"c{n}"}]})])
        | {"job": owned("alice" if n % 2 else "bob")}
        for n in range(12)
    ]
    expected = {str(fact) for fact in facts_of("openlineage", events)[0]}
    for seed in range(5):
        shuffled = random.Random(seed).sample(events, len(events))  # noqa: S311 (an order, no secret)
        assert {str(fact) for fact in facts_of("openlineage", shuffled)[0]} == expected


@pytest.mark.django_db
def test_a_failed_run_writes_nothing_and_a_flip_is_told_once(clock: MovableClock) -> None:
    applied_file("openlineage", event(eventType="FAIL"), clock.now())
    assert edges() == {("shop.raw.orders", "load_orders")}
    assert AssetStatus.objects.get().value == "failed"
    applied_file("openlineage", event(eventType="COMPLETE", minutes=-5), clock.now())
    assert AssetStatus.objects.get(what="last_run").value == "failed"
    applied_file("openlineage", event(eventType="COMPLETE", minutes=5), clock.now())
    assert AssetStatus.objects.get(what="last_run").value == "success"


def test_tasks_of_a_pipeline_with_a_dot_in_its_name_are_folded() -> None:
    parent = {"job": {"namespace": "default", "name": "sales.daily"}, "run": {"runId": RUN}}
    task = {"namespace": "default", "name": "sales.daily.load", "facets": {"jobType": {"jobType": "TASK"}}}
    given = event() | {"job": task, "run": {"runId": RUN, "facets": {"parent": parent}}}
    facts, _ = facts_of("openlineage", given)
    assert {fact.name for fact in facts if isinstance(fact, AssetFact) and fact.kind == 22} == {"sales.daily"}
    kept, _ = facts_of("openlineage", given, task_assets=True)
    assert "sales.daily.load" in {fact.name for fact in kept if isinstance(fact, AssetFact)}


@pytest.mark.parametrize(
    ("change", "names", "codes"),
    [
        ({"schemaURL": None, "producer": None}, 3, set()),
        ({"schemaURL": "https://example.com/future/99"}, 3, set()),
        ({"run": None}, 3, {"ownership.ol_run"}),
        ({"run": {"runId": "no-uuid"}}, 3, {"ownership.ol_run"}),
        ({"eventTime": "2026-03-02T03:00:00"}, 3, {"ownership.ol_zone"}),
        ({"eventTime": None}, 3, {"ownership.ol_time"}),
        ({"eventTime": "yesterday"}, 3, {"ownership.ol_time"}),
        ({"eventType": None}, 3, set()),
        ({"eventType": "DANCE"}, 3, set()),
        ({"inputs": None, "outputs": None}, 1, set()),
        ({"inputs": ["x", 3, None, {"name": 4}], "outputs": []}, 1, set()),
        ({"dataset": {"namespace": "x", "name": "y"}}, 3, {"ownership.ol_dataset"}),
        ({"job": {"namespace": "ü ö", "name": "a/b 🕷"}}, 3, set()),
    ],
)
def test_untidy_events_are_taken(change: dict[str, Any], names: int, codes: set[str]) -> None:
    facts, issues = facts_of("openlineage", event() | change)
    assert sum(isinstance(fact, AssetFact) for fact in facts) == names
    assert {issue.code for issue in issues.kept} == codes


@pytest.fixture
def api(world: World) -> APIClient:
    client = APIClient()
    client.force_authenticate(world.alice)
    return client


def drained(clock: MovableClock) -> int:
    total = 0
    while taken := drain_batch(at=clock.now()):
        total += taken
    return total


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/lineage", "/api/v1/lineage/"])
def test_the_door_stores_once_and_works_later(path: str, api: APIClient, clock: MovableClock) -> None:
    for _ in range(2):
        answer = api.post(path, event(), format="json")
        assert (answer.status_code, set(answer.json())) == (200, {"id"})
    assert (EngineInbound.objects.count(), Asset.objects.count()) == (1, 0)
    assert drained(clock) == 1
    assert (Asset.objects.count(), EngineInbound.objects.get().state) == (3, "done")


@pytest.mark.django_db
def test_an_event_is_read_as_soon_as_it_is_stored(api: APIClient, clock: MovableClock) -> None:
    for minutes in range(2):
        api.post("/api/v1/lineage", event(minutes=minutes), format="json")
    jobs = Job.objects.filter(kind="ownership.read_events")
    assert list(jobs.values_list("unique_key", "state")) == [("ownership.read_events", "queued")]
    jobs.update(state="running", lease_until=clock.now() + timedelta(minutes=1), lease_token=uuid4())
    for minutes in range(2, 4):
        api.post("/api/v1/lineage", event(minutes=minutes), format="json")
    assert list(jobs.order_by("id").values_list("unique_key", "state")) == [
        ("ownership.read_events", "running"), ("ownership.read_events:next", "queued"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_batch_without_one_readable_event_starts_nothing(api: APIClient) -> None:
    api.post("/api/v1/lineage/batch", [{"x": 1}], format="json")
    assert Job.objects.filter(kind="ownership.read_events").count() == 0


@pytest.mark.django_db
def test_gzip_and_plain_text_are_read(api: APIClient, clock: MovableClock) -> None:
    body: Any = gzip.compress(json.dumps(event()).encode())
    packed = api.generic("POST", "/api/v1/lineage", body, "application/json", HTTP_CONTENT_ENCODING="gzip")
    plain = api.generic("POST", "/api/v1/lineage", json.dumps(event(minutes=1)), "text/plain")
    assert (packed.status_code, plain.status_code, EngineInbound.objects.count()) == (200, 200, 2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "core.unparsable"),
        (b"[]", 400, "core.unparsable"),
        (b"3", 400, "core.unparsable"),
        (b'{"lineage": {}}', 422, "ownership.unusable_event"),
        (b"{}", 422, "ownership.unusable_event"),
        (b'{"job": {"name": ' + b"[" * 70 + b"]" * 70 + b"}}", 400, "core.limit_depth"),
        (b'{"job": {"namespace": "' + b"x" * 11_000_000 + b'", "name": "n"}}', 413, "core.limit_body"),
    ],
)
def test_what_no_reader_could_use_is_refused(body: Any, status: int, code: str, api: APIClient) -> None:
    answer = api.generic("POST", "/api/v1/lineage", body, "application/json")
    assert (answer.status_code, answer.json()["code"], EngineInbound.objects.count()) == (status, code, 0)


@pytest.mark.django_db
def test_a_bomb_is_refused(api: APIClient) -> None:
    body: Any = gzip.compress(b'{"job": {"name": "' + b" " * 20_000_000 + b'"}}')
    answer = api.generic("POST", "/api/v1/lineage", body, "application/json", HTTP_CONTENT_ENCODING="gzip")
    assert (answer.status_code, answer.json()["code"]) == (413, "core.limit_body")


@pytest.mark.django_db
def test_a_batch_names_what_failed(api: APIClient, clock: MovableClock) -> None:
    answer = api.post("/api/v1/lineage/batch", [event(), {"x": 1}, event(minutes=1)], format="json").json()
    why = "An event names a job or a dataset, each with namespace and name."
    assert answer == {
        "status": "partial_success",
        "summary": {"received": 3, "successful": 2, "failed": 1, "retriable": 0, "non_retriable": 1},
        "failed_events": [{"index": 1, "reason": why, "retriable": False}],
    }  # fmt: skip
    assert drained(clock) == 2


@pytest.mark.django_db
def test_an_event_nobody_can_process_stops_no_other(api: APIClient, clock: MovableClock) -> None:
    api.post("/api/v1/lineage", event(), format="json")
    EngineInbound.objects.create(source="openlineage", message_id="bad", body=[1], received_at=clock.now())
    for _ in range(8):
        drain_batch(at=clock.now())
    states = dict(EngineInbound.objects.values_list("message_id", "state"))
    assert (states["bad"], sorted(states.values()), Asset.objects.count()) == ("failed", ["done", "failed"], 3)


@pytest.mark.django_db
def test_overload_is_503_with_a_time_and_never_429(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ownership.api.lineage.BURST", 1)
    monkeypatch.setattr("ownership.api.lineage.PER_SECOND", 0.001)
    answers = [api.post("/api/v1/lineage", event(minutes=n), format="json") for n in range(2)]
    assert [answer.status_code for answer in answers] == [200, 503]
    assert int(answers[1]["Retry-After"]) >= 1


@pytest.mark.django_db
def test_without_its_database_the_door_says_503(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(**_: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("ownership.api.lineage.take_events", gone)
    answer = api.post("/api/v1/lineage", event(), format="json")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "ownership.overloaded", "1")


@pytest.mark.django_db
def test_without_a_token_the_door_is_closed() -> None:
    answer = APIClient().post("/api/v1/lineage", event(), format="json")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
