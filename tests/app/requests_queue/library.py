"""A library of answers over the dbt shop, made through the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.models import Asset
from ownership.services.owning import Nomination, accept_ownership, propose_owner
from portal.engine.services.draining import drain_events
from requests_queue.services.answers import AnswerDraft, EntryDraft, create_entry, publish_answer
from requests_queue.services.checking import verify_answer
from tests.app.ownership.manifests import applied, manifest, node, shop, source
from tests.app.requests_queue.desk import TUESDAY

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from requests_queue.models import FaqEntry
    from tests.world import World

SQL = "SELECT sum(total) FROM fct_orders WHERE day BETWEEN :since AND :until"


def shop_assets(world: World, at: datetime = TUESDAY) -> dict[str, Asset]:
    """The four assets of the shop; alice owns fct_orders and revenue."""
    applied(shop(), at)
    assets = {asset.name: asset for asset in Asset.objects.all()}
    for name in ("fct_orders", "revenue"):
        own(assets[name], world.alice, at)
    drain()
    return assets


def own(asset: Asset, person: Person, at: datetime) -> None:
    """The person becomes primary, by their own word."""
    row = propose_owner(actor=person, asset=asset, nomination=Nomination(person=person, rank=1), at=at)
    if row.state == "proposed":
        accept_ownership(actor=person, row=row, at=at)


def reshaped(columns: dict[str, Any], at: datetime, **more: Any) -> None:
    """The shop's file again, with other columns of fct_orders; its events are handled."""
    changed = node(
        "model.shop.fct_orders", "source.shop.raw.orders", relation_name='"db"."main"."fct_orders"',
        description="One row an order.", columns=columns, config={"materialized": "table"}, tags=["tier_1"], **more,
    )  # fmt: skip
    rest = [
        node("metric.shop.revenue", "model.shop.fct_orders"),
        node("exposure.shop.daily", "metric.shop.revenue", type="dashboard", owner={"email": "bob@example.com"}),
    ]
    applied(manifest(source("source.shop.raw.orders"), changed, *rest), at)
    drain()


def drain() -> None:
    """Handle every event that waits, as one tick does."""
    while drain_events():
        pass


def written(world: World, question: str, *, at: datetime = TUESDAY, **facts: Any) -> FaqEntry:
    """A draft of Data Platform, by alice."""
    return create_entry(actor=world.alice, draft=EntryDraft(question, world.data_platform, **facts), at=at)


def published(
    world: World, question: str, *, body: str = "Because of refunds.", at: datetime = TUESDAY, checked: bool = True,
    answer: dict[str, Any] | None = None, **facts: Any,
) -> FaqEntry:  # fmt: skip
    """A published answer; checked by alice, who owns it, unless told otherwise."""
    entry = written(world, question, at=at, **{"owner": world.alice} | facts)
    made = publish_answer(actor=world.alice, entry=entry, answer=AnswerDraft(body, **answer or {}), at=at)
    if checked:
        verify_answer(actor=world.alice, answer=made, at=at)
    entry.refresh_from_db()
    return entry
