"""One accountable party at an instant, whatever happens at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from ownership.models import Asset, Claim, Ownership
from ownership.queries.owners import current_owners, owners_at
from ownership.queries.parties import owning_team, resolve_contact
from ownership.services.owning import Nomination, accept_ownership, decline_ownership, propose_owner
from portal.core.errors import Conflict
from tests.app.ownership.manifests import applied, shop

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def asset(clock: MovableClock) -> Asset:
    applied(shop(), clock.now())
    return Asset.objects.get(slug="fct_orders")


def held(asset: Asset, person: Person, start: datetime, end: datetime | None) -> Ownership:
    return Ownership.objects.create(
        asset=asset, person=person, duty=1, rank=1, state="ended" if end else "accepted", valid=(start, end),
        origin="portal", recorded_at=start, recorded_by=person,
    )  # fmt: skip


def test_the_database_refuses_an_overlap_of_a_microsecond(
    asset: Asset, alice: Person, bob: Person, clock: MovableClock
) -> None:
    at = clock.now()
    held(asset, alice, at - timedelta(days=9), at)
    with pytest.raises(IntegrityError), transaction.atomic():
        held(asset, bob, at - timedelta(microseconds=1), None)
    held(asset, bob, at, None)
    assert [owners_at([asset.pk], at - timedelta(days=days))[asset.pk].primary for days in (10,)] == [None]
    names = [owners_at([asset.pk], instant)[asset.pk].holders[0].party.slug for instant in (at - timedelta(days=1), at)]
    assert names == ["alice", "bob"]


def test_not_me_mutes_the_claim_for_good(alice: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    row = Ownership.objects.get(person=alice)
    clock.advance(minutes=1)
    decline_ownership(actor=alice, row=row, reason="never was", at=clock.now())
    applied(shop(owner="alice@example.com") | {"docs": {}}, clock.now())
    assert Claim.objects.get(raw="alice@example.com").outcome == "muted"
    assert Ownership.objects.filter(person=alice, state="accepted").count() == 0


def test_confirming_what_a_file_declared_keeps_the_row(alice: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    row = Ownership.objects.get(person=alice)
    accept_ownership(actor=alice, row=row, at=clock.now())
    assert Ownership.objects.get(person=alice).confirmed_at is not None


def test_a_proposal_answered_twice_counts_once(asset: Asset, alice: Person, bob: Person, clock: MovableClock) -> None:
    row = propose_owner(actor=alice, asset=asset, nomination=Nomination(person=bob), at=clock.now())
    decline_ownership(actor=bob, row=row, reason="", at=clock.now())
    with pytest.raises(Conflict) as refusal:
        accept_ownership(actor=bob, row=row, at=clock.now())
    assert refusal.value.code == "ownership.too_late"


def test_contact_and_team_follow_the_primary(asset: Asset, alice: Person, clock: MovableClock) -> None:
    at = clock.now()
    assert (owning_team([asset.pk], at)[asset.pk], resolve_contact(asset, at)) == (None, None)
    propose_owner(actor=alice, asset=asset, nomination=Nomination(person=alice), at=at)
    team = owning_team([asset.pk], clock.now())[asset.pk]
    assert team is not None
    assert team.slug == "data-platform"
    assert resolve_contact(asset, clock.now()) == alice
    assert current_owners([asset.pk])[asset.pk].basis == "declared"
