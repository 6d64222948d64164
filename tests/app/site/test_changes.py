from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import Q

from portal.accounts.models import Person
from portal.core.registries import contribute, register_verb
from portal.core.services.audit import record_audit
from portal.site.queries.changes import visible_changes
from tests.app.site.conftest import JOINED

if TYPE_CHECKING:
    from django.test import Client

    from portal.core.models import AuditEntry
    from tests.conftest import MovableClock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_registries")]
NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)


@pytest.fixture
def mara(db: None) -> Person:
    return Person.objects.create(handle="mara", name="Mara Lind", joined_at=JOINED)


@pytest.fixture(autouse=True)
def _at_nine(clock: MovableClock) -> None:
    clock.set(NOW)


def _change(actor: Person | None, subject: Person, *, days_ago: int = 0, **rest: Any) -> AuditEntry:
    at = NOW - timedelta(days=days_ago)
    return record_audit(actor=actor, verb="accounts.moved", subject=subject, at=at, **rest)


def test_a_person_reads_own_acts_only(aiko: Person, mara: Person) -> None:
    own = _change(aiko, mara)
    _change(mara, mara)
    assert list(visible_changes(aiko)) == [own]


def test_a_room_lets_a_person_read_more(aiko: Person, mara: Person) -> None:
    def about_me(viewer: Person) -> Q:
        return Q(object_type="accounts.person", object_id=str(viewer.pk))

    contribute("changes.visible", about_me)
    about = _change(mara, aiko)
    _change(mara, mara)
    assert list(visible_changes(aiko)) == [about]


def test_an_admin_reads_all_but_compartments(aiko: Person, mara: Person) -> None:
    aiko.is_admin = True
    seen = _change(mara, mara)
    _change(mara, mara, compartment="PRV-ABC123")
    assert list(visible_changes(aiko)) == [seen]


def test_a_change_is_a_sentence_with_its_differences(browser: Client, aiko: Person) -> None:
    register_verb("accounts.moved", "{actor} moved {subject}")
    _change(aiko, aiko, before={"zone": "UTC", "name": "A"}, after={"zone": "Europe/Berlin", "name": "A"})
    page = browser.get("/changes/").content.decode()
    assert "Aiko Tan moved Aiko Tan" in page
    assert "zone: UTC → <b>Europe/Berlin</b>" in page
    assert "name:" not in page


def test_a_week_is_shown_unless_a_longer_period_is_asked_for(browser: Client, aiko: Person) -> None:
    _change(aiko, aiko, days_ago=8)
    assert "No change in 7 days" in browser.get("/changes/").content.decode()
    assert "Aiko Tan changed Aiko Tan" in browser.get("/changes/?days=30").content.decode()


def test_one_object_is_shown_with_its_whole_past(browser: Client, aiko: Person, mara: Person) -> None:
    _change(aiko, aiko, days_ago=300)
    _change(aiko, mara)
    page = browser.get("/changes/", {"object": f"accounts.person:{aiko.pk}"}).content.decode()
    assert ("changed Aiko Tan" in page, "changed Mara Lind" in page) == (True, False)


def test_the_51st_change_is_on_the_next_page(browser: Client, aiko: Person) -> None:
    for _ in range(51):
        _change(aiko, aiko)
    first = browser.get("/changes/")
    following = browser.get("/changes/" + first.context["next_url"])
    assert (len(first.context["changes"]), len(following.context["changes"])) == (50, 1)


@pytest.mark.parametrize(
    "query",
    ["days=abc", "cursor=x", "verb=no.such", "actor=<b>", "team=none", "via=door", "group=1", "object=x", "after=-1"],
)
def test_a_filter_that_is_none_of_the_page_is_refused(browser: Client, query: str) -> None:
    assert browser.get(f"/changes/?{query}").status_code == 400


@pytest.mark.parametrize(
    ("query", "shown"),
    [("actor=mara", 1), ("via=api", 0), ("via=command", 2), ("kind=accounts.person", 2), ("kind=accounts.team", 0)],
)
def test_changes_are_found_by_person_door_and_object(
    browser: Client, aiko: Person, mara: Person, query: str, shown: int
) -> None:
    aiko.is_admin = True
    aiko.save(update_fields=["is_admin"])
    _change(aiko, aiko)
    _change(mara, mara)
    assert len(browser.get(f"/changes/?{query}").context["changes"]) == shown


def test_the_download_has_the_rows_of_the_filter(browser: Client, aiko: Person) -> None:
    _change(aiko, aiko, before={"zone": "UTC"}, after={"zone": "Europe/Berlin"})
    _change(aiko, aiko, days_ago=8)
    head, row, *rest = b"".join(browser.get("/changes.csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined] # a stream
    assert (head.split(",")[:3], rest) == (["number", "at", "change"], [])
    assert row.endswith("accounts.moved,accounts.person," + str(aiko.pk) + ",zone: UTC -> Europe/Berlin,")


def test_an_instant_among_the_differences_is_told_by_the_viewer_s_clock(browser: Client, aiko: Person) -> None:
    Person.objects.filter(pk=aiko.pk).update(zone="Europe/Berlin")
    register_verb("accounts.moved", "{actor} moved {subject}")
    _change(aiko, aiko, before={"due_at": None}, after={"due_at": "2026-11-24T11:39:42.223019+00:00"})
    page = browser.get("/changes/").content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "due: <b>today 12:39</b>" in page


def test_what_changed_is_told_in_words_and_the_choices_are_too(browser: Client, aiko: Person) -> None:
    register_verb("accounts.moved", "{actor} moved {subject}")
    before, after = {"ruling": None, "version": 1}, {"ruling": "ACCEPT", "version": 2, "is_admin": True, "minutes": 30}
    _change(aiko, aiko, before=before, after=after)
    page = browser.get("/changes/").content.decode()
    assert "budget: <b>it fits</b>" in page
    assert "admin: <b>yes</b>" in page
    assert "time: <b>30\N{NO-BREAK SPACE}min</b>" in page
    assert '<optgroup label="People">' in page
    assert '<option value="accounts.moved">Moved …</option>' in page
    assert [word for word in ("ACCEPT", "version:", "accounts: ", "is admin") if word in page] == []
