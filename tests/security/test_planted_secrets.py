"""Secrets that were planted are found in no page, answer, export, log line, error page or row (spec security, S7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection

from portal.accounts.services.contact import add_contact_method
from portal.accounts.services.endpoints import NewEndpoint, create_endpoint
from portal.accounts.services.tokens import NewToken, issue_token
from portal.core import clock, egress
from portal.site.web import status
from tests.contract.cast import Cast, make_cast
from tests.contract.doors import doors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

pytestmark = pytest.mark.django_db
ADDRESS = "planted-hook-path-7h2k"
MAILBOX = "planted-mailbox-9x3m@example.org"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(["nothing:write"], at=clock.now())


@pytest.fixture
def planted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One of each secret that somebody gives us or that we make."""
    monkeypatch.setattr(egress, "system_resolve", lambda *_: ["93.184.215.14"])
    at, person = clock.now(), cast.people["lead"]
    wish = NewEndpoint("planted", "webhook", f"https://hooks.example.com/{ADDRESS}")
    _, webhook_secret = create_endpoint(actor=None, team=cast.team, wish=wish, at=at)
    _, token = issue_token(actor=person, person=person, wish=NewToken("planted", ["me:read"]), at=at)
    add_contact_method(actor=person, channel="email", address=MAILBOX, label="", at=at)
    return {
        "webhook secret": webhook_secret.removeprefix("whsec_"), "token": token, "endpoint address": ADDRESS,
        "contact address": MAILBOX.partition("@")[0], "secret key": settings.SECRET_KEY,
    }  # fmt: skip


def bodies(client: Client, cast: Cast) -> Iterator[tuple[str, str]]:
    for door in doors():
        if door.method == "GET":
            answer = client.get(cast.url(door))
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            yield door.name, content.decode(errors="replace") + str(dict(answer.headers))


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_no_page_answer_or_export_shows_one(
    cast: Cast, planted: dict[str, str], role: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    client = cast.client(role)
    client.raise_request_exception = False
    found = [
        (door, what) for door, text in bodies(client, cast) for what, secret in planted.items() if secret in text
    ]  # fmt: skip
    logged = capsys.readouterr().out + caplog.text
    assert (found, [what for what, secret in planted.items() if secret in logged]) == ([], [])


def test_no_row_holds_one_in_clear(planted: dict[str, str]) -> None:
    """What a stolen dump would hold."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            for what, secret in planted.items():
                cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE strpos(row::text, %s) > 0', [secret])  # noqa: S608
                if cursor.fetchone() != (0,):
                    found.append((table, what))
    assert found == []


def test_an_error_page_says_a_reference_and_nothing_else(
    cast: Cast, planted: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        local = planted["token"]
        message = f"Bearer {local}"
        raise RuntimeError(message)

    monkeypatch.setattr(status, "status", fail)
    client = cast.client("admin")
    client.raise_request_exception = False
    answer = client.get("/status/", headers={"Authorization": f"Basic {planted['token']}"})
    text = answer.content.decode() + capsys.readouterr().out
    assert answer.status_code == 500
    assert [what for what, secret in planted.items() if secret in text] == []
    assert "RuntimeError" not in answer.content.decode()
