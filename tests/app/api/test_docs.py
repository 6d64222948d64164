"""The entrance: index, schema and reference."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from portal.site.error_codes import ALL_CODES
from portal.site.queries.api_schema import reference

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person

pytestmark = pytest.mark.django_db
SOURCES = ("portal", "ownership", "oncall", "requests_queue")
ROOMS = "core|engine|accounts|ownership|oncall|requests|budget|plan|faq|site|imports|sla|inbound"
CODE = re.compile(rf'"((?:{ROOMS})\.[a-z_]+)"')
RAISED = re.compile(
    r"(?:DomainError|BadRequest|NotAllowed|NotVisible|Conflict|Stale|TooLarge|TooMany|refused)\(\s*"
    r'"([a-z_]+\.[a-z_]+)"'
)


@pytest.fixture
def browser(client: Client, bob: Person) -> Client:
    client.force_login(bob)
    return client


def test_the_schema_is_valid_and_warns_of_nothing() -> None:
    with GENERATOR_STATS.silence():
        made = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(made)
    assert not GENERATOR_STATS


def test_the_schema_is_not_sent_twice(browser: Client) -> None:
    first = browser.get("/api/v1/schema")
    again = browser.get("/api/v1/schema/", headers={"If-None-Match": first["ETag"]})
    assert (json.loads(first.content)["openapi"], again.status_code, again.content) == ("3.1.0", 304, b"")


def test_the_index_names_resources_scopes_and_the_caller(browser: Client) -> None:
    index: Any = browser.get("/api/v1").json()
    assert {"resources", "scopes", "you", "links"} == set(index)
    assert (index["you"]["person"], index["you"]["via"]) == ("bob", "session")


def test_a_visitor_learns_nothing(client: Client) -> None:
    assert client.get("/api/v1/").status_code == 401
    assert client.get("/api/v1/schema/").status_code == 401
    assert client.get("/api/docs/")["Location"].startswith("/auth/login/")


def pages() -> list[str]:
    return ["", "errors", "webhooks", *(tag.name for tag in reference())]


def test_every_page_of_the_reference_is_drawn_and_small(browser: Client) -> None:
    sizes = {}
    for page in pages():
        response = browser.get(f"/api/docs/{page}")
        assert response.status_code == 200, page
        sizes[page] = len(gzip.compress(response.content))
    assert {page: size for page, size in sizes.items() if size > 30_000} == {}


def test_every_try_link_answers_or_says_who_may(browser: Client) -> None:
    silent = []
    for page in pages():
        body = browser.get(f"/api/docs/{page}").content.decode()
        for url in re.findall(r'href="(/api/v1/[^"{]*)" aria-label="Try', body):
            answer = browser.get(url)
            said_who_may = (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
            if answer.status_code != 200 and not said_who_may:
                silent.append((url, answer.status_code))
    assert silent == []


def test_an_unknown_resource_has_no_page(browser: Client) -> None:
    assert browser.get("/api/docs/unicorns").status_code == 404


def test_every_code_that_the_source_raises_is_listed_and_no_other() -> None:
    texts = {path: path.read_text() for root in SOURCES for path in Path(root).rglob("*.py")}
    raised = {code for text in texts.values() for code in RAISED.findall(text)}
    said = {code for text in texts.values() for code in CODE.findall(text)}
    assert (sorted(raised - ALL_CODES), sorted(ALL_CODES - said)) == ([], [])
