"""Scopes, page sizes, tags and problem documents, without a database."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.http import Http404
from rest_framework import exceptions

from portal.core.api.conditions import etag, expected_version
from portal.core.api.pagination import page_size
from portal.core.api.permissions import HasScope, needed_scope
from portal.core.api.problems import exception_handler
from portal.core.api.router import Router
from portal.core.api.viewsets import ReadViewSet
from portal.core.errors import BadRequest, NotAllowed, NotVisible, TooMany

SCOPES = {"read": "requests:read", "write": "requests:write", "approve": "requests:approve", "secret": None}


def asked(method: str = "GET", scopes: list[str] | None = None, **person: bool) -> Any:
    user = SimpleNamespace(is_authenticated=True, is_active=True, **person)
    return SimpleNamespace(method=method, user=user, auth=None if scopes is None else SimpleNamespace(scopes=scopes))


@pytest.mark.parametrize(
    ("action", "method", "scope"),
    [
        ("list", "GET", "requests:read"),
        ("create", "POST", "requests:write"),
        ("approve", "POST", "requests:approve"),
        ("secret", "POST", None),
    ],
)
def test_each_act_has_its_scope(action: str, method: str, scope: str | None) -> None:
    assert needed_scope(SimpleNamespace(scopes=SCOPES, action=action), method) == scope


def test_a_session_has_every_scope_of_its_person() -> None:
    assert HasScope().has_permission(asked("POST"), SimpleNamespace(scopes=SCOPES, action="secret"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("action", "given", "code"),
    [("create", ["requests:read"], "core.missing_scope"), ("secret", ["requests:write"], "core.session_only")],
)
def test_a_token_without_the_scope_is_told_which(action: str, given: list[str], code: str) -> None:
    view: Any = SimpleNamespace(scopes=SCOPES, action=action)
    with pytest.raises(NotAllowed) as refused:
        HasScope().has_permission(asked("POST", given), view)
    assert refused.value.code == code


def test_nobody_and_the_deactivated_may_nothing() -> None:
    view: Any = SimpleNamespace(scopes={"read": ""}, action="list")
    left: Any = SimpleNamespace(method="GET", auth=None, user=SimpleNamespace(is_authenticated=True, is_active=False))
    nobody: Any = SimpleNamespace(
        method="GET", auth=None, user=SimpleNamespace(is_authenticated=False, is_active=False)
    )
    assert not HasScope().has_permission(left, view)
    assert not HasScope().has_permission(nobody, view)


@pytest.mark.parametrize(("given", "rows"), [(None, 50), ("1", 1), ("200", 200)])
def test_a_page_has_fifty_rows_or_what_was_asked(given: str | None, rows: int) -> None:
    assert page_size(given) == rows


@pytest.mark.parametrize("given", ["0", "-1", "201", "1e3", "٣", "10" * 9, ""])
def test_other_page_sizes_are_refused(given: str) -> None:
    with pytest.raises(BadRequest):
        page_size(given)


@pytest.mark.parametrize(("given", "version"), [('"7"', 7), ('W/"7"', 7), (etag(b"x", 7), 7), ("*", None), ("", None)])
def test_if_match_names_a_version(given: str, version: int | None) -> None:
    request: Any = SimpleNamespace(headers={"If-Match": given})
    assert expected_version(request) == version


@pytest.mark.parametrize("given", ["7", '"abc"', '"7", "8"', '"99999999999"'])
def test_a_foreign_if_match_is_refused(given: str) -> None:
    request: Any = SimpleNamespace(headers={"If-Match": given})
    with pytest.raises(BadRequest):
        expected_version(request)


def answer(error: Exception) -> Any:
    response = exception_handler(error, {})
    assert response is not None
    return response


def test_unknown_and_invisible_have_one_document() -> None:
    documents = [answer(error).data for error in (Http404("No Asset matches"), NotVisible(), exceptions.NotFound("x"))]
    assert documents[0] == documents[1] == documents[2]


def test_a_domain_error_keeps_its_code_field_and_extra() -> None:
    response = answer(TooMany("core.too_many", "Too many tries.", retry_after=7))
    assert response.data == {
        "type": "/api/docs/errors#core.too_many",
        "title": "Too Many Requests",
        "status": 429,
        "code": "core.too_many",
        "detail": "Too many tries.",
        "retry_after": 7,
        "reference": "",
    }
    assert response["Retry-After"] == "7"


def test_every_wrong_field_is_listed_with_its_place() -> None:
    error = exceptions.ValidationError({"items": [{}, {"name": ["Too long."]}], "non_field_errors": ["Both."]})
    document = answer(error).data
    assert (document["status"], document["code"], document["field"]) == (422, "core.invalid", "items.1.name")
    assert [(e["field"], e["detail"]) for e in document["errors"]] == [("items.1.name", "Too long."), ("", "Both.")]


def test_a_fault_of_ours_is_no_problem_document() -> None:
    assert exception_handler(RuntimeError("bug"), {}) is None


def test_paths_answer_with_and_without_their_slash() -> None:
    router = Router()
    router.register("things", ReadViewSet, basename="thing")
    found = [
        pattern.resolve(path) for path in ("things", "things/", "things/a", "things/a/") for pattern in router.urls
    ]
    assert [match.url_name for match in found if match] == ["thing-list", "thing-list", "thing-detail", "thing-detail"]
