"""Secrets at rest move under the newest key, beside a running house (spec security 11, operations 11)."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from portal.accounts.models import ContactMethod
from portal.accounts.services.contact import add_contact_method
from portal.accounts.services.tokens import NewToken, issue_token
from portal.core import clock, secrets
from portal.core.errors import DomainError
from portal.core.models import AuditEntry
from portal.core.services.rotating import encrypted_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.world import World

pytestmark = pytest.mark.django_db
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def use(*given: str) -> None:
        monkeypatch.setattr(settings, "ENV", replace(settings.ENV, data_keys=list(given)))
        secrets.cipher.cache_clear()

    yield use
    monkeypatch.undo()
    secrets.cipher.cache_clear()


def tokens_at_rest() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM accounts_contactmethod ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def rotated() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def test_after_the_rotation_the_old_key_opens_nothing_and_everything_is_read(
    world: World, keys: Callable[..., None]
) -> None:
    keys(OLD)
    at = clock.now()
    add_contact_method(actor=world.bob, channel="file", address="bob's pager", at=at)
    seed = secrets.encrypted("a seed")
    Authenticator.objects.create(user=world.bob, type="totp", data={"secret": seed})
    keys(NEW, OLD)
    out = rotated()
    assert "accounts_contactmethod.address: 1 written anew" in out
    assert "mfa_authenticator.data: 1 written anew" in out
    keys(NEW)
    assert [row.address for row in ContactMethod.objects.all()] == ["bob's pager"]
    with pytest.raises(InvalidToken):
        Fernet(OLD).decrypt(tokens_at_rest()[0].encode())
    kept = Authenticator.objects.get().data["secret"]
    assert secrets.cipher().decrypt(kept.encode()) == b"a seed"
    with pytest.raises(DomainError):  # the same address is known again
        add_contact_method(actor=world.bob, channel="file", address="bob's pager", at=at)
    assert AuditEntry.objects.get(verb="core.keys_rotated").after == {"changed": 2, "lost": 0}


def test_a_second_rotation_writes_nothing(world: World, keys: Callable[..., None]) -> None:
    keys(OLD)
    add_contact_method(actor=world.bob, channel="file", address="bob's pager", at=clock.now())
    before = tokens_at_rest()
    assert "accounts_contactmethod.address: 0 written anew" in rotated()
    assert tokens_at_rest() == before


def test_what_no_key_opens_is_named_and_left(world: World, keys: Callable[..., None]) -> None:
    keys(OLD)
    add_contact_method(actor=world.bob, channel="file", address="bob's pager", at=clock.now())
    before = tokens_at_rest()
    keys(NEW)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("rotate_keys", stdout=out)
    assert ended.value.code == 1
    assert "accounts_contactmethod.address: 0 written anew, 1 that no key opens" in out.getvalue()
    assert tokens_at_rest() == before


def test_every_encrypted_column_is_rotated() -> None:
    found = {f"{model._meta.db_table}.{field.column}" for model, field in encrypted_columns()}
    assert found >= {
        "accounts_contactmethod.address", "accounts_endpoint.secrets", "accounts_absencefeed.url",
        "accounts_absence.note", "oncall_integration.secret", "engine_delivery.address",
    }  # fmt: skip


@pytest.mark.parametrize(("given", "ended", "live"), [({"person": "bob"}, 1, ["alices"]), ({"all": True}, 2, [])])
def test_tokens_that_may_have_leaked_end_by_person_or_all(
    world: World, given: dict[str, Any], ended: int, live: list[str]
) -> None:
    at, out = clock.now(), StringIO()
    for person, name in ((world.alice, "alices"), (world.bob, "bobs")):
        issue_token(actor=person, person=person, wish=NewToken(name, ["me:read"]), at=at)
    call_command("revoke_tokens", reason="found in a log", stdout=out, **given)
    assert f"{ended} tokens revoked." in out.getvalue()
    rows = world.alice.api_tokens.model.objects.filter(revoked_at=None)
    assert [row.name for row in rows] == live
    assert AuditEntry.objects.filter(verb="accounts.token_revoked", reason="found in a log").count() == ended
