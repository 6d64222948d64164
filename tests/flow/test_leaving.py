"""Somebody who holds something in every room leaves: nothing rests on them, whenever the process was killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import Q

from oncall.models import CoverRequest, UpstreamTicket
from oncall.queries.working_out import facts_between
from oncall.services.feeds import issue_feed
from oncall.services.tickets import Asking, open_upstream_ticket
from ownership.models import Ownership
from ownership.services.owning import Nomination, accept_ownership, propose_owner
from portal.accounts.models import (
    Absence,
    ContactMethod,
    Deputy,
    FallbackRecipient,
    Grant,
    Membership,
    Organization,
    Person,
)
from portal.accounts.services.absences import Away, enter_absence
from portal.accounts.services.grants import give_grant, name_deputy
from portal.accounts.services.leaving import (
    deactivate_person,
    leaving_steps,
    preview_deactivation,
    run_deactivation,
)
from portal.core import clock
from portal.core.models import AuditEntry
from requests_queue.models import CompartmentMember, DataRequest, PlanVoter
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.plan_votes import name_voter
from requests_queue.services.privacy import make_private
from requests_queue.services.triage import claim_for_triage
from tests.app.oncall.house import House, make_house
from tests.world import make_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
AT = datetime(2027, 2, 2, 10, tzinfo=UTC)


class Silent:
    """Nobody watches this job."""

    def tell(self, **facts: object) -> None:
        del facts


@pytest.fixture
def house(clock: MovableClock) -> House:
    """Jonas serves, owns, answers, sees a private request, votes, approves, stands in and is the last resort."""
    clock.set(AT)
    house = make_house()
    jonas, day = house.jonas, AT.date()
    asset = next(iter(house.assets.values()))
    offered = propose_owner(actor=house.ruth, asset=asset, nomination=Nomination(person=jonas, rank=2), at=AT)
    if offered.state == "proposed":
        accept_ownership(actor=jonas, row=offered, at=AT)
    _in_hand(house, "Why is net GMV lower")
    secret = _in_hand(house, "Who read the payroll table")
    make_private(actor=house.ruth, request=secret, people=[], reason="An investigation of people", at=AT)
    name_voter(actor=house.ruth, team=house.core, person=jonas, at=AT)
    give_grant(
        actor=house.ruth,
        person=jonas,
        team=house.core,
        name="approve_budget",
        reason="stands in",
        days=(day, None),
        at=AT,
    )
    name_deputy(actor=house.ruth, person=house.ruth, deputy=jonas, period=(AT, AT + timedelta(days=30)), at=AT)
    FallbackRecipient.objects.update_or_create(position=1, defaults={"person": jonas})
    Organization.objects.update(head_of_data=jonas)
    issue_feed(actor=jonas, kind="me", subject="", at=AT)
    away = Away((AT + timedelta(days=20)).date(), (AT + timedelta(days=22)).date())
    enter_absence(actor=jonas, person=jonas, away=away, at=AT)
    ticket = open_upstream_ticket(
        actor=house.bea, asking=Asking("missing_data", "No orders since six", upstream_asset=asset), at=AT
    )
    UpstreamTicket.objects.filter(pk=ticket.pk).update(contact=jonas)
    clock.advance(hours=1)
    return house


def _in_hand(house: House, title: str) -> DataRequest:
    request = file_request(actor=house.bea, filing=Filing(kind="question", title=title, team=house.core), at=AT)
    claim_for_triage(actor=house.ruth, request=request, at=AT)
    return decide_request(actor=house.ruth, request=request, estimate=Estimate("question", assignee=house.jonas), at=AT)


def held_by(person: Person, house: House) -> dict[str, int]:
    """What rests on a person in each room, found without the steps that take it away."""
    now = clock.now()
    rows, _ = facts_between(house.rota, now, now + timedelta(days=300))
    shifts = [row for row in rows if row.person == person.pk]
    counts = {
        "shifts": len(shifts),
        "covers": CoverRequest.objects.filter(Q(candidate=person) | Q(from_person=person), state="open").count(),
        "tickets": UpstreamTicket.objects.filter(contact=person, state__in=["open", "unblocked"]).count(),
        "feeds": person.calendar_feeds.filter(revoked_at=None).count(),
        "assets": Ownership.objects.filter(person=person, valid__upper_inf=True, state="accepted").count(),
        "requests": DataRequest.objects.filter(Q(assignee=person) | Q(backup=person)).count(),
        "private": CompartmentMember.objects.filter(person=person, removed_at=None).count(),
        "votes": PlanVoter.objects.filter(person=person).count(),
        "approvals": Grant.objects.filter(person=person, revoked_at=None).count(),
        "deputies": Deputy.objects.filter(Q(person=person) | Q(deputy=person), ended_at=None).count(),
        "places": Membership.objects.filter(person=person, during__contains=now.date() + timedelta(days=1)).count(),
        "absences": Absence.objects.filter(person=person, cancelled_at=None).count(),
        "reach": ContactMethod.objects.filter(person=person).exclude(state="disabled").count(),
        "last_resort": FallbackRecipient.objects.filter(person=person).count(),
        "posts": Organization.objects.filter(head_of_data=person).count(),
    }
    return {name: count for name, count in counts.items() if count}


def test_nothing_rests_on_somebody_who_held_something_in_every_room(house: House) -> None:
    before = held_by(house.jonas, house)
    assert set(before) == {
        "shifts", "covers", "tickets", "feeds", "assets", "requests", "private", "votes", "approvals", "deputies",
        "places", "absences", "reach", "last_resort", "posts",
    }  # fmt: skip
    said = {step.key for step in leaving_steps() if step.preview(house.jonas, clock.now())}
    assert said == {"shifts", "requests.work", "ownership.assets", "accounts.reach"}
    _leave(house)
    house.jonas.refresh_from_db()
    assert (house.jonas.state, held_by(house.jonas, house)) == ("inactive", {})
    assert preview_deactivation(person=house.jonas, at=clock.now()) == []


def test_the_preview_says_nothing_of_private_requests(house: House) -> None:
    said = preview_deactivation(person=house.jonas, at=clock.now())
    assert "1 requests in hand go back to the desk, without anybody." in said


def test_a_compartment_never_stands_empty(house: House) -> None:
    CompartmentMember.objects.exclude(person=house.jonas).update(removed_at=AT)
    _leave(house)
    assert list(CompartmentMember.objects.filter(removed_at=None).values_list("person__handle", flat=True)) == ["bea"]


def test_killed_between_any_two_steps_it_ends_the_same(house: House) -> None:
    steps = leaving_steps()
    ends = [_ended(house, kills=kills) for kills in range(len(steps) + 1)]
    assert ends == [ends[0]] * (len(steps) + 1)
    assert ends[0][0] == ("inactive", {})


def _ended(house: House, *, kills: int) -> tuple[Any, ...]:
    """How it stands when the job dies after `kills` steps and is run again; all is rolled back."""
    admin = make_admin(f"root{kills}")
    with transaction.atomic():
        last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        deactivate_person(actor=admin, person=house.jonas, reason="left", at=clock.now())
        for step in leaving_steps()[:kills]:
            step.run(house.jonas, clock.now())
        run_deactivation({"person_id": house.jonas.pk}, Silent())
        end = _told(house.jonas, house, last)
        transaction.set_rollback(True)
    return end


def _told(person: Person, house: House, last: int) -> tuple[Any, ...]:
    """State, what still rests on the person, and what history tells since row `last`."""
    person.refresh_from_db()
    told = AuditEntry.objects.filter(pk__gt=last).order_by("verb", "object_type", "object_id")
    return (person.state, held_by(person, house)), list(told.values_list("verb", "object_type", "object_id"))


class DiesAfter:
    """The process is killed when this many steps are done, before the next begins."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def tell(self, *, done: list[str]) -> None:
        if len(done) == self.steps:
            os.kill(os.getpid(), signal.SIGKILL)


