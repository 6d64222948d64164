"""The OpenAPI document says what the bases do."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

OBJECT = "/api/v1/things/{key}/"


@pytest.fixture(scope="module")
def schema() -> Any:
    with GENERATOR_STATS.silence():
        made = SchemaGenerator(urlconf="tests.app.api.shelf").get_schema(request=None, public=True)
    assert not GENERATOR_STATS
    return made


def names(operation: Any, place: str) -> set[str]:
    return {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == place}


def test_it_is_openapi_3_1(schema: Any) -> None:
    validate_schema(schema)
    assert schema["openapi"] == "3.1.0"


def test_paths_stand_in_their_slash_form(schema: Any) -> None:
    assert list(schema["paths"]) == ["/api/v1/things/", OBJECT, f"{OBJECT}seal/"]


def test_a_list_has_its_filters_and_pages(schema: Any) -> None:
    assert names(schema["paths"]["/api/v1/things/"]["get"], "query") == {"cursor", "page_size", "version"}


def test_writes_have_their_conditions_and_keys(schema: Any) -> None:
    assert names(schema["paths"]["/api/v1/things/"]["post"], "header") == {"Idempotency-Key"}
    assert names(schema["paths"][OBJECT]["patch"], "header") == {"If-Match"}


def test_each_operation_names_its_scope(schema: Any) -> None:
    scopes = [operation["x-scope"] for path in schema["paths"].values() for operation in path.values()]
    assert scopes == ["things:read", "things:write", "things:read", "things:write", "things:seal"]


def test_every_refusal_is_a_problem_document(schema: Any) -> None:
    answers = schema["paths"][f"{OBJECT}seal/"]["post"]["responses"]
    refused = {status for status, answer in answers.items() if "application/problem+json" in answer.get("content", {})}
    assert refused == {"400", "401", "403", "404", "409", "412", "413", "415", "422", "429"}


def test_the_body_is_what_the_action_reads(schema: Any) -> None:
    body = schema["paths"]["/api/v1/things/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/ThingInput"}
