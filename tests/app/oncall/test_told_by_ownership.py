"""What the register tells on-call: a run that failed, a schema that lost what was promised."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from oncall.domain.agreements import NightClass, Terms
from oncall.models import Alert, Incident
from ownership.models import Asset, ColumnEdge
from ownership.queries.status import standing_of
from ownership.services.owning import Nomination, propose_owner
from ownership.services.status import LAST_RUN, Heard, hear_statuses
from portal.core.models import ImportSource
from portal.engine.models import EngineEvent
from portal.engine.services.draining import drain_events
from requests_queue.services.answers import AnswerDraft, EntryDraft
from requests_queue.services.one_step import write_entry
from tests.app.oncall.house import NIGHT, UNTIL_HALF_PAST_SIX, House, breaks, connect, pages, run_until
from tests.app.ownership.manifests import applied, manifest, node
from tests.world import BEFORE

if TYPE_CHECKING:
    from datetime import datetime

    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def _told() -> None:
    """Every event that is due has been handled, none has failed."""
    while drain_events():
        assert not EngineEvent.objects.filter(failures__gt=0).exists()


def _ran(house: House, value: str, at: datetime) -> None:
    heard = [Heard(house.assets["growth_daily"].pk, LAST_RUN, value, at)]
    hear_statuses(actor=None, source=None, heard=heard, at=at)
    _told()


def _orders(at: datetime, **columns: str) -> Asset:
    fields = {name: {"name": name, "data_type": kind} for name, kind in columns.items()}
    applied(manifest(node("model.shop.orders", columns=fields)), at)
    return Asset.objects.get(name="orders")


def _promised(house: House, clock: MovableClock, *columns: str) -> Asset:
    """The readers were promised columns of a table that Core Data owns."""
    at = NIGHT - DAY
    clock.set(at)
    orders = _orders(at, id="bigint", total="numeric(12,2)")
    propose_owner(actor=house.ruth, asset=orders, nomination=Nomination(team=house.core), at=at)
    _told()
    house.assets["orders"] = orders
    house.agree("orders", Terms(NightClass.WITHIN_WEEK, columns=columns), at=at)
    return orders


def test_a_failed_run_opens_an_incident_that_obeys_the_agreement_and_a_good_one_ends_it(
    house: House, clock: MovableClock
) -> None:
    clock.set(NIGHT)
    house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT - DAY)
    _ran(house, "error", NIGHT)
    incident = Incident.objects.get()
    assert (incident.state, incident.root_asset, incident.title) == (
        "held", house.assets["growth_daily"], "growth_daily: run failed",
    )  # fmt: skip
    clock.advance(minutes=20)
    _ran(house, "success", NIGHT + timedelta(minutes=20))
    run_until(clock, NIGHT + timedelta(minutes=26))
    incident.refresh_from_db()
    assert (incident.state, incident.cause, pages()) == ("resolved", "recovered", [])


def test_a_run_that_fails_again_is_the_same_alert(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    _ran(house, "error", NIGHT)
    _ran(house, "fail", NIGHT + timedelta(minutes=5))
    assert (Incident.objects.count(), Alert.objects.count()) == (1, 1)


def test_a_lost_column_that_was_promised_is_an_alarm_with_its_readers(house: House, clock: MovableClock) -> None:
    orders = _promised(house, clock, "total", "id bigint")
    source = ImportSource.objects.order_by("pk")[0]
    ColumnEdge.objects.create(
        dst=house.assets["growth_agg"], dst_column="revenue", src=orders, src_column="total", source=source,
        last_seen=BEFORE,
    )  # fmt: skip
    clock.set(NIGHT)
    _orders(NIGHT, id="text")
    _told()
    alert = Alert.objects.get()
    assert (alert.failure_kind, alert.asset, alert.title) == (
        "schema_change", orders, "orders lost what it promised: total, id",
    )  # fmt: skip
    assert alert.detail == (
        "total is gone; id is text, promised as bigint. Promised to Investor Relations. Made of it: growth_agg.revenue."
    )
    clock.set(NIGHT + timedelta(hours=1))
    _orders(NIGHT + timedelta(hours=1), id="bigint", total="numeric(12,2)")
    _told()
    alert.refresh_from_db()
    assert alert.status == "resolved"


def test_a_lost_column_that_others_rest_on_is_an_alarm_without_any_agreement(house: House, clock: MovableClock) -> None:
    orders = _promised(house, clock)
    source = ImportSource.objects.order_by("pk")[0]
    for column in ("total", "note"):
        ColumnEdge.objects.create(
            dst=house.assets["growth_agg"], dst_column="revenue", src=orders, src_column=column, source=source,
            last_seen=BEFORE,
        )  # fmt: skip
    entry = EntryDraft("How many orders a day", house.core, owner=house.ruth)
    said = AnswerDraft("So many.", sql="select id from orders", assets=[orders])
    write_entry(actor=house.ruth, draft=entry, answer=said, is_checked=True, at=NIGHT - DAY)
    clock.set(NIGHT)
    _orders(NIGHT, id="text")
    _told()
    alert = Alert.objects.get()
    assert (alert.failure_kind, alert.asset, alert.title) == (
        "schema_change", orders, "orders lost what others rest on: id, total",
    )  # fmt: skip
    assert alert.detail == (
        "id is text, was bigint; total is gone. Made of it: growth_agg.revenue. "
        "Answers that use it: “How many orders a day”."
    )
    for hours, columns in ((1, {"id": "bigint"}), (2, {"id": "bigint", "total": "numeric(12, 2)"})):
        clock.set(NIGHT + timedelta(hours=hours))
        _orders(clock.now(), **columns)
        _told()
        alert.refresh_from_db()
        assert alert.status == ("firing" if hours == 1 else "resolved")


def test_a_column_of_a_contract_is_an_alarm_when_it_goes(house: House, clock: MovableClock) -> None:
    _promised(house, clock)
    clock.set(NIGHT)
    held = {"contract": {"enforced": True}}
    applied(manifest(node("model.shop.orders", config=held, columns={"id": {"name": "id"}})), NIGHT)
    _told()
    assert Alert.objects.get().detail == "total is gone. It is in its contract."


@pytest.mark.parametrize("promised", [("id",), ()])
def test_a_column_that_nobody_was_promised_may_go(house: House, clock: MovableClock, promised: tuple[str, ...]) -> None:
    _promised(house, clock, *promised)
    clock.set(NIGHT)
    _orders(NIGHT, id="bigint")
    _told()
    assert Alert.objects.count() == 0


def test_the_status_of_an_asset_names_the_open_incident_on_it(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    incident: Any = breaks(house, "growth_daily", at=NIGHT).incident
    asset = house.assets["growth_daily"]
    assert standing_of(asset, house.ruth, NIGHT).incident == incident.number
    Incident.objects.update(state="resolved", resolved_at=NIGHT, cause="recovered")
    assert standing_of(asset, house.ruth, NIGHT).incident is None


def test_an_incident_says_what_changed_upstream_in_two_days(house: House, clock: MovableClock) -> None:
    orders = _promised(house, clock)
    connect(orders, house.assets["growth_daily"])
    clock.set(NIGHT - timedelta(hours=47))
    _orders(NIGHT - timedelta(hours=23), id="text")
    clock.set(NIGHT)
    incident: Any = breaks(house, "growth_daily", at=NIGHT).incident
    assert incident.events.get(kind="changed_upstream").data == {"text": "orders changed its columns"}
