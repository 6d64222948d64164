"""Who is in which team on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from portal.accounts.models import Membership
from portal.accounts.policies import may
from portal.accounts.queries.teams import leads_of_person, main_team
from portal.accounts.services.memberships import Place, add_member, change_membership, end_membership
from portal.core.errors import Conflict, DomainError, NotAllowed
from tests.world import BEFORE, make_person, make_team

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2027, 5, 3)


@pytest.mark.parametrize("is_main", [True, False])
def test_the_database_refuses_overlaps_in_one_team(world: World, *, is_main: bool) -> None:
    row = Membership(
        person=world.bob, team=world.analytics, during=DateRange(DAY, None), is_main=is_main, fte_percent=50
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    assert Membership.objects.filter(person=world.bob, team=world.analytics).count() == 1


def test_the_database_refuses_a_second_main_team(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership(person=world.bob, team=world.checkout, during=DateRange(DAY, None), fte_percent=1).save()


def test_a_second_main_team_is_refused_in_words(world: World) -> None:
    place = Place(fte_percent=1, since=DAY)
    end = Membership.objects.get(person=world.bob, team=world.analytics)
    change_membership(actor=None, membership=end, changes={"fte_percent": 50}, at=BEFORE)
    with pytest.raises(Conflict) as refusal:
        add_member(actor=None, team=world.checkout, person=world.bob, place=place, at=BEFORE)
    assert (refusal.value.code, refusal.value.field) == ("accounts.two_main_teams", "is_main")


def test_shares_of_a_day_stay_within_100(world: World) -> None:
    place = Place(fte_percent=1, is_main=False, since=DAY)
    with pytest.raises(DomainError) as refusal:
        add_member(actor=None, team=world.checkout, person=world.bob, place=place, at=BEFORE)
    assert (refusal.value.code, refusal.value.field) == ("accounts.fte_over", "fte_percent")


def test_a_newcomer_waits_in_no_team_until_a_team_takes_them(world: World) -> None:
    eve = make_person("eve")
    assert main_team(eve, DAY).slug == "no-team"  # type: ignore[union-attr]
    add_member(actor=world.alice, team=world.data_platform, person=eve, place=Place(since=DAY), at=BEFORE)
    assert [str(team) for team in (main_team(eve, date(2027, 5, 2)), main_team(eve, DAY))] == [
        "No team yet",
        "Data Platform",
    ]


def test_a_membership_that_ends_today_gives_no_right_from_local_midnight(world: World) -> None:
    team = make_team("pipelines")
    lead = make_person("kofi", team=team, role="lead", zone="America/New_York")
    row = Membership.objects.get(person=lead, team=team)
    end_membership(actor=None, membership=row, on=DAY, at=BEFORE)
    last_second = datetime(2027, 5, 3, 3, 59, 59, tzinfo=UTC)
    assert may(lead, "approve", team, last_second).allowed
    assert may(lead, "approve", team, datetime(2027, 5, 3, 4, tzinfo=UTC)).code == "accounts.not_allowed"


def test_the_last_lead_cannot_leave_the_others_alone(world: World) -> None:
    make_person("eve", team=world.data_platform)
    row = Membership.objects.get(person=world.alice, team=world.data_platform)
    with pytest.raises(Conflict) as refusal:
        end_membership(actor=None, membership=row, on=DAY, at=BEFORE)
    assert refusal.value.code == "accounts.last_lead"


def test_only_the_lead_adds_members(world: World) -> None:
    eve = make_person("eve")
    with pytest.raises(NotAllowed):
        add_member(actor=world.bob, team=world.analytics, person=eve, at=BEFORE)
    assert Membership.objects.filter(person=eve).count() == 1


def test_the_lead_of_a_lead_is_the_parents_or_an_admin(world: World, admin: Person) -> None:
    assert leads_of_person(world.alice, DAY) == [admin]
    eve = make_person("eve", team=world.data_platform)
    assert leads_of_person(eve, DAY) == [world.alice]
