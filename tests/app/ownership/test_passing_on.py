"""A leaver's assets go to who is there; what waited for the leaver goes to who answers now; and they are asked."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, connections

from ownership.domain.plans import PlanKind
from ownership.models import (
    AnnouncementAsset,
    AnnouncementRecipient,
    Asset,
    ChangePlan,
    Gap,
    Handoff,
    Ownership,
    Reference,
)
from ownership.queries.owners import current_owners
from ownership.services.acting import ACTING_DUE, fire_acting
from ownership.services.announcing import AnnouncementDraft, announce_change
from ownership.services.gaps import refresh_gaps
from ownership.services.handoffs import HandoffDraft, complete_check, decide_items, draft_handoff, offer_handoff
from ownership.services.leaving import hand_over_assets, held_by_the_inactive, preview_leaving
from ownership.services.owning import Nomination, accept_ownership, propose_owner
from ownership.services.planning import PlanDraft, start_plan
from portal.accounts.services.absences import Away, enter_absence
from portal.accounts.services.leaving import deactivate_person, run_deactivation
from portal.core.models import AuditEntry
from portal.engine.domain.drafts import DueDeadline
from portal.engine.domain.subjects import Subject
from portal.engine.models import Deadline, Notice
from tests.app.ownership.graphs import make_graph, make_source
from tests.world import World, make_admin, make_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
AT = datetime(2027, 3, 1, 10, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEAVES = AT + HOUR


def hold(asset: Asset, *people: Person) -> None:
    """The first is primary, the others back up in their order."""
    for rank, person in enumerate(people, start=1):
        propose_owner(actor=person, asset=asset, nomination=Nomination(person=person, rank=rank), at=AT)


def away_now(person: Person) -> None:
    enter_absence(actor=person, person=person, away=Away(AT.date(), (AT + 3 * DAY).date()), at=AT - 30 * DAY)


def holders(*names: str) -> dict[str, list[tuple[str, int, bool]]]:
    assets = {asset.pk: asset.slug for asset in Asset.objects.filter(slug__in=names)}
    return {
        assets[pk]: [(held.party.slug, held.rank, held.is_acting) for held in found.holders]
        for pk, found in current_owners(assets).items()
    }


@pytest.fixture
def nora(world: World, clock: MovableClock) -> Person:
    """Of Data Platform, which alice leads."""
    clock.set(AT)
    return make_person("nora", team=world.data_platform, discipline="DE")


def test_a_backup_who_is_away_does_not_act(nora: Person, world: World) -> None:
    assets = make_graph([("a", "b"), ("a", "c")], at=AT)
    hold(assets["a"], nora, world.bob, world.carol)
    hold(assets["b"], nora, world.bob)
    away_now(world.bob)
    assert preview_leaving(nora, LEAVES) == [
        "1 asset duties pass to the first backup who is there, who acts until somebody is confirmed.",
        "1 asset duties pass to Data Platform, which acts until somebody is confirmed.",
    ]
    hand_over_assets(nora, LEAVES)
    assert holders("a", "b") == {
        "a": [("carol", 1, True), ("bob", 2, False)],
        "b": [("data-platform", 1, True), ("bob", 2, False)],
    }


def test_each_heir_is_told_once_and_asked_again_after_ten_working_days(nora: Person, world: World) -> None:
    assets = make_graph([("a", f"m{n}") for n in range(3)], at=AT)
    for asset in assets.values():
        hold(asset, nora, world.bob)
    hand_over_assets(nora, LEAVES)
    told = Notice.objects.get(kind="ownership.acts_for")
    assert (told.recipient, told.context["count"], told.context["until"]) == (world.bob, "4 assets", "15 March")
    deadline = Deadline.objects.get(kind=ACTING_DUE, state="armed")
    assert deadline.due_at == datetime(2027, 3, 15, 11, tzinfo=UTC)
    mine = Ownership.objects.get(asset=assets["a"], acting=True)
    accept_ownership(actor=world.bob, row=mine, at=LEAVES + DAY)
    assert holders("a") == {"a": [("bob", 1, False)]}
    still = fired(deadline)
    assert [draft.context["count"] for draft in still.notices] == ["3 assets"]
    assert still.notices[0].to.person_id == world.bob.pk
    for row in Ownership.objects.filter(acting=True):
        accept_ownership(actor=world.bob, row=row, at=LEAVES + DAY)
    assert (fired(deadline).outcome, fired(deadline).notices) == ("nothing", ())


def fired(deadline: Deadline) -> Any:
    due = DueDeadline(
        1, ACTING_DUE, Subject(deadline.subject_type, deadline.subject_id), 0, deadline.due_at, deadline.payload
    )
    return fire_acting(deadlines=[due], at=deadline.due_at)[1]


def test_a_team_that_only_acts_is_a_gap_and_its_lead_hears(nora: Person, world: World) -> None:
    asset = make_graph([], at=AT, alone=["a"])["a"]
    hold(asset, nora)
    hand_over_assets(nora, LEAVES)
    assert Notice.objects.get(kind="ownership.acts_for").recipient == world.alice
    refresh_gaps(asset_ids=[asset.pk], at=LEAVES)
    assert Gap.objects.get(asset=asset, kind="no_owner").detail == {"acting": "Data Platform"}


def test_where_nobody_is_left_an_admin_hears(clock: MovableClock) -> None:
    clock.set(AT)
    root, alone = make_admin(), make_person("solo")
    asset = make_graph([], at=AT, alone=["a"])["a"]
    hold(asset, alone)
    hand_over_assets(alone, LEAVES)
    told = Notice.objects.get(kind="ownership.left_open")
    assert (told.recipient, told.context["assets"], holders("a")) == (root, "a", {"a": []})


def offer(giver: Person, taker: Person, *assets: Asset, effective_at: datetime = AT) -> Handoff:
    draft = HandoffDraft(giver=giver, taker=taker, asset_ids=[each.pk for each in assets], effective_at=effective_at)
    handoff = draft_handoff(actor=giver, draft=draft, at=AT)
    for check in handoff.checks.all():
        complete_check(actor=giver, check=check, state="done", note="", at=AT)
    return offer_handoff(actor=giver, handoff=handoff, at=AT)


def test_an_offer_of_the_leaver_stays_open_as_the_leads(nora: Person, world: World) -> None:
    assets = make_graph([("a", "b")], at=AT)
    hold(assets["a"], nora, world.carol)
    hold(assets["b"], nora)
    handoff = offer(nora, world.bob, assets["a"], assets["b"])
    hand_over_assets(nora, LEAVES)
    handoff.refresh_from_db()
    assert (handoff.state, handoff.from_person, handoff.created_by) == ("offered", world.alice, world.alice)
    ids = list(handoff.items.values_list("pk", flat=True))
    decide_items(actor=world.bob, handoff=handoff, accept=ids, decline={}, at=LEAVES + HOUR)
    assert holders("a", "b") == {"a": [("bob", 1, False)], "b": [("bob", 1, False)]}
    moved = AuditEntry.objects.filter(verb="ownership.handed_over", object_id=str(assets["a"].pk)).get()
    assert moved.before["party"] == world.carol.pk


def test_what_the_leaver_had_accepted_for_later_never_begins(nora: Person, world: World) -> None:
    asset = make_graph([], at=AT, alone=["a"])["a"]
    hold(asset, world.bob)
    handoff = offer(world.bob, nora, asset, effective_at=AT + 10 * DAY)
    decide_items(actor=nora, handoff=handoff, accept=[handoff.items.get().pk], decline={}, at=AT)
    handoff.refresh_from_db()
    assert handoff.state == "closed"
    hand_over_assets(nora, LEAVES)
    handoff.refresh_from_db()
    assert (handoff.state, handoff.items.get().state, holders("a")) == (
        "withdrawn",
        "withdrawn",
        {"a": [("bob", 1, False)]},
    )
    assert not Deadline.objects.filter(subject_type="ownership.handoff", state="armed").exists()


def test_plans_references_and_announcements_pass_to_who_answers_now(nora: Person, world: World) -> None:
    assets = make_graph([("orders", "report"), ("orders", "board")], at=AT)
    hold(assets["orders"], nora, world.carol)
    hold(assets["report"], nora, world.bob)
    hold(assets["board"], world.bob)
    plan = start_plan(
        actor=nora, draft=PlanDraft(assets["orders"], PlanKind.LARGE, "grain", ends_on=date(2027, 5, 1)), at=AT
    )
    mine = announce_change(actor=nora, draft=AnnouncementDraft(assets["orders"], "delay", "an hour"), at=AT)
    other = announce_change(actor=world.alice, draft=AnnouncementDraft(assets["orders"], "schema", "text"), at=AT)
    hand_over_assets(nora, LEAVES)
    plan.refresh_from_db()
    mine.refresh_from_db()
    assert (plan.owner, mine.author) == (world.carol, world.carol)
    moving = Reference.objects.values_list("referrer__slug", "person__handle")
    assert set(moving) == {("report", "bob"), ("board", "bob")}
    asked = dict(AnnouncementRecipient.objects.filter(announcement=other).values_list("person__handle", "state"))
    assert asked == {"bob": "pending", "nora": "superseded"}
    told = AnnouncementAsset.objects.filter(announcement=other).values_list("asset__slug", "recipient__person__handle")
    assert set(told) == {("report", "bob"), ("board", "bob")}
    assert ChangePlan.objects.filter(owner=nora).count() == 0
    assert preview_leaving(nora, LEAVES) == []


class Silent:
    """Nobody watches this job."""

    def tell(self, **facts: object) -> None:
        del facts


def leave_and_die(person_id: int, after: int) -> None:
    """The job of the engine, whose process is killed with its `after`-th write, in the middle of a transaction."""
    del connections["default"]  # beside an event loop the parent uses another; this one may be open
    left = after

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 (Django's call)
        nonlocal left
        result = execute(sql, params, many, context)
        left -= sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with connection.execute_wrapper(count):
        run_deactivation({"person_id": person_id}, Silent())


def laden(handle: str, world: World, source: Any) -> Person:
    """Somebody with a backup, a team behind, an offer, a plan and an announcement; two of them hold alike."""
    person = make_person(handle, team=world.data_platform, discipline="DE")
    assets = make_graph([(f"{handle}-a", f"{handle}-b"), (f"{handle}-a", f"{handle}-c")], at=AT, source=source)
    first, second, third = (assets[f"{handle}-{letter}"] for letter in "abc")
    hold(first, person, world.carol)
    hold(second, person)
    hold(third, world.bob, person)
    offer(person, world.bob, second)
    start_plan(actor=person, draft=PlanDraft(first, PlanKind.SMALL, "rebuild"), at=AT)
    announce_change(actor=person, draft=AnnouncementDraft(first, "schema", "id is text"), at=AT)
    return person


def stands(handle: str) -> list[Any]:
    """Everything that a sweep decides about the assets of one of the two."""
    names = [f"{handle}-{letter}" for letter in "abc"]
    assets = Asset.objects.filter(slug__in=names)
    kinds = ("ownership.acts_for", ACTING_DUE)
    rows = Ownership.objects.filter(asset__in=assets)
    return [
        [each for name in names for each in holders(name)[name]],
        sorted(rows.values_list("rank", "state", "end_reason", "acting", "origin")),
        list(Handoff.objects.filter(items__asset__in=assets).values_list("state", "from_person__handle")),
        list(ChangePlan.objects.filter(asset__in=assets).values_list("owner__handle", flat=True)),
        sorted(AuditEntry.objects.filter(object_id__in=[str(pk) for pk in assets.values_list("pk", flat=True)],
                                         object_type="ownership.asset").values_list("verb", flat=True)),
        sorted(Notice.objects.filter(kind=kinds[0], subject_id__in=rows.values("pk"))
               .values_list("recipient__handle", "context__count", "context__until", "state")),
        sorted(Deadline.objects.filter(kind=kinds[1], subject_id__in=rows.values("pk"))
               .values_list("payload__party", "state")),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_of_any_step_and_run_again_the_sweep_ends_as_if_nothing_had_happened(
    world: World, clock: MovableClock
) -> None:
    clock.set(AT)
    source = make_source(at=AT)
    spared, killed = (laden(handle, world, source) for handle in ("ina", "ola"))
    admin = make_admin()
    clock.set(LEAVES)
    for person in (spared, killed):
        deactivate_person(actor=admin, person=person, reason="left", at=clock.now())
    run_deactivation({"person_id": spared.pk}, Silent())
    fork = multiprocessing.get_context("fork")
    ends = []
    for after in (1, 5, 12, 19, 30, 45, 999):
        connection.close()
        process = fork.Process(target=leave_and_die, args=(killed.pk, after))
        process.start()
        process.join(60)
        ends.append(process.exitcode)
        killed.refresh_from_db()
        assert (held_by_the_inactive(clock.now()), killed.state) == (
            0,
            "inactive" if process.exitcode == 0 else "leaving",
        )
    assert (ends[:3], ends[-1]) == ([-signal.SIGKILL] * 3, 0)
    for after, before in zip(stands("ola"), stands("ina"), strict=True):
        assert after == before, ends
    assert Ownership.objects.filter(person=killed, valid__upper_inf=True, state="accepted").count() == 0
