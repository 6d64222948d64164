from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from portal.core import context
from portal.core.errors import NotVisible, TooLarge, TooMany
from portal.core.middleware import DomainErrorMiddleware
from portal.core.web import errors

if TYPE_CHECKING:
    from django.http import HttpRequest

pytestmark = pytest.mark.django_db


def test_a_missing_page_searches_for_the_words_of_its_address(browser: Client) -> None:
    answer = browser.get("/nowhere/fct-orders")
    assert answer.status_code == 404
    assert 'value="fct orders"' in answer.content.decode()


def test_missing_and_not_visible_are_the_same_bytes() -> None:
    request = RequestFactory().get("/requests/REQ-7")
    middleware = DomainErrorMiddleware(lambda request: errors.not_found(request, Http404()))
    hidden = middleware.process_exception(request, NotVisible())
    assert hidden is not None
    assert hidden.content == errors.not_found(request, Http404()).content


@pytest.mark.parametrize("view", [errors.not_found, errors.bad_request, errors.forbidden])
def test_an_error_page_reads_no_database(view: Any) -> None:
    with CaptureQueriesContext(connection) as queries:
        view(RequestFactory().get("/x"), Exception())
    assert len(queries) == 0


def test_a_fault_of_ours_names_the_reference_and_reads_no_database() -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = errors.server_error(RequestFactory().get("/x"))
    assert (answer.status_code, len(queries)) == (500, 0)
    assert "sending it again is safe" in answer.content.decode()


def test_a_program_gets_a_problem_document() -> None:
    answer = errors.not_found(RequestFactory().get("/api/v1/nothing"), Http404())
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert b'"code": "core.not_found"' in answer.content


def test_a_form_without_its_mark_is_explained(aiko: object) -> None:
    del aiko
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/search")
    assert answer.status_code == 403
    assert "This page was open too long" in answer.content.decode()


def test_the_mark_may_come_in_the_header_that_htmx_sends(browser: Client) -> None:
    page = browser.get("/").content.decode()
    token = page.split('"X-CSRFToken": "')[1].split('"')[0]
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    answer = strict.post("/search", headers={"X-CSRFToken": token})
    assert answer.status_code == 405
    assert browser.cookies["csrftoken"]["httponly"] is True


def test_every_error_page_has_a_heading_and_a_way_on() -> None:
    def request() -> HttpRequest:
        return RequestFactory().get("/x")

    with_exception = [errors.bad_request, errors.forbidden, errors.not_found]
    pages = [view(request(), Exception()) for view in with_exception]
    without = [errors.server_error, errors.csrf_failure, errors.too_many, errors.database_away]
    pages += [view(request()) for view in without]
    for page in pages:
        text = page.content.decode()
        assert text.count("<h1") == 1
        assert 'class="btn' in text


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (TooLarge("core.limit_bytes", "The file is larger than 64 MiB."), "The file is larger than 64 MiB. Nothing"),
        (TooMany("core.too_many", "Too many tries. Try again in 12 s.", retry_after=12), "Try again in 12 s. Nothing"),
    ],
)
def test_too_much_and_too_often_have_pages_of_their_own(refusal: TooLarge | TooMany, words: str) -> None:
    request = RequestFactory().post("/imports/")
    with context.use(context.Context("web", "ask-8-times")):
        answer = DomainErrorMiddleware(lambda _: HttpResponse()).process_exception(request, refusal)
    assert answer is not None
    assert (answer.status_code, answer.headers.get("Retry-After")) == (
        refusal.status,
        "12" if refusal.status == 429 else None,
    )
    assert words in answer.content.decode()
    assert "ask-8-times" in answer.content.decode()


def test_a_form_larger_than_a_form_may_be_is_413(browser: Client) -> None:
    answer = browser.post("/me/away/", {"note": "x" * 2_700_000})
    assert answer.status_code == 413
    assert "This is more than fits" in answer.content.decode()
