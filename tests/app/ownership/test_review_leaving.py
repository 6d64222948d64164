"""What a review still asks of a leaver is handed on to who acts, or closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ownership.models import Asset, Ownership, ReviewItem
from ownership.queries.reviews import mine, review_items, waiting_by_person
from ownership.services.leaving import hand_over_assets
from ownership.services.owning import Nomination, propose_owner
from ownership.services.reviewing import next_quarter, start_review
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def frank(world: World) -> Person:
    return make_person("frank", team=world.data_platform, discipline="DE")


def asset(name: str, owner: Person, backup: Person | None, clock: MovableClock) -> Asset:
    at = clock.now()
    row = Asset.objects.create(kind=20, slug=name, name=name, tier=1, created_at=at, updated_at=at, attrs={})
    for rank, person in enumerate([owner, *([backup] if backup else [])], start=1):
        propose_owner(actor=person, asset=row, nomination=Nomination(person=person, rank=rank), at=at)
    return row


def lines() -> list[tuple[str, str, str, str]]:
    rows = ReviewItem.objects.select_related("ownership__person", "ownership__team", "ownership__asset")
    return sorted(
        (row.ownership.asset.slug, str(row.ownership.person or row.ownership.team), row.state, row.note) for row in rows
    )


def test_the_backup_who_acts_is_asked_in_the_leavers_place(world: World, frank: Person, clock: MovableClock) -> None:
    asset("orders", frank, world.carol, clock)
    campaign = start_review(actor=None, quarter=next_quarter(clock.now()), at=clock.now())
    clock.advance(hours=1)
    hand_over_assets(frank, clock.now())
    assert lines() == [("orders", "Carol Example", "asked", ""), ("orders", "Carol Example", "hand_over", "")]
    (line,) = mine(review_items(world.carol), world.carol, clock.now())
    assert (line.ownership.rank, line.ownership.acting) == (1, True)
    assert waiting_by_person(campaign, "asked", clock.now()) == {world.carol.pk: 1}
    hand_over_assets(frank, clock.now())
    assert len(lines()) == 2


def test_without_a_backup_the_team_is_asked(world: World, frank: Person, clock: MovableClock) -> None:
    asset("orders", frank, None, clock)
    campaign = start_review(actor=None, quarter=next_quarter(clock.now()), at=clock.now())
    clock.advance(hours=1)
    hand_over_assets(frank, clock.now())
    assert lines() == [("orders", "Data Platform", "asked", "")]
    assert waiting_by_person(campaign, "asked", clock.now()) == {world.alice.pk: 1}


def test_a_backup_who_leaves_is_asked_nothing_any_more(world: World, frank: Person, clock: MovableClock) -> None:
    asset("orders", world.carol, frank, clock)
    start_review(actor=None, quarter=next_quarter(clock.now()), at=clock.now())
    clock.advance(hours=1)
    hand_over_assets(frank, clock.now())
    assert lines() == [
        ("orders", "Carol Example", "asked", ""), ("orders", "Frank Example", "not_mine", "They have left."),
    ]  # fmt: skip
    assert Ownership.objects.filter(person=frank, state="accepted").count() == 0
