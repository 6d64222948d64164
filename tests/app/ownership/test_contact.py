"""Whom to write to about an asset: present people only, in the order of the spec."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import ProgrammingError, transaction

from ownership.models import Evidence
from ownership.queries.parties import resolve_contact
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.evidence import Act, record_evidence
from ownership.services.owning import Nomination, propose_owner
from portal.accounts.services.absences import Away, enter_absence
from tests.world import make_person

if TYPE_CHECKING:
    from ownership.models import Asset
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def asset(world: World, clock: MovableClock) -> Asset:
    """Owned by carol of Checkout, alice is the backup; the lead of Checkout is erin."""
    made = create_asset(actor=world.alice, draft=AssetDraft("dataset", "fct_orders"), at=clock.now())
    make_person("erin", team=world.checkout, role="lead", discipline="SE")
    for person, rank in ((world.carol, 1), (world.alice, 2)):
        propose_owner(actor=person, asset=made, nomination=Nomination(person=person, rank=rank), at=clock.now())
    return made


def away(person: Person, clock: MovableClock) -> None:
    today = clock.now().date()
    enter_absence(actor=None, person=person, away=Away(today, today + timedelta(days=9)), at=clock.now())


def contact(asset: Asset, clock: MovableClock) -> str | None:
    found = resolve_contact(asset, clock.now())
    return found.handle if found else None


def test_the_present_primary_is_asked(asset: Asset, clock: MovableClock) -> None:
    assert contact(asset, clock) == "carol"


def test_a_new_backup_stands_in_for_an_absent_primary(asset: Asset, world: World, clock: MovableClock) -> None:
    away(world.carol, clock)
    assert contact(asset, clock) == "alice"


def test_an_untested_backup_is_passed_over_for_the_lead(asset: Asset, world: World, clock: MovableClock) -> None:
    clock.advance(days=40)
    away(world.carol, clock)
    assert contact(asset, clock) == "erin"


def test_a_backup_who_worked_on_it_is_asked_before_the_lead(asset: Asset, world: World, clock: MovableClock) -> None:
    act = Act("commit", "abc123", clock.now())
    for _ in range(2):
        record_evidence(actor=None, person=world.alice, assets=[asset], act=act)
    assert Evidence.objects.count() == 1
    clock.advance(days=40)
    away(world.carol, clock)
    assert contact(asset, clock) == "alice"


def test_a_backup_on_paper_is_better_than_nobody(asset: Asset, world: World, clock: MovableClock) -> None:
    clock.advance(days=40)
    for person in (world.carol, type(world.carol).objects.get(handle="erin")):
        away(person, clock)
    assert contact(asset, clock) == "alice"


def test_evidence_is_never_rewritten(asset: Asset, world: World, clock: MovableClock) -> None:
    record_evidence(actor=None, person=world.alice, assets=[asset], act=Act("commit", "abc123", clock.now()))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Evidence.objects.update(ref="other")
