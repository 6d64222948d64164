from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from portal.engine.models import Notice
from portal.engine.registries import register_notice_kind
from tests.world import make_person

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_registries")]
NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_nine(clock: MovableClock) -> None:
    clock.set(NOW)


def _notice(to: Person, key: str = "one", **rest: Any) -> Notice:
    facts: dict[str, Any] = {
        "kind": "test.told", "subject_type": "test.thing", "subject_id": 7, "severity": "info", "created_at": NOW,
        "context": {"name": "REQ-418", "url": "/requests/REQ-418"},
    }  # fmt: skip
    return Notice.objects.create(recipient=to, dedup_key=key, **(facts | rest))


def test_unread_notices_are_listed_with_their_words_and_link(browser: Client, aiko: Person) -> None:
    register_notice_kind("test.told", "info", ["name"], acknowledgeable=False, title="{name} is answered", text="")
    _notice(aiko)
    page = browser.get("/inbox/").content.decode()
    assert '<a class="title strong" href="/requests/REQ-418">REQ-418 is answered</a>' in page


def test_an_inbox_of_more_than_a_page_goes_on_at_its_end(browser: Client, aiko: Person) -> None:
    for number in range(30):
        _notice(aiko, f"n{number}")
    first = browser.get("/inbox/").content.decode()
    following = re.findall(r'href="\?([^"]*cursor=[^"]*)"', first)[0].replace("&amp;", "&")
    second = browser.get(f"/inbox/?{following}").content.decode()
    assert (first.count('name="notice"'), second.count('name="notice"')) == (25, 5)


def test_nobody_reads_the_inbox_of_another(browser: Client, db: None) -> None:
    _notice(make_person("mara"))
    assert "Nothing yet" in browser.get("/inbox/?tab=all").content.decode()


def test_marking_the_page_as_read_empties_the_unread_tab(browser: Client, aiko: Person) -> None:
    notice = _notice(aiko)
    answer = browser.post("/inbox/read", {"notice": [str(notice.pk)]})
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert (answer.status_code, notice.read_at.replace(microsecond=0)) == (303, NOW)
    assert "All read" in browser.get("/inbox/").content.decode()


def test_another_persons_notice_cannot_be_marked(browser: Client, db: None) -> None:
    notice = _notice(make_person("mara"))
    assert browser.post("/inbox/read", {"notice": [str(notice.pk)]}).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_list_with_a_bad_id_is_refused(browser: Client) -> None:
    assert browser.post("/inbox/read", {"notice": ["seven"]}).status_code == 400


def test_an_acknowledged_notice_says_who_had_it(browser: Client, aiko: Person) -> None:
    notice = _notice(aiko, is_acknowledgeable=True)
    answer = browser.post(f"/inbox/{notice.pk}/acknowledge", follow=True)
    assert "Acknowledged. Nobody else is called." in answer.content.decode()
    page = browser.get("/inbox/?tab=all").content.decode()
    assert "acknowledged today 10:15 by Aiko Tan" in page


def test_a_second_tap_says_what_happened_first(browser: Client, aiko: Person, clock: MovableClock) -> None:
    notice = _notice(aiko, is_acknowledgeable=True)
    browser.post(f"/inbox/{notice.pk}/acknowledge")
    clock.advance(minutes=5)
    answer = browser.post(f"/inbox/{notice.pk}/acknowledge", follow=True)
    assert "It was acknowledged already, today 10:15." in answer.content.decode()


def test_looking_acknowledges_nothing(browser: Client, aiko: Person) -> None:
    notice = _notice(aiko, is_acknowledgeable=True)
    assert browser.get(f"/inbox/{notice.pk}/acknowledge").status_code == 405
    notice.refresh_from_db()
    assert notice.state == "open"
