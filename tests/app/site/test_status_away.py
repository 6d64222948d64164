"""Without its database the page of the state still says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from django.db import OperationalError, connection

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def away(*_: Any) -> NoReturn:
    raise OperationalError("the connection is lost")


def test_status_says_that_the_database_is_away(browser: Client) -> None:
    browser.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = browser.get("/status/")
    assert answer.status_code == 503
    assert "The database is away" in answer.content.decode()


@pytest.mark.parametrize(("address", "words"), [("/assets/", "your browser still has"), ("/api/v1/assets/", '"code"')])
def test_any_other_page_or_call_says_so_too_and_when_to_come_back(browser: Client, address: str, words: str) -> None:
    browser.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = browser.get(address, headers={"X-Request-ID": "ask-8-times"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert words in answer.content.decode()
    assert "ask-8-times" in answer.content.decode()
