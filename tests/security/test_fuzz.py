"""The schema taken at its word: generated calls are answered as documented, and never by a fault (figure S1)."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode

from portal.core import clock
from portal.core.models import RateBucket
from portal.site.error_codes import ALL_CODES
from portal.site.queries.api_schema import document, scopes
from tests.contract.cast import make_cast
from tests.rolled_back import rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django.plugin import DjangoDbBlocker

# A whole run of the suite takes its share; `make test-full` asks for 20,000 of each role.
CASES = int(os.environ.get("SCHEMA_CASES", "1000"))
ROLES = os.environ.get("SCHEMA_ROLES", "token").split()
BODIES = ("put", "post", "patch")


def operations() -> list[Any]:
    schema: Any = schemathesis.openapi.from_dict(document())
    return [found.ok() for found in schema.get_all_operations()]


OPERATIONS = operations()
EACH = max(3, CASES // (len(OPERATIONS) or 1) // 2)


@pytest.fixture(scope="module", params=ROLES)
def client(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Client]:
    with rolled_back(django_db_blocker):
        client = make_cast(sorted(scopes()), at=clock.now()).client(request.param)
        client.raise_request_exception = False
        yield client


@pytest.fixture(autouse=True)
def _savepoint(client: Client, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        yield


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_a_generated_call_is_answered_as_documented(client: Client, operation: Any, mode: GenerationMode) -> None:
    @seed(20261123)
    @settings(max_examples=EACH, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        RateBucket.objects.all().delete()
        faults = _faults(_answer(client, case), operation)
        assert faults == [], case.as_curl_command()

    call()


def _answer(client: Client, case: Any) -> Any:
    request = case.as_transport_kwargs(base_url="http://testserver")
    headers = {name: value for name, value in request["headers"].items() if name.lower() != "content-length"}
    body = json.dumps(request["json"]).encode() if "json" in request else request.get("data") or b""
    return client.generic(
        request["method"],
        case.formatted_path,
        body if isinstance(body, bytes) else str(body).encode("utf-8", "replace"),
        content_type=headers.pop("Content-Type", "application/json"),
        headers=headers,
        query_params=request.get("params") or {},
    )


def _faults(response: Any, operation: Any) -> list[str]:
    documented = operation.definition.raw["responses"]
    status = str(response.status_code)
    if status.startswith("5") or (status not in documented and status not in {"404", "405", "406"}):
        return [f"{status} is not documented: {response.content[:300]!r}"]
    if response.status_code >= 400:
        problem = json.loads(response.content)
        return [] if problem["code"] in ALL_CODES else [f"{problem['code']} is not listed"]
    content = documented[status].get("content", {}).get("application/json")
    if content is None or not response.content:
        return []
    schema = content["schema"] | {"components": document()["components"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(json.loads(response.content))]
