"""Backfills and migrations: steps with guards, references that close and open again, runs below in order."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from ownership.domain.plans import DEFAULT_THRESHOLDS, PlanKind
from ownership.models import Asset, ChangePlan, Edge, Reference
from ownership.queries.plans import suffix_names
from ownership.services.announcing import AnnouncementDraft, announce_change, answer_announcement, reply_to_objection
from ownership.services.owning import Nomination, propose_owner
from ownership.services.planning import PLAN_KIND, PlanDraft, pause_plan, roll_back_plan, start_plan
from ownership.services.references import (
    REFERENCE_KIND,
    add_reference,
    collect_references,
    move_reference,
    waive_reference,
)
from ownership.services.stepping import Seen, complete_step, fail_step
from ownership.services.triggers import (
    finish_trigger,
)
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.importing.checks import CheckedFiles, file_checks
from portal.core.models import AuditEntry, ImportRun, ImportSource
from portal.engine.models import Deadline, Notice
from portal.engine.services.firing import fire_batch
from tests.app.ownership.graphs import make_graph, make_source
from tests.app.ownership.manifests import manifest, node

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
GOOD = dict.fromkeys(DEFAULT_THRESHOLDS, 0.0)
ENDS = date(2026, 4, 1)


class Shop:
    """orders feeds report (bob) and board (carol); alice has orders; one dbt source, imported now."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.source = make_source(at=AT)
        self.assets = make_graph([("orders", "report"), ("orders", "board")], at=AT, source=self.source)
        Asset.objects.filter(slug="orders").update(relation="db.main.orders")
        for name, person in (("orders", world.alice), ("report", world.bob), ("board", world.carol)):
            wanted = Nomination(person=person)
            propose_owner(actor=person, asset=self.assets[name], nomination=wanted, at=AT)
        self.orders = Asset.objects.get(slug="orders")
        self.imported(AT)

    def imported(self, at: datetime) -> None:
        """A newer complete file of the source."""
        ImportRun.objects.create(
            source=self.source, importer="dbt", state=ImportRun.State.APPLIED, created_at=at, applied_at=at
        )

    def reads(self, reader: str, table: Asset, *, at: datetime, source: ImportSource | None = None) -> None:
        Edge.objects.update_or_create(
            src=table, dst=self.assets[reader], kind=1, source=source or self.source,
            defaults={"first_seen": AT, "last_seen": at, "closed_at": None},
        )  # fmt: skip

    def stops_reading(self, reader: str, table: Asset, *, at: datetime) -> None:
        Edge.objects.filter(src=table, dst=self.assets[reader]).update(closed_at=at)


@pytest.fixture
def shop(world: World, clock: MovableClock) -> Shop:
    clock.set(AT)
    return Shop(world)


def plan(shop: Shop, kind: PlanKind = PlanKind.SMALL, **more: Any) -> ChangePlan:
    ends = ENDS if kind is PlanKind.LARGE else None
    draft = PlanDraft(shop.orders, kind, "id becomes text", keys=("id",), ends_on=ends, **more)
    return start_plan(actor=shop.world.alice, draft=draft, at=AT)


def tell(shop: Shop, row: ChangePlan) -> Any:
    draft = AnnouncementDraft(asset=shop.orders, change="breaking", text="id becomes text", plan=row)
    return announce_change(actor=shop.world.alice, draft=draft, at=AT)


def tick(shop: Shop, row: ChangePlan, n: int, at: datetime = AT, **seen: Any) -> None:
    complete_step(actor=shop.world.alice, plan=row, n=n, seen=Seen(**seen), at=at)


def up_to_swap(shop: Shop, row: ChangePlan) -> Any:
    """Steps 1 to 4 of the small plan, announced."""
    told = tell(shop, row)
    tick(shop, row, 1)
    tick(shop, row, 2)
    tick(shop, row, 3)
    tick(shop, row, 4, values=GOOD)
    return told


def state_of(row: ChangePlan) -> tuple[str, list[str]]:
    row.refresh_from_db()
    return row.state, [step.state for step in row.steps.all()]


def test_the_small_plan_from_plan_to_done(shop: Shop) -> None:
    row = plan(shop)
    assert row.code == f"BKF-{row.pk}"
    up_to_swap(shop, row)
    tick(shop, row, 5)
    for trigger in row.triggers.all():
        finish_trigger(actor=shop.world.alice, row=trigger, ran=True, at=AT)
    tick(shop, row, 6)
    tick(shop, row, 7)
    with pytest.raises(Conflict, match="kept for 7 days"):
        tick(shop, row, 8, at=AT + 6 * DAY)
    tick(shop, row, 8, at=AT + 7 * DAY)
    tick(shop, row, 9, at=AT + 7 * DAY)
    assert state_of(row) == ("done", ["done"] * 9)
    kept = shop.orders.evidence.get()
    assert (kept.kind, kept.person, kept.ref, kept.at) == ("backfill_done", row.owner, row.code, AT + 7 * DAY)


