"""One act for one key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import RequestFactory

from portal.core.errors import Conflict, DomainError
from portal.core.models import IdempotencyKey
from portal.core.services.idempotency import Outcome, forget_old_keys, run_once
from portal.core.web.form_keys import once

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
KEY = "0b0f4d1c-1111-4a0e-9a7e-9d6f0f2b7a55"


class Act:
    def __init__(self) -> None:
        self.times = 0

    def outcome(self) -> Outcome:
        self.times += 1
        return Outcome(201, {"n": self.times}, "/x/")

    def url(self) -> str:
        self.times += 1
        return f"/done/{self.times}"


def test_the_first_answer_comes_back(bob: Person, clock: MovableClock) -> None:
    act = Act()
    answers = [run_once(person=bob, key="k", fingerprint="f", run=act.outcome, at=clock.now()) for _ in range(3)]
    assert [(a.status, a.body, a.location, a.replayed) for a in answers] == [
        (201, {"n": 1}, "/x/", False),
        (201, {"n": 1}, "/x/", True),
        (201, {"n": 1}, "/x/", True),
    ]


def test_two_people_may_use_one_key(bob: Person, alice: Person, clock: MovableClock) -> None:
    act = Act()
    for person in (bob, alice):
        run_once(person=person, key="k", fingerprint="f", run=act.outcome, at=clock.now())
    assert act.times == 2


def test_a_refusal_is_not_remembered(bob: Person, clock: MovableClock) -> None:
    def refuse() -> Outcome:
        raise DomainError("core.no", "No.")

    with pytest.raises(DomainError):
        run_once(person=bob, key="k", fingerprint="f", run=refuse, at=clock.now())
    assert not IdempotencyKey.objects.exists()


def test_after_a_day_a_key_is_new(bob: Person, clock: MovableClock) -> None:
    act = Act()
    run_once(person=bob, key="k", fingerprint="f", run=act.outcome, at=clock.now())
    clock.advance(hours=24, seconds=1)
    assert not run_once(person=bob, key="k", fingerprint="g", run=act.outcome, at=clock.now()).replayed
    clock.advance(hours=24, seconds=1)
    assert (forget_old_keys(at=clock.now()), forget_old_keys(at=clock.now())) == (1, 0)


def form(person: Any, key: str, text: str) -> Any:
    request = RequestFactory().post("/requests/new", {"form_key": key, "title": text, "csrfmiddlewaretoken": text})
    request.user = person
    return request


def test_a_double_click_goes_where_the_first_click_went(bob: Person, clock: MovableClock) -> None:
    act = Act()
    urls = [once(form(bob, KEY, "Refunds"), act.url, at=clock.now()) for _ in range(2)]
    assert (urls, act.times) == (["/done/1", "/done/1"], 1)


def test_a_form_sent_again_with_another_text_is_refused(bob: Person, clock: MovableClock) -> None:
    act = Act()
    once(form(bob, KEY, "Refunds"), act.url, at=clock.now())
    with pytest.raises(Conflict) as refused:
        once(form(bob, KEY, "Returns"), act.url, at=clock.now())
    assert (refused.value.code, act.times) == ("core.key_reused", 1)


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "<script>alert(1)</script>"])
def test_a_form_without_a_proper_key_is_simply_done(bob: Person, clock: MovableClock, key: str) -> None:
    act = Act()
    assert [once(form(bob, key, "Refunds"), act.url, at=clock.now()) for _ in range(2)] == ["/done/1", "/done/2"]
