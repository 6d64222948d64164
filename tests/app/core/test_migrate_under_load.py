"""Migrating beside a running installation: short waits, many tries, nothing queued behind it."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from portal.core.management.commands import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Somebody else holds the table that every migration needs."""
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(migrate, "TRIES", 3)
    own = connection.settings_dict
    other = psycopg2.connect(
        host=own["HOST"], port=own["PORT"], user=own["USER"], password=own["PASSWORD"], dbname=own["NAME"]
    )
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
    yield other
    other.close()


def limits() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        found: tuple[str, str] = cursor.fetchone()
    return found


def test_it_tries_again_until_the_lock_is_free(busy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = limits()
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            busy.rollback()

    monkeypatch.setattr(migrate, "sleep", sleep)
    errors = StringIO()
    call_command("migrate", verbosity=0, stderr=errors)
    assert len(waits) == 2
    assert "2 tries left" in errors.getvalue()
    assert limits() == before


def test_it_gives_up_after_its_last_try(busy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(migrate, "sleep", waits.append)
    with pytest.raises(OperationalError, match="lock timeout"):
        call_command("migrate", verbosity=0, stderr=StringIO())
    assert len(waits) == 2
