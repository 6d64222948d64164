"""The old owner answers until the new one has accepted and the day has come (spec ownership 9)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from ownership.handlers.boundaries import HandoffEffects, HandoffWaits
from ownership.models import Asset, Handoff, HandoffItem, Ownership
from ownership.queries.owners import current_owners, owners_at
from ownership.services.handoffs import (
    HandoffDraft,
    complete_check,
    decide_items,
    draft_handoff,
    offer_handoff,
    withdraw_handoff,
)
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.models import AuditEntry
from portal.engine.domain.drafts import DueDeadline
from portal.engine.domain.subjects import Subject
from portal.engine.models import Deadline, Notice
from portal.engine.queries.facts import facts_of
from portal.engine.services.wording import words_of

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
MONDAY = datetime(2027, 3, 1, 10, tzinfo=UTC)


def held(owner: Any, count: int, at: datetime) -> list[Asset]:
    """Assets that the party holds."""
    things = Asset.objects.bulk_create(
        [Asset(kind=20, slug=f"t{n}", name=f"t{n}", created_at=at, updated_at=at, attrs={}) for n in range(count)]
    )
    Ownership.objects.bulk_create(
        [
            Ownership(asset=thing, person=owner, duty=1, rank=1, state="accepted", valid=(at, None), origin="portal",
                      recorded_at=at)
            for thing in things
        ]
    )  # fmt: skip
    return things


def offered(world: World, clock: MovableClock, count: int = 2, **more: Any) -> Handoff:
    clock.set(MONDAY)
    things = held(world.alice, count, clock.now() - timedelta(days=30))
    facts: dict[str, Any] = {
        "giver": world.alice, "taker": world.bob, "asset_ids": [each.pk for each in things],
        "effective_at": clock.now(),
    }  # fmt: skip
    handoff = draft_handoff(actor=world.alice, draft=HandoffDraft(**(facts | more)), at=clock.now())
    return offer_handoff(actor=world.alice, handoff=handoff, at=clock.now())


def ticked(handoff: Handoff, actor: Person, clock: MovableClock) -> None:
    for check in handoff.checks.filter(is_required=True):
        complete_check(actor=actor, check=check, state="done", note="", at=clock.now())


def ids(handoff: Handoff) -> list[int]:
    return list(handoff.items.order_by("pk").values_list("pk", flat=True))


def owner(asset_id: int) -> str:
    held_by = current_owners([asset_id])[asset_id].primary
    return held_by.party.slug if held_by else ""


def fire(handler: Any, kind: str, handoff: Handoff, step: int, at: datetime) -> Any:
    deadline = DueDeadline(7, kind, Subject("ownership.handoff", handoff.pk), step, at, {})
    return handler.fire([deadline], at=at)[7]


def test_nothing_changes_before_the_recipient_says_yes(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock)
    ticked(handoff, world.alice, clock)
    assert {owner(item.asset_id) for item in handoff.items.all()} == {"alice"}
    assert Notice.objects.filter(kind="ownership.handoff_offered", recipient=world.bob).count() == 1


@pytest.mark.parametrize(("count", "words"), [(1, "1 asset"), (2, "2 assets")])
def test_the_notice_counts_in_words(world: World, clock: MovableClock, count: int, words: str) -> None:
    ticked(offered(world, clock, count), world.alice, clock)
    notice = Notice.objects.get(kind="ownership.handoff_offered", recipient=world.bob)
    assert words_of(facts_of(notice)).title == f"Alice Example offers you {words}"


def test_acceptance_writes_both_ranges_in_one_instant(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock)
    ticked(handoff, world.alice, clock)
    clock.advance(hours=1)
    decide_items(actor=world.bob, handoff=handoff, accept=ids(handoff), decline={}, at=clock.now())
    for item in handoff.items.all():
        old, new = Ownership.objects.filter(asset_id=item.asset_id).order_by("valid")
        assert (old.valid.upper, old.state, old.end_reason) == (new.valid.lower, "ended", "handoff")
        assert (new.person, new.rank, new.origin) == (world.bob, 1, "handoff")
    handoff.refresh_from_db()
    assert handoff.state == "closed"
    assert not Deadline.objects.filter(kind="ownership.handoff_wait", state="armed").exists()


def test_each_item_is_answered_for_itself_and_a_no_says_why(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock)
    ticked(handoff, world.alice, clock)
    first, second = ids(handoff)
    with pytest.raises(DomainError) as refusal:
        decide_items(actor=world.bob, handoff=handoff, accept=[], decline={first: " "}, at=clock.now())
    assert (refusal.value.code, HandoffItem.objects.filter(state="offered").count()) == ("ownership.reason_missing", 2)
    decide_items(actor=world.bob, handoff=handoff, accept=[second], decline={first: "no access"}, at=clock.now())
    states = dict(handoff.items.values_list("pk", "state"))
    assert states == {first: "declined", second: "accepted"}
    assert [owner(item.asset_id) for item in handoff.items.order_by("pk")] == ["alice", "bob"]


def test_who_decides_second_gets_a_conflict_and_writes_nothing(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock)
    first, _ = ids(handoff)
    decide_items(actor=world.bob, handoff=handoff, accept=[first], decline={}, at=clock.now())
    audited = AuditEntry.objects.count()
    with pytest.raises(Conflict) as refusal:
        decide_items(actor=world.bob, handoff=handoff, accept=ids(handoff), decline={}, at=clock.now())
    assert (refusal.value.code, refusal.value.extra["items"]) == ("ownership.item_decided", [first])
    assert AuditEntry.objects.count() == audited


def test_nobody_else_decides_and_nobody_else_offers(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock)
    for stranger in (world.alice, world.carol):
        with pytest.raises(NotAllowed):
            decide_items(actor=stranger, handoff=handoff, accept=ids(handoff), decline={}, at=clock.now())
    with pytest.raises(NotAllowed):
        withdraw_handoff(actor=world.carol, handoff=handoff, at=clock.now())
    draft = HandoffDraft(world.alice, world.carol, [handoff.items.all()[0].asset_id], clock.now())
    with pytest.raises(Conflict) as refusal:
        draft_handoff(actor=world.alice, draft=draft, at=clock.now())
    assert refusal.value.code == "ownership.offered_already"


def test_reminder_escalation_and_end_fall_on_the_days_of_the_example(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock)
    armed = Deadline.objects.filter(kind="ownership.handoff_wait", state="armed").order_by("step")
    assert [row.due_at.replace(microsecond=0) for row in armed] == [
        datetime(2027, 3, day, 10, tzinfo=UTC) for day in (3, 8, 15)
    ]
    waits = HandoffWaits()
    at = clock.now() + timedelta(days=2)
    assert [note.to.person_id for note in fire(waits, "ownership.handoff_wait", handoff, 1, at).notices] == [
        world.bob.pk
    ]
    assert {note.to.person_id for note in fire(waits, "ownership.handoff_wait", handoff, 2, at).notices} >= {
        world.alice.pk
    }
    fire(waits, "ownership.handoff_wait", handoff, 3, clock.now() + timedelta(days=14))
    handoff.refresh_from_db()
    assert (handoff.state, set(handoff.items.values_list("state", flat=True))) == ("expired", {"expired"})
    assert {owner(item.asset_id) for item in handoff.items.all()} == {"alice"}


def test_an_open_required_check_moves_the_day_at_most_ten_times(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock)
    decide_items(actor=world.bob, handoff=handoff, accept=ids(handoff), decline={}, at=clock.now())
    assert owner(handoff.items.all()[0].asset_id) == "alice"
    effects, planned = HandoffEffects(), handoff.effective_at
    for n in range(12):
        fire(effects, "ownership.handoff_effect", handoff, 0, clock.now() + timedelta(days=n))
    handoff.refresh_from_db()
    assert (handoff.moved_days, handoff.effective_at - planned) == (10, timedelta(days=10))
    clock.advance(days=13)
    ticked(handoff, world.alice, clock)
    assert owner(handoff.items.all()[0].asset_id) == "bob"


def test_with_shadow_days_the_recipient_is_a_backup_first(world: World, clock: MovableClock) -> None:
    clock.set(MONDAY)
    begins = clock.now() + timedelta(days=5)
    handoff = offered(world, clock, count=1, effective_at=begins, shadow_days=5)
    ticked(handoff, world.alice, clock)
    decide_items(actor=world.bob, handoff=handoff, accept=ids(handoff), decline={}, at=clock.now())
    asset_id = handoff.items.get().asset_id
    holders = current_owners([asset_id])[asset_id].holders
    assert [(each.party.slug, each.rank) for each in holders] == [("alice", 1), ("bob", 2)]
    fire(HandoffEffects(), "ownership.handoff_effect", handoff, 0, begins)
    assert [(each.party.slug, each.rank) for each in current_owners([asset_id])[asset_id].holders] == [("bob", 1)]
    before = owners_at([asset_id], begins - timedelta(microseconds=1))[asset_id].primary
    assert before is not None
    assert before.party.slug == "alice"


def test_taking_it_back_leaves_everything_with_the_giver(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock)
    withdraw_handoff(actor=world.alice, handoff=handoff, at=clock.now())
    with pytest.raises(Conflict):
        decide_items(actor=world.bob, handoff=handoff, accept=ids(handoff), decline={}, at=clock.now())
    assert not Deadline.objects.filter(subject_type="ownership.handoff", state="armed").exists()


def test_a_hundred_and_eight_assets_change_hands_in_one_answer(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock, count=108)
    ticked(handoff, world.alice, clock)
    clock.advance(hours=1)
    decide_items(actor=world.bob, handoff=handoff, accept=ids(handoff), decline={}, at=clock.now())
    rows = Ownership.objects.filter(person=world.bob, state="accepted")
    assert (rows.count(), len(set(rows.values_list("valid", flat=True)))) == (108, 1)
    assert AuditEntry.objects.filter(verb="ownership.handed_over").count() == 108
    assert Notice.objects.filter(kind="ownership.handoff_closed").count() == 1


def test_what_the_giver_does_not_hold_cannot_be_given(world: World, clock: MovableClock) -> None:
    clock.set(MONDAY)
    (thing,) = held(world.carol, 1, clock.now() - timedelta(days=1))
    draft = HandoffDraft(world.alice, world.bob, [thing.pk], clock.now())
    with pytest.raises(DomainError) as refusal:
        draft_handoff(actor=world.alice, draft=draft, at=clock.now())
    assert (refusal.value.code, refusal.value.field, Handoff.objects.count()) == ("ownership.not_held", "assets", 0)


def test_the_api_ticks_the_checklist_off(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock)
    api = APIClient()
    api.force_authenticate(world.alice)
    address = f"/api/v1/handoffs/{handoff.code}"
    lines = api.get(f"{address}/checks").json()["results"]
    assert {line["state"] for line in lines} == {"open"}
    done = api.post(f"{address}/check", {"check": lines[0]["check"], "note": "said so"}, format="json")
    assert (done.status_code, done.json()["state"], done.json()["by"]) == (200, "done", "alice")
    unknown = api.post(f"{address}/check", {"check": 999_999}, format="json")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "ownership.unknown_check")
    api.force_authenticate(world.carol)
    refused = api.post(f"{address}/check", {"check": lines[1]["check"]}, format="json")
    assert (refused.status_code, handoff.checks.get(pk=lines[1]["check"]).state) == (403, "open")


@pytest.mark.parametrize("days", [-2, 367])
def test_a_handover_begins_neither_in_the_past_nor_in_years(world: World, clock: MovableClock, days: int) -> None:
    clock.set(MONDAY)
    (thing,) = held(world.alice, 1, clock.now() - timedelta(days=1))
    draft = HandoffDraft(world.alice, world.bob, [thing.pk], clock.now() + timedelta(days=days))
    with pytest.raises(DomainError) as refusal:
        draft_handoff(actor=world.alice, draft=draft, at=clock.now())
    assert (refusal.value.field, Handoff.objects.count()) == ("effective_at", 0)


@pytest.mark.django_db(transaction=True)
def test_a_yes_and_a_no_at_the_same_moment_one_wins(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock, count=2)
    ticked(handoff, world.alice, clock)
    clock.advance(hours=1)
    with ThreadPoolExecutor(2) as pool:
        yes, no = pool.map(lambda is_yes: answered(world.bob, handoff, clock.now(), is_yes=is_yes), [True, False])
    item = handoff.items.order_by("pk")[0]
    assert {yes, no} == {"", "ownership.item_decided"}
    assert item.state == ("accepted" if yes == "" else "declined")
    holder = current_owners([item.asset_id])[item.asset_id].holders
    assert [each.party.slug for each in holder] == ["bob" if yes == "" else "alice"]


def answered(person: Person, handoff: Handoff, at: datetime, *, is_yes: bool) -> str:
    """The answer over a connection of its own; the code of the refusal, or nothing."""
    chosen = ids(handoff)[:1]
    accept, decline = (chosen, {}) if is_yes else ([], dict.fromkeys(chosen, "not ours"))
    try:
        decide_items(actor=person, handoff=handoff, accept=accept, decline=decline, at=at)
    except Conflict as refusal:
        return refusal.code
    else:
        return ""
    finally:
        connection.close()