def test_steps_open_in_order_and_a_failed_one_stays_open(shop: Shop) -> None:
    row = plan(shop)
    with pytest.raises(Conflict, match="those before it come first"):
        tick(shop, row, 2)
    fail_step(actor=shop.world.alice, plan=row, n=1, note="No range yet", at=AT)
    tick(shop, row, 1)
    assert state_of(row) == ("running", ["done"] + ["todo"] * 8)
    with pytest.raises(NotAllowed):
        complete_step(actor=shop.world.dave, plan=row, n=2, seen=Seen(), at=AT)


def test_verification_needs_every_value_within_the_threshold_that_stood_before(shop: Shop) -> None:
    row = plan(shop, thresholds={"rows": 1.0})
    tell(shop, row)
    for n in (1, 2, 3):
        tick(shop, row, n)
    with pytest.raises(Conflict) as refused:
        tick(shop, row, 4, values={**GOOD, "rows": 1.5})
    assert refused.value.extra["checks"] == ["Rows differ by at most, in percent"]
    with pytest.raises(Conflict):
        tick(shop, row, 4, values={"rows": 0.0})
    tick(shop, row, 4, values={**GOOD, "rows": 1.0})
    assert row.steps.get(n=4).evidence["checks"]["rows"] == {"threshold": 1.0, "value": 1.0}


def test_nobody_below_untold_before_the_work_begins(shop: Shop) -> None:
    row = plan(shop)
    tick(shop, row, 1)
    with pytest.raises(Conflict, match="have not been told"):
        tick(shop, row, 2)
    tell(shop, row)
    tick(shop, row, 2)


def test_an_objection_blocks_the_swap_until_it_is_answered(shop: Shop) -> None:
    row = plan(shop)
    told = up_to_swap(shop, row)
    objector = answer_announcement(actor=shop.world.bob, announcement=told, objection="Not on the 1st", at=AT)
    with pytest.raises(Conflict) as refused:
        tick(shop, row, 5)
    assert refused.value.code == "ownership.objections_open"
    assert state_of(row)[1][4] == "todo"
    reply_to_objection(actor=shop.world.alice, recipient=objector, text="On the 3rd then", at=AT)
    tick(shop, row, 5)


def migration_at_drop(shop: Shop) -> ChangePlan:
    """A migration with everybody moved, one step before the drop."""
    row = plan(shop, PlanKind.LARGE)
    tell(shop, row)
    for n in (1, 2, 3):
        tick(shop, row, n)
    tick(shop, row, 4, values=GOOD, runs=3)
    tick(shop, row, 5)
    for reference in row.references.all():
        move_reference(actor=shop.world.alice, row=reference, moved_in="PR 7", at=AT)
    for name in ("report", "board"):
        shop.stops_reading(name, shop.orders, at=AT)
        assert row.successor is not None
        shop.reads(name, row.successor, at=AT)
    tick(shop, row, 6)
    return row


def refused_drop(shop: Shop, row: ChangePlan, at: datetime) -> dict[str, Any]:
    """The drop is refused and nothing is written."""
    audits, before = AuditEntry.objects.count(), state_of(row)
    with pytest.raises(Conflict) as refused:
        tick(shop, row, 7, at=at)
    assert refused.value.code == "ownership.references_remain"
    assert (AuditEntry.objects.count(), state_of(row)) == (audits, before)
    return refused.value.extra


def test_a_drop_with_one_open_reference_is_refused_and_names_it(shop: Shop, clock: MovableClock) -> None:
    row = migration_at_drop(shop)
    add_reference(actor=shop.world.alice, plan=row, text="The board's sheet", party=shop.world.bob, due_on=ENDS, at=AT)
    found = refused_drop(shop, row, AT)
    assert found["references"] == [f"The board's sheet ({shop.world.bob.name})"]


def test_a_drop_is_refused_while_an_import_is_older_than_a_day(shop: Shop) -> None:
    row = migration_at_drop(shop)
    assert refused_drop(shop, row, AT + timedelta(hours=25))["stale_sources"] == [shop.source.name]
    shop.imported(AT + timedelta(hours=25))
    tick(shop, row, 7, at=AT + timedelta(hours=25))


def test_a_drop_is_refused_after_a_read_six_days_ago_and_passes_after_seven(shop: Shop) -> None:
    row = migration_at_drop(shop)
    events = make_source("jobs", "openlineage", at=AT)
    shop.reads("board", shop.orders, at=AT, source=events)
    shop.stops_reading("board", shop.orders, at=AT)
    later = AT + 6 * DAY
    shop.imported(later)
    assert refused_drop(shop, row, later)["recent_reads"] == ["board, 02 Mar 09:00 UTC"]
    shop.imported(AT + 7 * DAY)
    tick(shop, row, 7, at=AT + 7 * DAY)


