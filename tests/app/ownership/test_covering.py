"""Days on which nobody could act: shown before an absence is saved, told to the leads once (spec ownership 8)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from ownership.models import Ownership, Risk
from ownership.services.risks import refresh_asset_risks
from portal.accounts.services.absences import Away, cancel_absence, check_absence, enter_absence
from portal.engine.models import Notice
from tests.app.ownership.test_risks import assets, own
from tests.world import make_person

if TYPE_CHECKING:
    from ownership.models import Asset
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def fay(world: World) -> Person:
    return make_person("fay", team=world.data_platform, discipline="DE")


@pytest.fixture
def orders(world: World, fay: Person, clock: MovableClock) -> Asset:
    """Fay owns it, Bob can step in; Alice leads Fay."""
    (thing,) = assets(1, "orders", clock.now() - timedelta(days=9), tier=1)
    own([thing], fay, clock.now() - timedelta(days=9))
    own([thing], world.bob, clock.now() - timedelta(days=9), rank=2)
    return thing


def days(clock: MovableClock, first: int, last: int) -> Away:
    today: date = clock.now().date()
    return Away(today + timedelta(days=first), today + timedelta(days=last))


def told(person: Person) -> int:
    return Notice.objects.filter(kind="ownership.uncovered", recipient=person).count()


def test_a_backup_who_goes_while_the_owner_is_away_is_told_so_before_saving(
    world: World, fay: Person, orders: Asset, clock: MovableClock
) -> None:
    enter_absence(actor=fay, person=fay, away=days(clock, 5, 20), at=clock.now())
    assert (told(world.alice), Risk.objects.filter(kind="uncovered").count()) == (0, 0)
    away = days(clock, 10, 30)
    (clash,) = check_absence(actor=world.bob, person=world.bob, away=away, at=clock.now())
    first, last = (f"{clock.now() + timedelta(days=n):%b}" for n in (10, 21))
    assert clash.sentence.startswith(f"Nobody could act on {orders.name} from ")
    assert (first in clash.sentence, last in clash.sentence) == (True, True)
    assert clash.cover == "its backups are away then"
    absence = enter_absence(actor=world.bob, person=world.bob, away=away, at=clock.now())
    ((start, end),) = Risk.objects.get(kind="uncovered", valid__upper_inf=True).detail["spans"]
    assert [start[:10], end[:10]] == [str(clock.now().date() + timedelta(days=n)) for n in (10, 21)]
    clock.advance(minutes=1)
    cancel_absence(actor=world.bob, absence=absence, at=clock.now())
    assert not Risk.objects.filter(kind="uncovered", valid__upper_inf=True).exists()


def test_leads_hear_once_when_the_last_backup_is_gone_before_an_absence(
    world: World, fay: Person, orders: Asset, clock: MovableClock
) -> None:
    enter_absence(actor=fay, person=fay, away=days(clock, 5, 20), at=clock.now())
    Ownership.objects.filter(asset=orders, rank=2).update(
        state="ended", valid=(clock.now() - timedelta(days=9), clock.now()), end_reason="correction"
    )
    clock.advance(minutes=1)
    for _ in range(2):
        refresh_asset_risks(asset_ids=[orders.pk], at=clock.now())
        clock.advance(days=1)
    assert told(world.alice) == 1
    notice = Notice.objects.get(kind="ownership.uncovered")
    assert notice.context == {
        "name": "Fay Example", "count": "1 asset", "assets": "orders-0", "url": "/risks/?kind=uncovered",
    }  # fmt: skip


def test_an_absence_that_was_told_at_its_entry_is_not_told_again_at_night(
    world: World, fay: Person, orders: Asset, clock: MovableClock
) -> None:
    enter_absence(actor=world.bob, person=world.bob, away=days(clock, 1, 30), at=clock.now())
    enter_absence(actor=fay, person=fay, away=days(clock, 5, 20), at=clock.now())
    clock.advance(days=1)
    refresh_asset_risks(asset_ids=[orders.pk], at=clock.now())
    assert told(world.alice) == 1
