"""A lost second factor is taken off by two admins, never by one and never by its owner (spec security 3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from portal.accounts.models import FactorReset
from portal.accounts.services.factors import approve_factor_reset, ask_factor_reset
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.models import AuditEntry
from portal.engine.models import Notice
from portal.site.queries.day import needs_of
from tests.world import PASSWORD, make_admin

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
WHY = "Called back on the number in the staff list."
PAGE = "/people/bob/factor"


@pytest.fixture
def admins(world: World, clock: MovableClock) -> tuple[Person, Person]:
    clock.set(NOW)
    give_factors(world.bob)
    return make_admin("root"), make_admin("toor")


def give_factors(person: Person) -> None:
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=person, type="recovery_codes", data={})


def signed_in(person: Person) -> Client:
    """By the door, so that the password was given a moment ago."""
    client = Client()
    client.post("/auth/login/", {"login": f"{person.handle}@example.com", "password": PASSWORD})
    return client


def factors_of(person: Person) -> int:
    return int(Authenticator.objects.filter(user=person).count())


def test_one_admin_asks_another_agrees_and_every_factor_and_session_is_gone(
    admins: tuple[Person, Person], world: World
) -> None:
    root, toor = admins
    Authenticator.objects.all().delete()
    bobs = signed_in(world.bob)
    give_factors(world.bob)
    assert bobs.get("/me/").status_code == 200
    assert signed_in(root).post(PAGE, {"reason": WHY}).status_code == 303
    assert factors_of(world.bob) == 2
    told = Notice.objects.filter(kind="accounts.factor_lost").values_list("recipient_id", flat=True)
    assert set(told) == {toor.pk, world.bob.pk}
    assert [need.url for need in needs_of(toor, NOW) if "second factor" in need.sentence] == [PAGE]
    page = signed_in(toor).get(PAGE).content.decode()
    assert WHY in page
    assert "Take the factor off" in page
    assert signed_in(toor).post(PAGE, {"act": "agree"}).status_code == 303
    assert factors_of(world.bob) == 0
    assert bobs.get("/me/").status_code == 302
    row = AuditEntry.objects.get(verb="accounts.factor_reset_approved")
    assert (row.actor, row.object_id, row.reason, row.after["factors"]) == (toor, str(world.bob.pk), WHY, 2)
    assert Notice.objects.filter(kind="accounts.factor_reset", recipient_id=world.bob.pk).count() == 1
    assert [need for need in needs_of(toor, NOW) if "second factor" in need.sentence] == []


@pytest.mark.parametrize(
    ("who", "code"), [("root", "accounts.same_admin"), ("bob", "core.not_allowed"), ("alice", "core.not_allowed")]
)
def test_who_asked_the_person_and_who_is_no_admin_cannot_agree(
    admins: tuple[Person, Person], world: World, who: str, code: str
) -> None:
    root, _ = admins
    reset = ask_factor_reset(actor=root, person=world.bob, reason=WHY, at=NOW)
    actor: Any = {"root": root, "bob": world.bob, "alice": world.alice}[who]
    with pytest.raises(NotAllowed) as refusal:
        approve_factor_reset(actor=actor, reset=reset, at=NOW)
    assert (refusal.value.code == code or who != "root", factors_of(world.bob)) == (True, 2)


def test_an_admin_asks_for_nobody_without_a_factor_nor_for_oneself(admins: tuple[Person, Person], world: World) -> None:
    root, toor = admins
    Authenticator.objects.create(user=toor, type="totp", data={})
    with pytest.raises(NotAllowed):
        ask_factor_reset(actor=toor, person=toor, reason=WHY, at=NOW)
    with pytest.raises(Conflict, match="no second factor"):
        ask_factor_reset(actor=root, person=world.carol, reason=WHY, at=NOW)
    with pytest.raises(DomainError, match="20 characters"):
        ask_factor_reset(actor=root, person=world.bob, reason="lost it", at=NOW)
    assert (FactorReset.objects.count(), Notice.objects.filter(kind="accounts.factor_lost").count()) == (0, 0)


def test_what_was_asked_stands_for_a_day_and_is_asked_once_at_a_time(
    admins: tuple[Person, Person], world: World
) -> None:
    root, toor = admins
    reset = ask_factor_reset(actor=root, person=world.bob, reason=WHY, at=NOW)
    with pytest.raises(Conflict, match="has asked for this"):
        ask_factor_reset(actor=toor, person=world.bob, reason=WHY, at=NOW)
    late = NOW + timedelta(hours=24)
    with pytest.raises(Conflict, match="older than a day"):
        approve_factor_reset(actor=toor, reset=reset, at=late)
    assert factors_of(world.bob) == 2
    again = ask_factor_reset(actor=toor, person=world.bob, reason=WHY, at=late)
    approve_factor_reset(actor=root, reset=again, at=late)
    assert factors_of(world.bob) == 0


def test_an_admin_ends_what_was_asked_and_nothing_is_taken_off(admins: tuple[Person, Person], world: World) -> None:
    root, toor = admins
    reset = ask_factor_reset(actor=root, person=world.bob, reason=WHY, at=NOW)
    assert signed_in(toor).post(PAGE, {"act": "refuse"}).status_code == 303
    with pytest.raises(Conflict):
        approve_factor_reset(actor=toor, reset=reset, at=NOW)
    assert (factors_of(world.bob), FactorReset.objects.get().approved_by) == (2, None)


def test_an_admin_without_a_fresh_proof_is_asked_for_it(admins: tuple[Person, Person], clock: MovableClock) -> None:
    root, _ = admins
    client = Client()
    client.force_login(root)
    answer = client.post(PAGE, {"reason": WHY})
    assert (answer.status_code, "/auth/" in answer.headers["Location"]) == (302, True)
    assert FactorReset.objects.count() == 0
