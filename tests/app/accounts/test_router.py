"""How the engine learns by which ways a person is reached."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from portal.accounts.queries.routing import PeopleRouter
from portal.accounts.services.absences import Away, enter_absence
from portal.accounts.services.contact import RuleWish, add_contact_method, set_notification_rules, trust_contact_method
from portal.accounts.services.endpoints import NewEndpoint, create_endpoint
from portal.accounts.services.leaving import deactivate_person
from portal.engine.domain.drafts import NoticeFacts
from portal.engine.domain.subjects import Subject
from tests.world import BEFORE

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from portal.accounts.models import ContactMethod, Person
    from tests.world import World

pytestmark = pytest.mark.django_db
MONDAY = datetime(2027, 5, 3, 10, tzinfo=UTC)
NIGHT = datetime(2027, 5, 3, 2, tzinfo=UTC)


def notice(person: Person | None, severity: Any = "warn", endpoint: str = "") -> NoticeFacts:
    pk = person.pk if person else None
    return NoticeFacts(
        uuid4(), "x.y", severity, Subject("x.y", 1), pk, endpoint, {}, is_acknowledgeable=True, is_private=False,
        created_at=MONDAY,
    )  # fmt: skip


def plan(asked: NoticeFacts, at: datetime = MONDAY) -> list[tuple[str, int, int]]:
    drafts = PeopleRouter().plan([asked], at=at)[asked.id]
    return [(draft.channel, draft.delay_seconds, draft.repeat_no) for draft in drafts]


def method(person: Person, address: str) -> ContactMethod:
    row = add_contact_method(actor=person, channel="email", address=address, at=BEFORE)
    return trust_contact_method(actor=None, method=row, at=BEFORE)


def test_without_rules_inbox_and_mail_come_at_once(bob: Person) -> None:
    assert plan(notice(bob)) == [("inbox", 0, 0), ("email", 0, 0)]


def test_rules_of_the_severity_are_written_all_at_once(bob: Person) -> None:
    first, second = method(bob, "a@example.com"), method(bob, "b@example.com")
    wishes = [RuleWish("page", first.pk), RuleWish("page", second.pk, 120, 300, 2), RuleWish("info", first.pk, 5)]
    set_notification_rules(actor=bob, person=bob, wishes=wishes, at=BEFORE)
    expected = [("inbox", 0, 0), ("email", 0, 0), ("email", 120, 0), ("email", 420, 1), ("email", 720, 2)]
    assert plan(notice(bob, "page")) == expected


def test_a_rule_for_working_hours_rests_at_night(bob: Person) -> None:
    row = method(bob, "a@example.com")
    wish = RuleWish("warn", row.pk, 60, window="working_hours")
    set_notification_rules(actor=bob, person=bob, wishes=[wish], at=BEFORE)
    assert plan(notice(bob), MONDAY) == [("inbox", 0, 0), ("email", 60, 0)]
    assert plan(notice(bob), NIGHT) == [("inbox", 0, 0), ("email", 0, 0)]


def test_news_waits_in_the_inbox_while_away_and_a_page_does_not(bob: Person) -> None:
    enter_absence(actor=bob, person=bob, away=Away(date(2027, 5, 3), date(2027, 5, 3)), at=BEFORE)
    assert plan(notice(bob, "info")) == [("inbox", 0, 0)]
    assert plan(notice(bob, "page")) == [("inbox", 0, 0), ("email", 0, 0)]


def test_nobody_is_there_once_the_person_left(world: World, admin: Person) -> None:
    deactivate_person(actor=admin, person=world.bob, reason="left", at=BEFORE)
    assert plan(notice(world.bob)) == []


def test_an_endpoint_is_one_way_and_an_unknown_one_none(world: World) -> None:
    wish = NewEndpoint("dp-mail", "mail", "dp@example.com")
    row, _ = create_endpoint(actor=world.alice, team=world.data_platform, wish=wish, at=BEFORE)
    assert plan(notice(None, endpoint=f"endpoint:{row.pk}")) == [("email", 0, 0)]
    assert plan(notice(None, endpoint="endpoint:999999")) == []


def test_a_batch_of_1000_takes_two_queries(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    batch = [notice(person) for person in (world.alice, world.bob, world.carol, world.dave) for _ in range(250)]
    with django_assert_num_queries(2):
        assert len(PeopleRouter().plan(batch, at=MONDAY)) == 1000
