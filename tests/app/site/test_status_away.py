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


def test_another_page_is_an_error_with_a_reference(browser: Client) -> None:
    browser.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = browser.get("/assets/")
    assert answer.status_code == 500
