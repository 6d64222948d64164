"""The real openlineage-python client against a live server: every way it sends lands in the register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import ownership_job, schema_dataset
from openlineage.client.uuid import generate_new_uuid

from ownership.importers.openlineage.live import drain_batch
from ownership.models import Asset, Column, Edge
from ownership.queries.owners import current_owners
from portal.accounts.services.tokens import NewToken, issue_token
from portal.core import clock as portal_clock
from portal.engine.models import EngineInbound
from tests.world import make_person

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def secret() -> str:
    alice = make_person("alice")
    _, made = issue_token(actor=None, person=alice, wish=NewToken("airflow", ["lineage:write"]), at=portal_clock.now())
    return made


def event(job: str) -> RunEvent:
    """A run that reads one table and writes another, with an owner and a schema."""
    fields = [schema_dataset.SchemaDatasetFacetFields(name="id", type="bigint")]
    return RunEvent(
        eventType=RunState.COMPLETE,
        eventTime="2026-03-02T03:00:00Z",
        run=Run(runId=str(generate_new_uuid())),
        job=Job(
            namespace="default", name=job,
            facets={"ownership": ownership_job.OwnershipJobFacet(owners=[ownership_job.Owner(name="alice", type="")])},
        ),
        producer="https://example.com/tests",
        inputs=[InputDataset(namespace="postgres://db", name="shop.raw.orders")],
        outputs=[
            OutputDataset(
                namespace="postgres://db", name=f"shop.public.{job}",
                facets={"schema": schema_dataset.SchemaDatasetFacet(fields=fields)},
            )
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    "transport",
    [{"type": "http"}, {"type": "http", "compression": "gzip"}, {"type": "async_http"}],
    ids=["plain", "gzip", "async"],
)
def test_the_real_client_delivers(transport: dict[str, Any], live_server: LiveServer, secret: str) -> None:
    auth = {"type": "api_key", "apiKey": secret}
    client = OpenLineageClient(config={"transport": {**transport, "url": live_server.url, "auth": auth}})
    for job in ("load", "build"):
        client.emit(event(job))
    client.close(timeout=20)
    assert EngineInbound.objects.filter(source="openlineage").count() == 2
    assert drain_batch(at=portal_clock.now()) == 2
    assert set(Asset.objects.values_list("name", flat=True)) == {
        "load", "build", "shop.raw.orders", "shop.public.load", "shop.public.build",
    }  # fmt: skip
    assert Edge.objects.filter(closed_at=None).count() == 4
    assert Column.objects.filter(name="id").count() == 2
    pipeline = Asset.objects.get(name="load")
    held = current_owners([pipeline.pk])[pipeline.pk].primary
    assert held is not None
    assert held.party.slug == "alice"