def test_a_migration_gets_a_successor_references_with_owners_and_their_dates(shop: Shop) -> None:
    row = plan(shop, PlanKind.LARGE)
    assert row.successor is not None
    assert (row.successor.name, row.successor.relation) == ("orders_v2", "db.main.orders_v2")
    assert (row.successor.lifecycle, row.successor.replaces_id) == ("migrating", shop.orders.pk)
    found = row.references.order_by("referrer__name").values_list("referrer__name", "person__handle", "due_on", "state")
    assert list(found) == [("board", "carol", ENDS, "open"), ("report", "bob", ENDS, "open")]
    armed = (
        Deadline.objects.filter(kind=REFERENCE_KIND, state="armed").order_by("due_at").values_list("due_at", flat=True)
    )
    assert list(armed) == [datetime(2026, 3, 31, 9, tzinfo=UTC)] * 2 + [datetime(2026, 4, 1, 9, tzinfo=UTC)] * 2
    with pytest.raises(Conflict, match="under way"):
        plan(shop, PlanKind.LARGE)


def test_a_reference_closed_by_an_import_opens_again_when_the_old_table_is_read(shop: Shop) -> None:
    row = plan(shop, PlanKind.LARGE)
    assert row.successor is not None
    shop.stops_reading("report", shop.orders, at=AT + DAY)
    shop.reads("report", row.successor, at=AT + DAY)
    assert collect_references(plan=row, at=AT + DAY) == 1
    reference = Reference.objects.get(referrer__slug="report")
    assert (reference.state, reference.closed_at) == ("moved", AT + DAY)
    assert collect_references(plan=row, at=AT + DAY) == 0
    shop.reads("report", shop.orders, at=AT + 2 * DAY)
    collect_references(plan=row, at=AT + 2 * DAY)
    reference.refresh_from_db()
    assert (reference.state, reference.closed_at) == ("open", None)
    shop.stops_reading("report", shop.orders, at=AT + 3 * DAY)
    shop.stops_reading("report", row.successor, at=AT + 3 * DAY)
    collect_references(plan=row, at=AT + 3 * DAY)
    reference.refresh_from_db()
    assert reference.state == "gone"


def test_only_its_owner_or_their_lead_waives_a_reference_and_says_why(shop: Shop) -> None:
    row = plan(shop, PlanKind.LARGE)
    reference = Reference.objects.get(referrer__slug="report")
    with pytest.raises(NotAllowed):
        waive_reference(actor=shop.world.carol, row=reference, reason="Let it break", at=AT)
    with pytest.raises(NotAllowed):
        waive_reference(actor=shop.world.alice, row=reference, reason="Let it break", at=AT)
    with pytest.raises(DomainError, match="few words why"):
        waive_reference(actor=shop.world.bob, row=reference, reason=" ", at=AT)
    waive_reference(actor=shop.world.bob, row=reference, reason="Nobody looks at it", at=AT)
    collect_references(plan=row, at=AT + DAY)
    reference.refresh_from_db()
    assert (reference.state, reference.waive_reason) == ("waived", "Nobody looks at it")


def test_a_finished_migration_leaves_one_name(shop: Shop) -> None:
    row = migration_at_drop(shop)
    tick(shop, row, 7)
    tick(shop, row, 8)
    shop.orders.refresh_from_db()
    assert (shop.orders.lifecycle, Asset.objects.get(slug="orders_v2").lifecycle) == ("active", "retired")
    with pytest.raises(Conflict) as refused:
        tick(shop, row, 9)
    assert len(refused.value.extra["references"]) == 2  # type: ignore[arg-type] # a list of names
    for reference in row.references.filter(phase=2):
        move_reference(actor=shop.world.alice, row=reference, moved_in="PR 9", at=AT)
    assert suffix_names(row) == []
    tick(shop, row, 9)
    tick(shop, row, 10)
    assert state_of(row) == ("done", ["done"] * 10)
    # From now on the suffix is a finding of every pull request that still uses it.
    left = manifest(
        node("model.shop.orders_v2", meta={"owner": "alice@example.com"}, relation_name='"db"."main"."orders_v2"')
    )
    check: Any = file_checks.get("manifest")
    found = check(CheckedFiles(io.BytesIO(json.dumps(left).encode()), None, None), AT)
    assert [(finding.code, finding.record) for finding in found] == [("HW006", "model.shop.orders_v2")]


