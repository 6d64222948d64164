"""Each check of the doctor turns red, or yellow, for its reason alone (spec site 7 and 11.14)."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as django_settings

from portal.accounts.models import ApiToken, FallbackRecipient, Membership, Person
from portal.core import clock as portal_clock
from portal.core.models import ImportRun, ImportSource, Setting
from portal.core.services.calendars import create_calendar, publish_calendar_version
from portal.core.startup import database_facts
from portal.engine.services.heartbeats import beat
from portal.site.queries import checks
from portal.site.queries.checks import findings
from portal.site.queries.setup import setup
from portal.site.services.checking_up import note_checks
from tests.conftest import as_owner

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def said(name: str) -> tuple[str, str]:
    found = next(finding for finding in findings() if finding.name == name)
    return found.colour, found.sentence


@pytest.mark.parametrize(
    ("name", "facts", "sentence"),
    [
        ("PostgreSQL", {"version": 140_005}, "PostgreSQL is older than 15."),
        ("time zone", {"zone": "CET"}, "The database's time zone is CET, not UTC."),
        ("extensions", {"extensions": ["btree_gist", "unaccent", "vector"]}, "Missing: pg_trgm."),
        ("role", {"role": "headwater_owner"}, "This process may change tables."),
    ],
)
def test_a_server_that_does_not_fit(
    name: str, facts: dict[str, Any], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = dataclasses.replace(database_facts(), **facts)
    assert said(name)[0] == "ok"
    monkeypatch.setattr(checks, "database_facts", lambda: told)
    assert said(name) == ("bad", sentence)


def test_a_right_too_many_or_too_few_names_its_table() -> None:
    assert said("grants") == ("ok", "fine")
    with as_owner() as cursor:
        cursor.execute(
            "GRANT UPDATE ON core_auditentry TO headwater_app; REVOKE INSERT ON core_setting FROM headwater_app"
        )
    assert said("grants") == (
        "bad", "headwater_app has other rights than it should on core_auditentry, core_setting.",
    )  # fmt: skip


def test_a_migration_that_is_not_applied() -> None:
    with as_owner() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions' AND name = '0001_initial'")
    assert said("migrations") == ("bad", "1 not applied.")


def test_a_clock_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    real = portal_clock.process_clock
    monkeypatch.setattr(portal_clock, "process_clock", lambda: real() - timedelta(seconds=90))
    assert said("clock")[0] == "warn"
    assert said("clock")[1].startswith("This host is 90.")


def test_a_host_without_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneinfo.available_timezones", lambda: {"UTC"})
    assert said("time zone data") == ("bad", "No time zone data.")


def test_workers_that_fell_silent_since_their_last_sign_of_life(clock: MovableClock, settings: Settings) -> None:
    settings.ENV = dataclasses.replace(django_settings.ENV, redis_url="")
    assert said("workers") == ("ok", "none wanted: the engine does all of it")
    settings.ENV = dataclasses.replace(django_settings.ENV, redis_url="redis://127.0.0.1:1/0")
    clock.set(AT)
    assert said("workers") == ("warn", "No worker has shown life today: the engine does all of it.")
    beat(component="worker", instance="here")
    assert said("workers") == ("ok", "fine")
    clock.advance(minutes=5)
    found = next(finding for finding in findings() if finding.name == "workers")
    assert (found.colour, found.sentence) == ("warn", "No worker shows life: the engine does all of it.")
    assert found.since is not None
    assert abs(found.since - AT) < timedelta(seconds=5)


def test_the_engine_when_nothing_ticks() -> None:
    assert said("engine")[0] == "bad"


@pytest.mark.parametrize(
    ("name", "setting", "wrong"),
    [
        ("watchdog", "watchdog_webhook_url", ""),
        ("mail", "smtp_url", ""),
        ("attachments", "attachments_dir", "/nowhere"),
    ],
)
def test_a_way_that_is_not_set(name: str, setting: str, wrong: str, settings: Settings, tmp_path: Path) -> None:
    right: dict[str, Any] = {setting: str(tmp_path)}
    settings.ENV = dataclasses.replace(django_settings.ENV, **right)
    assert said(name)[0] == "ok"
    settings.ENV = dataclasses.replace(django_settings.ENV, **(right | {setting: wrong}))
    assert said(name)[0] == ("bad" if name == "attachments" else "warn")


def test_nobody_who_administers_and_nobody_to_fall_back_on(admin: Person) -> None:
    FallbackRecipient.objects.all().delete()
    assert (said("admin")[0], said("fallback recipients")[0]) == ("ok", "warn")
    Person.objects.filter(is_admin=True).update(is_admin=False)
    assert said("admin") == ("bad", "There is no admin yet.")


def test_teams_that_nobody_leads(world: World) -> None:
    Membership.objects.update(role="lead")
    assert said("leads") == ("ok", "fine")
    Membership.objects.filter(person__in=[world.alice, world.bob]).update(role="member")
    assert said("leads") == ("bad", "Nobody leads Analytics, Data Platform.")


def test_sources_that_fell_silent_for_twice_their_time(clock: MovableClock) -> None:
    clock.set(AT)
    source = ImportSource(importer="dbt", name="dbt of core", cadence_hours=24, created_at=AT - 5 * DAY)
    source.save()
    run = ImportRun(source=source, importer="dbt", state="applied", created_at=AT - DAY, applied_at=AT - DAY)
    run.save()
    assert said("importers") == ("ok", "fine")
    ImportRun.objects.filter(pk=run.pk).update(applied_at=AT - 3 * DAY)
    found = next(finding for finding in findings() if finding.name == "importers")
    assert (found.colour, found.sentence) == ("warn", "Silent for more than twice their time: dbt of core.")
    assert found.since == AT - DAY


def test_tokens_that_end_within_a_week(alice: Person) -> None:
    at = portal_clock.now()
    token = ApiToken(
        person=alice, name="nightly", prefix="p", secret_hash="h", scopes=[], created_at=at, expires_at=at + 8 * DAY
    )
    token.save()
    assert said("tokens") == ("ok", "fine")
    ApiToken.objects.filter(pk=token.pk).update(expires_at=at + 6 * DAY)
    assert said("tokens") == ("warn", "1 token ends within 7 days: nightly.")


def test_a_calendar_of_public_holidays_without_those_of_next_year_in_december(clock: MovableClock) -> None:
    clock.set(datetime(2027, 11, 30, 12, tzinfo=UTC))
    calendar = create_calendar(actor=None, name="Berlin", at=AT)
    christmas = {"2027-12-25": {"intervals": [], "name": "Christmas", "is_public_holiday": True}}
    publish_calendar_version(
        actor=None,
        calendar=calendar,
        zone="Europe/Berlin",
        weekly={"mon": [["09:00", "17:00"]]},
        exceptions=christmas,
        at=AT,
    )
    assert said("public holidays") == ("ok", "fine")
    clock.advance(days=1)
    assert said("public holidays") == ("bad", "The public holidays of 2028 are not confirmed in Berlin.")


def test_a_finding_says_since_when_it_stands(clock: MovableClock, admin: Person) -> None:
    clock.set(AT)
    assert note_checks(at=AT) > 0
    assert note_checks(at=AT + timedelta(minutes=5)) == 0
    clock.advance(hours=2)
    found = next(finding for finding in findings() if finding.name == "engine")
    assert (found.colour, found.since) == ("bad", AT)
    row = next(row for row in setup(admin, portal_clock.now()).rows if row.name == "engine")
    assert row.since is not None
    assert row.since.iso == "2027-03-01T10:00:00Z"


def test_the_page_keeps_what_it_found_for_a_minute_at_most(clock: MovableClock, admin: Person) -> None:
    clock.set(AT)
    before = setup(admin, portal_clock.now())
    Setting.objects.create(key="backup.last", value={"at": AT.isoformat()})
    assert setup(admin, portal_clock.now()) == before
    clock.advance(seconds=60)
    assert setup(admin, portal_clock.now()) != before
