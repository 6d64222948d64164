"""Every address x method x role has its expected answer in `matrix.toml`; an address without a row fails."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from difflib import ndiff
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client, override_settings

from portal.accounts.domain.scopes import PRIVATE_SCOPE
from portal.core.api.permissions import needed_scope
from portal.core.models import RateBucket
from portal.site.queries.api_schema import scopes
from tests.conftest import MovableClock
from tests.contract.cast import MATRIX, ROLES, TOKENS, Cast, make_cast, token_client
from tests.contract.confidence import lay_secret, name_secret
from tests.contract.content import fill
from tests.contract.doors import Door, body_of, doors
from tests.contract.furniture import furnish
from tests.contract.stations import furnish_running
from tests.rolled_back import rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

SIGNED_IN = ("analyst", "member", "other_member", "lead", "other_lead", "admin")
OUTSIDERS = ("analyst", "other_member", "other_lead", "admin", "auditor")
SIGN_IN = "/auth/login/"
REFUSED = frozenset({400, 409, 412, 415, 422})
DONE = frozenset({"yes", "refused"})
# An outcome needs a shipped model: its room tests it.
NOT_MADE = frozenset({"@outcome"})
# No role has these: the right is a token, a code or a factor that somebody holds, with which their rooms test them; a
# company's sign-in that is off; and a page that says in words what of a group could not be taken back.
HELD = frozenset({
    "account_confirm_email", "acknowledge", "arrive", "company_connect", "company_sign_in", "changes_undo_group",
    "engine_canary", "heartbeat", "inbound", "inbound-pagerduty", "mfa_deactivate_totp", "mfa_edit_webauthn",
    "mfa_remove_webauthn", "night_link", "upstream_guest",
})  # fmt: skip
# What is said of a thing holds for the private one in its place, which is unknown as this one is.
SECRETS = {
    "@clock": "@secret_clock", "@late_clock": "@secret_clock", "@message": "@secret_message", "@file": "@secret_file",
    "@answer": "@secret_answer", "@incident": "@secret_incident", "@doubled": "@secret_incident",
    **dict.fromkeys(
        ("@request", "@spoken", "@asked", "@exempt", "@put_off", "@deferred", "@resolved", "@declined", "@closed",
         "@urgent", "@twin", "@merged", "@working", "@waiting", "@accepted", "@late", "@pulled", "@broken"), "@secret"
    ),
}  # fmt: skip
NEVER_GIVEN = {
    "@secret": "PRV-ZZZZZZ", "@secret_clock": "999999999", "@secret_message": "999999999",
    "@secret_file": "00000000-0000-4000-8000-000000000000", "@secret_answer": "nothing-here",
    "@secret_incident": "INC-999999",
}  # fmt: skip
# What an answer makes anew each time, and what it says again of the address.
MARKS = re.compile(r'id="q"[^>]*|((?:csrfmiddlewaretoken|form_key)" value=|X-CSRFToken": |"reference": ?)"[^"]*"')
# For a door whose objects and body are still to be written down; none of them is left standing.
FOR_NEW_DOORS = frozenset({
    "page", "api", "missing_page", "missing_api", "post_only", "admins_page", "admins_api", "leads_page", "leads_api",
    "session_api", "missing_session_api",
})  # fmt: skip
A_WORKING_DAY = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """One object of each sort, made once; each request is undone."""
    del django_db_setup
    with rolled_back(django_db_blocker), pytest.MonkeyPatch.context() as monkeypatch:
        movable = MovableClock(monkeypatch)
        movable.set(at := A_WORKING_DAY)
        cast = make_cast(sorted(scopes()), at=at)
        furnish_running(cast)
        fill(cast, [1], at=at)
        furnish(cast, at=at)
        name_secret(cast, lay_secret(cast, at=at))
        yield cast
        movable.restore()


@pytest.fixture
def cast(furnished: Cast, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    with rolled_back(django_db_blocker):
        yield furnished


@pytest.fixture
def pages(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lead's pages are drawn whole; of the others the status is asked, which is settled before a page is drawn."""
    if role != "lead":
        monkeypatch.setattr(Template, "render", lambda *_: "")


def kind(response: Any) -> str:
    """The answer as a word of the matrix: yes (2xx, 3xx inside), refused, or the status of a refusal."""
    status = response.status_code
    if status in {301, 302, 303} and response["Location"].startswith(SIGN_IN):
        return "sign-in"
    if status < 400:
        return "yes"
    return "refused" if status in REFUSED else str(status)


def rows() -> list[tuple[Door, str]]:
    return [(door, MATRIX["urls"].get(door.name, {}).get(door.method, "")) for door in doors()]


def expected(row: str, role: str) -> str:
    answers = MATRIX["classes"][row]
    answer: str = answers.get(role, answers["others"])
    return answer


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    missing = sorted(f"{door.name} {door.method}" for door, row in rows() if not row)
    known = {(door.name, door.method) for door in doors()}
    left_over = [f"{name} {method}" for name, methods in MATRIX["urls"].items() for method in methods
                 if (name, method) not in known]  # fmt: skip
    assert (missing, left_over) == ([], [])


def test_every_class_of_answers_is_used() -> None:
    assert {row for _, row in rows() if row} | FOR_NEW_DOORS == set(MATRIX["classes"])


def test_no_row_leaves_a_right_open() -> None:
    """Each says one answer a role, and one that writes tells who has the right from who has not."""
    open_rows = [door.name for door, row in rows() if row and "done" in MATRIX["classes"][row].values()]
    untold = {door.name for door, row in rows() if row and door.method != "GET" and _tells_nothing(row)}
    assert (open_rows, sorted(untold)) == ([], sorted(HELD))