def test_a_rollback_gives_the_first_version_back_and_is_refused_after_the_drop(shop: Shop) -> None:
    row = migration_at_drop(shop)
    roll_back_plan(actor=shop.world.alice, plan=row, reason="The numbers drift", at=AT)
    shop.orders.refresh_from_db()
    assert (state_of(row)[0], shop.orders.lifecycle) == ("rolled_back", "active")
    assert Deadline.objects.filter(state="armed", kind__in=[PLAN_KIND, REFERENCE_KIND]).count() == 0


def test_nothing_is_ticked_while_a_plan_is_paused_and_nothing_rolls_back_after_the_drop(shop: Shop) -> None:
    row = migration_at_drop(shop)
    pause_plan(actor=shop.world.alice, plan=row, at=AT)
    with pytest.raises(Conflict, match="The plan is paused"):
        tick(shop, row, 7)
    other = ChangePlan.objects.get(pk=row.pk)
    other.steps.filter(code="drop").update(state="done", at=AT)
    with pytest.raises(Conflict, match="nothing to go back to"):
        roll_back_plan(actor=shop.world.alice, plan=row, reason="Too late", at=AT)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"range_text": "day >"}, "range_text"), ({"dialect": "oracle"}, "dialect"), ({"hold_days": 61}, "hold_days"),
     ({"thresholds": {"mood": 1.0}}, "thresholds"), ({"thresholds": {"rows": -1.0}}, "thresholds")],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_planned(shop: Shop, more: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        plan(shop, **more)
    assert (refused.value.field, ChangePlan.objects.count()) == (field, 0)


def test_who_must_move_hears_the_day_before_and_on_the_day(shop: Shop, clock: MovableClock) -> None:
    plan(shop, PlanKind.LARGE)
    clock.set(datetime(2026, 3, 31, 9, tzinfo=UTC))
    fire_batch(by="test")
    told = (
        Notice.objects.filter(kind=REFERENCE_KIND)
        .order_by("recipient__handle")
        .values_list("recipient__handle", flat=True)
    )
    assert list(told) == ["bob", "carol"]
    week = Notice.objects.get(kind=PLAN_KIND)
    assert (week.recipient_id, "2 references are still open" in week.context["words"]) == (shop.world.alice.pk, True)


def test_the_pages_plan_tick_and_refuse(shop: Shop) -> None:
    client = Client()
    client.force_login(shop.world.alice)
    asked = client.get("/backfills/new?asked=1&asset=orders&fits_one_window=on&all_switch_at_once=on")
    assert "Take the small plan" in asked.content.decode()
    form = {"asset": "orders", "kind": "migration", "reason": "id becomes text", "dialect": "snowflake"}
    form |= {"ends_on": "2026-04-01", "keys": "id, shop", "hold_days": "7"}
    made = client.post("/backfills/new", form)
    row = ChangePlan.objects.get()
    assert (made.status_code, made["Location"], row.columns["keys"]) == (303, f"/backfills/{row.code}", ["id", "shop"])
    page = client.get(f"/backfills/{row.code}").content.decode()
    assert "2 open of 2" in page
    assert 'role="img" aria-label="2 references open of 2' in page
    assert client.post(f"/backfills/{row.code}/steps/1", {}).status_code == 303
    refused = client.post(f"/backfills/{row.code}/steps/2", {})
    assert (refused.status_code, "have not been told" in refused.content.decode()) == (422, True)
    assert client.get(f"/backfills/BKF-{row.pk}").status_code == 404
    assert [each.number for each in client.get("/backfills/?state=running").context["rows"]] == [row.code]
    assert client.get("/backfills/?state=unicorn").status_code == 400
    assert "Backfills and migrations" in client.get("/assets/orders").content.decode()


def test_the_api_answers_409_with_the_list_and_has_no_override(shop: Shop) -> None:
    row = migration_at_drop(shop)
    reference = add_reference(actor=shop.world.alice, plan=row, text="Sheet", party=shop.world.bob, due_on=ENDS, at=AT)
    client = Client()
    client.force_login(shop.world.alice)
    url = f"/api/v1/backfills/{row.code}"
    refused = client.post(f"{url}/steps/7", {"note": "force"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "ownership.references_remain")
    assert refused.json()["references"] == [f"Sheet ({shop.world.bob.name})"]
    body = {"reference": reference.pk, "outcome": "moved", "text": "PR 1"}
    assert client.post(f"{url}/close", body, content_type="application/json").json()["state"] == "moved"
    done = client.post(f"{url}/steps/7", {}, content_type="application/json")
    assert (done.status_code, done.json()["open_references"]) == (200, 0)
    steps = client.get(f"{url}/steps").json()["steps"]
    assert steps[7]["statements"] == ["ALTER TABLE db.main.orders_v2 RENAME TO orders"]