class DiesWithin:
    """The process is killed by its first write after this many steps: in the midst of the next one's transaction."""

    def __init__(self, steps: int) -> None:
        self.steps, self.done = steps, 0

    def tell(self, *, done: list[str]) -> None:
        self.done = len(done)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 (Django's call)
        result = execute(sql, params, many, context)
        if self.done == self.steps and sql.startswith(("INSERT", "UPDATE", "DELETE")) and "deactivation" not in sql:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def _work(person_id: int, progress: Any) -> None:
    del connections["default"]  # beside an event loop the parent uses another; this one may be open
    if isinstance(progress, DiesWithin):
        with connection.execute_wrapper(progress):
            run_deactivation({"person_id": person_id}, progress)
    run_deactivation({"person_id": person_id}, progress)


def _killed(person: Person, progress: Any) -> int | None:
    """How the job ended in a process of its own, which finds the person as the ones before left them."""
    connection.close()
    process = multiprocessing.get_context("fork").Process(target=_work, args=(person.pk, progress))
    process.start()
    process.join(60)
    return process.exitcode


@pytest.mark.django_db(transaction=True)
def test_really_killed_within_and_after_every_step_it_ends_the_same(house: House) -> None:
    whole = _ended(house, kills=0)
    admin, jonas = make_admin(), house.jonas
    last = AuditEntry.objects.latest("pk").pk
    deactivate_person(actor=admin, person=jonas, reason="left", at=clock.now())
    for number, step in enumerate(leaving_steps()):
        ways = (
            [DiesWithin(number), DiesAfter(number + 1)] if step.preview(jonas, clock.now()) else [DiesAfter(number + 1)]
        )
        assert [_killed(jonas, way) for way in ways] == [-signal.SIGKILL] * len(ways), step.key
        jonas.refresh_from_db()
        assert jonas.state == "leaving"
    assert _killed(jonas, Silent()) == 0
    assert _told(jonas, house, last) == whole


def _leave(house: House) -> None:
    deactivate_person(actor=make_admin(), person=house.jonas, reason="left", at=clock.now())
    run_deactivation({"person_id": house.jonas.pk}, Silent())