def _tells_nothing(row: str) -> bool:
    """Whether everybody signed in is refused alike, so that nobody is known to have the right."""
    answers = {expected(row, role) for role in SIGNED_IN}
    return len(answers) == 1 and answers <= {"refused", "401", "403", "404", "sign-in"}


def test_every_object_in_a_path_is_real(cast: Cast) -> None:
    named = {value for names in MATRIX["names"].values() for value in names.values() if value[0] == "@"}
    assert named - cast.objects.keys() == NOT_MADE


@override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=1000)
@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_the_answers_of_the_matrix(cast: Cast, role: str) -> None:
    wrong = []
    client = cast.client(role)
    for door, row in rows():
        if not row or (role in TOKENS and not door.is_api):
            continue
        url = cast.url(door)
        with transaction.atomic():
            response = client.generic(door.method, url, *cast.body(door))
            body_of(response)  # a stream not read to its end leaves its file open
            transaction.set_rollback(True)
        if door.method != "GET" and door.route.startswith("auth/"):
            client = cast.client(role)  # that act may have signed out
        answer, wanted = kind(response), expected(row, role)
        if answer != wanted and not (wanted == "done" and answer in DONE):
            wrong.append(f"{door.method} {url}: {response.status_code}, {row} says {wanted}")
    assert wrong == []


def in_confidence() -> list[tuple[Door, dict[str, str]]]:
    """Each door to a thing that may be private, with the private one in its path."""
    found = []
    for door in doors():
        names = MATRIX["names"].get(door.name, {})
        secret = {name: SECRETS.get(value, value) for name, value in names.items()}
        if set(secret.values()) & set(NEVER_GIVEN):
            found.append((door, secret))
    return found


@pytest.mark.parametrize("role", [*OUTSIDERS, "token"])
def test_what_is_private_is_unknown_to_outsiders_at_every_door(cast: Cast, role: str) -> None:
    """The same refusal as for a number that was never given, also to a token without the scope for compartments."""
    told = {}
    client = cast.client(role) if role != "token" else token_client(cast, sorted({*scopes()} - {PRIVATE_SCOPE}))
    for door, names in in_confidence():
        if role == "token" and not door.is_api:
            continue
        secret, never = (_refusal(client, door, {name: read(value) for name, value in names.items()}, cast)
                         for read in (cast.named, _never_given))  # fmt: skip
        before, after = (MARKS.sub("~", body).splitlines() for _, body in (never, secret))
        if (never[0], before) != (secret[0], after) or secret[0] not in {403, 404, 405}:
            parted = [line for line in ndiff(before, after) if line[:1] in "+-"]
            told[f"{door.method} {door.name}"] = (secret[0], never[0], parted[:8])
    assert told == {}


def _never_given(value: str) -> str:
    return NEVER_GIVEN.get(value, value)


def _refusal(client: Any, door: Door, names: dict[str, str], cast: Cast) -> tuple[int, str]:
    with transaction.atomic():
        response = client.generic(door.method, door.url(names), *cast.body(door))
        body = body_of(response).decode()
        transaction.set_rollback(True)
    return response.status_code, body


@pytest.mark.parametrize("held", ["read", "write"])
def test_a_token_is_told_which_scope_it_lacks(cast: Cast, held: str) -> None:
    """One with every scope to read writes nothing, and one with every scope to write reads nothing."""
    mine = sorted(scope for scope in scopes() if scope.endswith(f":{held}"))
    client = token_client(cast, mine)
    wrong = {}
    for door in doors():
        scope = needed_scope(*act_of(door)) if door.is_api else None
        if not scope or scope in mine or (door.method == "GET") == (held == "read"):
            continue
        status, body = _refusal(client, door, cast.names(door), cast)
        problem = json.loads(body)
        if (status, problem["code"], problem["scope"]) != (403, "core.missing_scope", scope):
            wrong[f"{door.method} {door.name}"] = (status, problem)
    assert wrong == {}


def act_of(door: Door) -> tuple[Any, str]:
    """The view as far as its scopes go, with the action behind the method."""
    view = getattr(door.view, "cls", None) or getattr(door.view, "view_class", None)
    action = getattr(door.view, "actions", {}).get(door.method.lower())
    return SimpleNamespace(scopes=getattr(view, "scopes", {}), action=action), door.method


def test_who_lacks_a_right_is_told_so_before_a_password_is_asked(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.people["analyst"])
    asked = {}
    for door, row in rows():
        some_may = "yes" in MATRIX["classes"][row].values()
        if door.method == "GET" or door.is_api or not some_may or expected(row, "analyst") not in {"403", "404"}:
            continue
        status, _ = _refusal(client, door, cast.names(door), cast)
        if status != int(expected(row, "analyst")):
            asked[f"{door.method} {door.name}"] = status
    assert asked == {}


def test_a_method_without_a_row_is_405(cast: Cast) -> None:
    known = {(door.name, door.method) for door in doors()}
    client = cast.client("analyst")
    RateBucket.objects.all().delete()
    answers = {
        f"{method} {door.name}": client.generic(method, cast.url(door)).status_code
        for door in doors()
        for method in ("DELETE", "PATCH")
        if (door.name, method) not in known and not door.route.startswith("auth/")
    }
    assert {name: status for name, status in answers.items() if status not in {403, 404, 405, 429}} == {}
