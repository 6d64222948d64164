"""Nobody who left stays accountable: the first backup acts, else the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from ownership.models import Asset, Claim, Ownership
from ownership.queries.owners import current_owners
from ownership.services.leaving import hand_over_assets, held_by_the_inactive, preview_leaving
from ownership.services.owning import Nomination, propose_owner
from portal.accounts.models import Person
from portal.accounts.services.leaving import deactivate_person, run_deactivation
from portal.core.models import AuditEntry
from tests.app.ownership.manifests import applied, shop
from tests.world import make_admin

if TYPE_CHECKING:
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


class Silent:
    """Nobody watches this job."""

    def tell(self, **facts: object) -> None:
        del facts


def leave(person: Person, clock: MovableClock) -> None:
    clock.advance(hours=1)
    deactivate_person(actor=make_admin(), person=person, reason="left", at=clock.now())
    run_deactivation({"person_id": person.pk}, Silent())


def holders(slug: str) -> list[tuple[str, int, bool]]:
    asset = Asset.objects.get(slug=slug)
    return [(held.party.slug, held.rank, held.is_acting) for held in current_owners([asset.pk])[asset.pk].holders]


def test_the_nearest_backup_acts_from_the_instant_the_owner_leaves(
    alice: Person, carol: Person, clock: MovableClock
) -> None:
    applied(shop(owner="alice@example.com, carol@example.com"), clock.now())
    leave(alice, clock)
    assert holders("fct_orders") == [("carol", 1, True)]
    ended = Ownership.objects.filter(state="ended").order_by("rank")
    assert list(ended.values_list("person__handle", "end_reason")) == [("alice", "left"), ("carol", "handoff")]
    acting = Ownership.objects.get(acting=True)
    assert ended[0].valid.upper == ended[1].valid.upper == acting.valid.lower


def test_without_a_backup_the_last_team_acts(alice: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    leave(alice, clock)
    assert holders("fct_orders") == [("data-platform", 1, True)]


def test_a_backup_who_leaves_only_ends(alice: Person, carol: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com, carol@example.com"), clock.now())
    leave(carol, clock)
    assert holders("fct_orders") == [("alice", 1, False)]


def test_what_was_asked_of_a_leaver_is_withdrawn(alice: Person, carol: Person, clock: MovableClock) -> None:
    applied(shop(), clock.now())
    asset = Asset.objects.get(slug="fct_orders")
    propose_owner(actor=alice, asset=asset, nomination=Nomination(person=carol), at=clock.now())
    leave(carol, clock)
    assert list(Ownership.objects.filter(person=carol).values_list("state", "end_reason")) == [("declined", "left")]


def test_a_file_that_still_names_a_leaver_brings_nobody_back(alice: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    leave(alice, clock)
    changed = shop(owner="alice@example.com")
    changed["nodes"]["model.shop.fct_orders"]["description"] = "New words."
    applied(changed, clock.now())
    assert holders("fct_orders") == [("data-platform", 1, True)]
    assert Claim.objects.get(raw="alice@example.com").outcome == "unresolved"


def test_the_database_lets_nothing_rest_on_an_inactive_person(alice: Person, bob: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    leave(bob, clock)
    bob.refresh_from_db()
    rows = Ownership.objects.filter(person=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(person=bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=alice.pk).update(state="inactive", deactivated_at=clock.now())
    assert (bob.state, rows.count(), held_by_the_inactive(clock.now())) == ("inactive", 1, 0)


def test_the_step_says_first_what_it_will_do_and_does_it_once(
    alice: Person, carol: Person, clock: MovableClock
) -> None:
    applied(shop(owner="alice@example.com, carol@example.com", business_owner="alice@example.com"), clock.now())
    assert preview_leaving(alice, clock.now()) == [
        "1 asset duties pass to the first backup who is there, who acts until somebody is confirmed.",
        "1 asset duties pass to Data Platform, which acts until somebody is confirmed.",
    ]
    clock.advance(hours=1)
    hand_over_assets(alice, clock.now())
    rows = list(Ownership.objects.order_by("pk").values())
    audited = AuditEntry.objects.count()
    hand_over_assets(alice, clock.now())
    assert (list(Ownership.objects.order_by("pk").values()), AuditEntry.objects.count()) == (rows, audited)
