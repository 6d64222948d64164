"""Private requests: who is inside, who looked, and the two administrators who may break the glass for an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from portal.core.errors import Conflict, DomainError, NotAllowed, NotVisible
from portal.core.models import AuditEntry
from portal.engine.models import Notice
from portal.site.queries.changes import visible_changes
from requests_queue.models import BreakGlass, CompartmentMember, DataRequest, ExemptKind
from requests_queue.policies import visible_to
from requests_queue.services.compartments import (
    add_member,
    approve_break_glass,
    ask_break_glass,
    make_public,
    remove_member,
)
from requests_queue.services.privacy import make_private
from requests_queue.services.talking import post_message
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.world import make_admin

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
WHY = "the regulator asks for this by tomorrow noon"


@pytest.fixture
def secret(world: World, clock: MovableClock) -> DataRequest:
    clock.set(TUESDAY)
    request = filed(world, title="Zeppelin inquiry")
    return make_private(actor=world.bob, request=request, people=[world.alice], reason="legal matter", at=TUESDAY)


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def broken(secret: DataRequest, one: Person, two: Person) -> BreakGlass:
    glass = ask_break_glass(actor=one, number=secret.number.lower(), reason=WHY, at=TUESDAY)
    return approve_break_glass(actor=two, glass=glass, number=secret.number, at=TUESDAY)


def test_exempt_work_is_private_from_the_start_with_a_number_that_says_nothing(world: World) -> None:
    request = filed(world, exemption=ExemptKind.objects.get(slug="legal-hold"), people=[world.alice])
    assert (request.number[:4], request.is_private, len(request.number)) == ("PRV-", True, 10)
    assert [visible_to(one).count() for one in (world.bob, world.alice, world.carol)] == [1, 1, 0]
    with pytest.raises(DomainError, match="Name at least one person"):
        filed(world, exemption=ExemptKind.objects.get(slug="legal-hold"))


def test_a_member_lets_somebody_in_and_out_with_a_reason_and_the_last_one_stays(
    world: World, secret: DataRequest
) -> None:
    add_member(actor=world.alice, request=secret, person=world.carol, reason="knows the export", at=TUESDAY)
    assert visible_to(world.carol).count() == 1
    for person in (world.carol, world.alice):
        remove_member(actor=world.bob, request=secret, person=person, reason="not needed now", at=TUESDAY)
    with pytest.raises(Conflict) as refusal:
        remove_member(actor=world.bob, request=secret, person=world.bob, reason="not needed now", at=TUESDAY)
    assert refusal.value.code == "requests.last_member"
    assert CompartmentMember.objects.filter(removed_at=None).count() == 1
    assert CompartmentMember.objects.count() == 3


@pytest.mark.parametrize("who", ["carol", "admin"])
def test_nobody_outside_changes_the_members(world: World, secret: DataRequest, admin: Person, who: str) -> None:
    actor = admin if who == "admin" else world.carol
    with pytest.raises(NotVisible):
        add_member(actor=actor, request=secret, person=actor, reason="I want to look", at=TUESDAY)
    assert CompartmentMember.objects.count() == 2


def test_members_see_every_look_and_nobody_else_sees_any(world: World, secret: DataRequest, admin: Person) -> None:
    browser(world.alice).get(f"/requests/{secret.number}")
    page = browser(world.bob).get(f"/requests/{secret.number}/members").content.decode()
    assert "Alice Example: private read" in page
    for person in (world.carol, admin):
        assert browser(person).get(f"/requests/{secret.number}/members").status_code == 404
        assert not visible_changes(person).filter(object_label__contains="Zeppelin").exists()
    assert visible_changes(world.alice).filter(compartment=secret.number, verb="requests.private_read").exists()


def test_one_administrator_reads_nothing_two_read_for_an_hour_and_members_are_told(
    world: World, secret: DataRequest, clock: MovableClock
) -> None:
    one, two = make_admin("ada"), make_admin("ben")
    glass = ask_break_glass(actor=one, number=secret.number, reason=WHY, at=TUESDAY)
    assert browser(one).get(f"/break-glass/{glass.pk}").status_code == 404
    with pytest.raises(DomainError) as refusal:
        approve_break_glass(actor=one, glass=glass, number=secret.number, at=TUESDAY)
    assert refusal.value.code == "requests.same_person"
    approve_break_glass(actor=two, glass=glass, number=secret.number, at=TUESDAY)
    told = Notice.objects.filter(kind="requests.break_glass")
    assert {(row.recipient, row.is_private) for row in told} == {(world.alice, True), (world.bob, True)}
    for admin in (one, two):
        page = browser(admin).get(f"/break-glass/{glass.pk}")
        assert (page.status_code, "Zeppelin inquiry" in page.content.decode()) == (200, True)
        assert browser(admin).get(f"/requests/{secret.number}").status_code == 404
    assert AuditEntry.objects.filter(verb="requests.glass_read", compartment=secret.number).count() == 2
    clock.set(TUESDAY + timedelta(minutes=61))
    assert browser(one).get(f"/break-glass/{glass.pk}").status_code == 404


def test_a_wrong_number_answers_as_a_right_one(world: World, secret: DataRequest) -> None:
    one, two = make_admin("ada"), make_admin("ben")
    body = {"number": "PRV-AAAAAA", "reason": WHY}
    wrong = browser(one).post("/break-glass/", body)
    right = browser(one).post("/break-glass/", body | {"number": secret.number})
    assert (wrong.status_code, wrong["Location"]) == (right.status_code, right["Location"]) == (303, "/break-glass/")
    glass = BreakGlass.objects.get(request=None)
    approve_break_glass(actor=two, glass=glass, number="PRV-AAAAAA", at=TUESDAY)
    assert browser(two).get(f"/break-glass/{glass.pk}").status_code == 404


def test_the_list_of_asks_names_no_number(world: World, secret: DataRequest) -> None:
    one, two = make_admin("ada"), make_admin("ben")
    ask_break_glass(actor=one, number=secret.number, reason=WHY, at=TUESDAY)
    page = browser(two).get("/break-glass/").content.decode()
    assert WHY in page
    assert secret.number not in page


def test_breaking_the_glass_needs_an_administrator_and_thirty_characters(world: World, secret: DataRequest) -> None:
    with pytest.raises(NotAllowed):
        ask_break_glass(actor=world.alice, number=secret.number, reason=WHY, at=TUESDAY)
    with pytest.raises(DomainError):
        ask_break_glass(actor=make_admin("ada"), number=secret.number, reason="because I want to know", at=TUESDAY)
    assert BreakGlass.objects.count() == 0


def test_a_compartment_opens_again_only_while_nothing_was_said_in_it(world: World, secret: DataRequest) -> None:
    opened = make_public(actor=world.bob, request=secret, reason="it is no secret", at=TUESDAY)
    assert (opened.is_private, opened.number[:4], visible_to(world.carol).count()) == (False, "REQ-", 1)
    again = make_private(actor=world.bob, request=opened, people=[world.alice], reason="legal matter", at=TUESDAY)
    post_message(actor=world.alice, request=again, body="In confidence", at=TUESDAY)
    with pytest.raises(Conflict) as refusal:
        make_public(actor=world.bob, request=again, reason="it is no secret", at=TUESDAY)
    assert refusal.value.code == "requests.private_messages"
