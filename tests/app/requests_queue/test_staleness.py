"""Each row of spec faq 4: the change makes exactly the answers stale that rest on it, in one tick."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ownership.domain.plans import PlanKind
from ownership.models import Asset
from ownership.services.assets import update_asset
from ownership.services.owning import end_ownership
from ownership.services.planning import PlanDraft, start_plan
from portal.accounts.services.absences import Away, enter_absence
from portal.accounts.services.leaving import deactivate_person
from portal.core.errors import NotAllowed
from portal.engine.domain.subjects import subject_of
from portal.engine.models import Job, Notice
from portal.engine.services.events import publish_event
from portal.engine.services.firing import fire_batch
from portal.engine.services.working import run_job
from requests_queue.models import FaqEntry
from requests_queue.services.checking import report_wrong, verify_answer
from tests.app.requests_queue.desk import TUESDAY
from tests.app.requests_queue.library import SQL, drain, own, published, reshaped, shop_assets

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
LATER = TUESDAY + timedelta(hours=1)
ID, TOTAL = {"name": "id", "data_type": "bigint"}, {"name": "total"}


def stale() -> dict[str, str]:
    rows = FaqEntry.objects.filter(current__stale_since__isnull=False).select_related("current")
    return {row.slug: row.current.stale_reason for row in rows if row.current}


def told(person: Person) -> list[str]:
    rows = Notice.objects.filter(recipient=person, kind="requests.answer_stale").order_by("created_at")
    return [row.context["line"] for row in rows]


@pytest.fixture
def shop_answers(world: World, clock: MovableClock) -> World:
    """One answer rests on the column `total`, one on the whole metric, one on nothing."""
    clock.set(TUESDAY)
    assets = shop_assets(world)
    published(world, "What did we sell?", answer={"sql": SQL})
    published(world, "What is revenue?", answer={"assets": [assets["revenue"]]})
    published(world, "Where do I ask?")
    clock.set(LATER)
    return world


def test_a_column_that_changes_its_type_marks_what_uses_it_and_tells_the_owner_once(shop_answers: World) -> None:
    reshaped({"id": ID, "total": {"name": "total", "data_type": "text"}}, LATER)
    assert stale() == {"what-did-we-sell": "schema_changed"}
    assert told(shop_answers.alice) == ["“What did we sell?”: a column it uses changed."]


def test_a_column_that_goes_marks_it_and_a_column_that_comes_does_not(shop_answers: World) -> None:
    reshaped({"id": ID, "total": TOTAL, "vat": {"name": "vat"}}, LATER)
    assert stale() == {}
    answer = FaqEntry.objects.get(slug="what-did-we-sell").current
    assert answer is not None
    assert [note["line"] for note in answer.notes] == ["the schema of fct_orders grew"]
    reshaped({"id": ID}, LATER)
    assert stale() == {"what-did-we-sell": "schema_changed"}


def test_another_definition_marks_what_rests_on_the_metric(shop_answers: World) -> None:
    metric = FaqEntry.objects.get(slug="what-is-revenue")
    asset = metric.current.dependencies.get().asset if metric.current else None
    assert asset is not None
    type(asset).objects.filter(pk=asset.pk).update(definition_hash="third")
    payload = {"asset": asset.pk, "before": "other", "after": "third"}
    publish_event(actor=None, topic="ownership.definition_changed", subject=subject_of(asset), payload=payload,
                  at=LATER)  # fmt: skip
    drain()
    assert stale() == {"what-is-revenue": "definition_changed"}
    assert told(shop_answers.alice) == ["“What is revenue?”: a definition it rests on changed."]
    drain()
    assert len(told(shop_answers.alice)) == 1


def test_a_new_owner_follows_is_told_once_and_has_14_days(shop_answers: World, clock: MovableClock) -> None:
    entry = FaqEntry.objects.get(slug="what-is-revenue")
    asset = entry.current.dependencies.get().asset if entry.current else None
    assert asset is not None
    FaqEntry.objects.update(owner_follows=True)
    own_by_handover(asset, shop_answers)
    drain()
    entry.refresh_from_db()
    assert (entry.owner, stale()) == (shop_answers.bob, {})
    assert told(shop_answers.bob) == ["“What is revenue?”: its data has a new owner who has not confirmed it."]
    clock.set(LATER + timedelta(days=14, minutes=1))
    fire_batch(by="test")
    assert stale() == {"what-is-revenue": "owner_changed"}


def own_by_handover(asset: Asset, world: World) -> None:
    """Alice's hold ends, bob takes over; events as ownership publishes them."""
    rows = asset.ownerships.filter(state="accepted", valid__upper_inf=True)
    for row in rows:
        end_ownership(actor=world.alice, row=row, reason="handoff", at=LATER)
    own(asset, world.bob, LATER)


def test_whoever_confirms_in_time_keeps_it_fresh(shop_answers: World, clock: MovableClock) -> None:
    entry = FaqEntry.objects.get(slug="what-is-revenue")
    asset = entry.current.dependencies.get().asset if entry.current else None
    assert asset is not None
    FaqEntry.objects.update(owner_follows=True)
    own_by_handover(asset, shop_answers)
    drain()
    assert entry.current is not None
    verify_answer(actor=shop_answers.bob, answer=entry.current, at=LATER + timedelta(days=1))
    clock.set(LATER + timedelta(days=15))
    fire_batch(by="test")
    assert stale() == {}


def test_an_asset_that_is_deprecated_or_renamed_marks_what_rests_on_it(shop_answers: World) -> None:
    entry = FaqEntry.objects.get(slug="what-is-revenue")
    asset = entry.current.dependencies.get().asset if entry.current else None
    assert asset is not None
    update_asset(actor=shop_answers.alice, asset=asset, changes={"lifecycle": "deprecated"}, version=None, at=LATER)
    drain()
    assert stale() == {"what-is-revenue": "asset_retired"}


def test_a_rebuilt_history_marks_what_was_checked_before_and_nothing_checked_since(shop_answers: World) -> None:
    asset = Asset.objects.get(name="fct_orders")
    draft = PlanDraft(asset, PlanKind.SMALL, "Late orders of January")
    plan = start_plan(actor=shop_answers.alice, draft=draft, at=TUESDAY)
    type(plan).objects.filter(pk=plan.pk).update(state="done", finished_at=LATER)
    for _ in range(2):
        publish_event(actor=None, topic="ownership.backfill_done", subject=subject_of(asset),
                      payload={"asset": asset.pk, "plan": plan.pk}, at=LATER)  # fmt: skip
        drain()
    assert stale() == {"what-did-we-sell": "restated"}
    assert told(shop_answers.alice) == ["“What did we sell?”: history it rests on was rebuilt."]
    answer = FaqEntry.objects.get(slug="what-did-we-sell").current
    assert answer is not None
    verify_answer(actor=shop_answers.alice, answer=answer, at=LATER + timedelta(hours=1))
    publish_event(actor=None, topic="ownership.backfill_done", subject=subject_of(asset),
                  payload={"asset": asset.pk, "plan": plan.pk}, at=LATER + timedelta(hours=2))  # fmt: skip
    drain()
    assert stale() == {}


def test_restated_figures_mark_what_was_checked_before(shop_answers: World) -> None:
    asset = Asset.objects.get(name="fct_orders")
    payload = {"asset": asset.pk, "announcement": 1, "at": LATER.isoformat()}
    publish_event(actor=None, topic="ownership.restated", subject=subject_of(asset), payload=payload, at=LATER)
    drain()
    assert stale() == {"what-did-we-sell": "restated"}
    answer = FaqEntry.objects.get(slug="what-did-we-sell").current
    assert answer is not None
    assert "the figures of fct_orders were restated" in str(answer.stale_detail)


def test_checking_again_clears_it_and_the_same_event_does_nothing(shop_answers: World) -> None:
    reshaped({"id": ID}, LATER)
    entry = FaqEntry.objects.get(slug="what-did-we-sell")
    assert entry.current is not None
    answer = verify_answer(actor=shop_answers.alice, answer=entry.current, at=LATER)
    assert (answer.stale_since, answer.notes) == (None, [])
    reshaped({"id": ID}, LATER + timedelta(hours=1))
    asset = answer.dependencies.get().asset
    payload = {"asset": asset.pk, "before": "x", "after": asset.schema_hash}
    publish_event(actor=None, topic="ownership.schema_changed", subject=subject_of(asset), payload=payload, at=LATER)
    drain()
    assert stale() == {}


def test_a_check_runs_out_on_the_second(shop_answers: World, clock: MovableClock) -> None:
    until = TUESDAY + timedelta(days=90)
    clock.set(until - timedelta(seconds=2))
    fire_batch(by="test")
    assert stale() == {}
    clock.set(until)
    fire_batch(by="test")
    assert set(stale().values()) == {"expired"}
    assert len(told(shop_answers.alice)) == 1


def test_a_reminder_goes_to_who_is_there(shop_answers: World, clock: MovableClock) -> None:
    FaqEntry.objects.filter(slug="where-do-i-ask").update(verifier=shop_answers.bob)
    away = Away((TUESDAY + timedelta(days=70)).date(), (TUESDAY + timedelta(days=80)).date())
    enter_absence(actor=shop_answers.alice, person=shop_answers.alice, away=away, at=TUESDAY)
    clock.set(TUESDAY + timedelta(days=76))
    fire_batch(by="test")
    rows = Notice.objects.filter(kind="requests.answer_due", recipient=shop_answers.bob)
    assert [row.context["line"][:18] for row in rows] == ["“Where do I ask?” "]


def test_when_its_owner_leaves_it_is_stale_and_the_lead_is_told(world: World, admin: Person) -> None:
    entry = published(world, "What is churn?", owner=world.bob, checked=False)
    deactivate_person(actor=admin, person=world.bob, reason="left", at=LATER)
    run_jobs()
    assert stale() == {entry.slug: "owner_left"}
    assert told(world.alice) == ["“What is churn?”: its owner left."]


def test_only_who_writes_or_judges_it_says_that_it_is_wrong(world: World) -> None:
    entry = published(world, "What is churn?")
    assert entry.current is not None
    with pytest.raises(NotAllowed):
        report_wrong(actor=world.dave, answer=entry.current, text="I do not like it", at=LATER)
    assert stale() == {}
    assert report_wrong(actor=world.alice, answer=entry.current, text="the export changed", at=LATER)
    assert stale() == {entry.slug: "reported"}


def run_jobs() -> None:
    for job in Job.objects.filter(state="queued").order_by("pk"):
        run_job(job_id=job.pk)
