"""Secrets at rest under the newest data key (spec security 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.db import connection, transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from portal.core.models import Setting
from portal.core.secrets import EncryptedText, cipher, fingerprints, newest_cipher
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import Model

AT_ONCE = 500
KEY = "keys.rotated"


@dataclass(frozen=True)
class Rotated:
    """A column: values written anew, and values that no known key opens."""

    column: str
    changed: int
    lost: int


def rotate_keys(*, at: datetime) -> list[Rotated]:
    """Write every secret at rest that an older data key encrypted anew under the newest one.

    Five hundred rows a transaction; safe to stop and to repeat, beside a running house: a value that changes meanwhile
    is left to whoever changed it. What no key opens is counted and stays. Leaves one audit row.
    """
    found = [_column(model, field) for model, field in encrypted_columns()]
    found.append(_authenticators())
    value = {"at": at.isoformat(), "key": fingerprints()[0]}
    row, _ = Setting.objects.update_or_create(key=KEY, defaults={"value": value})
    changed = {"changed": sum(one.changed for one in found), "lost": sum(one.lost for one in found)}
    record_audit(actor=None, verb="core.keys_rotated", subject=row, after=changed, at=at)
    return found


def encrypted_columns() -> Iterator[tuple[type[Model], EncryptedText]]:
    """Every column of every table that is encrypted at rest, in a fixed order."""
    for model in sorted(apps.get_models(), key=lambda one: one._meta.label):  # noqa: SLF001 (Django's public name)
        for field in model._meta.concrete_fields:  # noqa: SLF001 (as above)
            if isinstance(field, EncryptedText):
                yield model, field


def _column(model: type[Model], field: EncryptedText) -> Rotated:
    table, column = model._meta.db_table, str(field.column)  # noqa: SLF001 (as above)
    changed, lost, last = 0, 0, 0
    while rows := _next(model, field, last):
        last = rows[-1][0]
        fresh, unreadable = _written_anew(rows)
        changed += _write(table, column, fresh)
        lost += unreadable
    return Rotated(f"{table}.{column}", changed, lost)


def _next(model: type[Model], field: EncryptedText, last: int) -> list[tuple[int, str]]:
    rows = model._default_manager.filter(pk__gt=last).exclude(**{f"{field.name}__isnull": True})  # noqa: SLF001 (as above)
    raw = rows.annotate(token=Cast(field.name, TextField())).order_by("pk")
    return list(raw.values_list("pk", "token")[:AT_ONCE])


def _written_anew(rows: list[tuple[int, str]]) -> tuple[list[tuple[str, int, str]], int]:
    """(new value, row, old value) of what an older key encrypted, and how many no key opens."""
    known, newest = cipher(), newest_cipher()
    fresh, lost = [], 0
    for pk, token in rows:
        new = _anew(token, known, newest)
        lost += new is None
        if new:
            fresh.append((new, pk, token))
    return fresh, lost


def _anew(token: str, known: MultiFernet, newest: Fernet) -> str | None:
    """The value under the newest key; empty if it is so already, None if no key opens it."""
    try:
        newest.decrypt(token.encode())
    except InvalidToken:
        try:
            return known.rotate(token.encode()).decode()
        except InvalidToken:
            return None
    return ""


def _write(table: str, column: str, fresh: list[tuple[str, int, str]]) -> int:
    quote = connection.ops.quote_name
    name = quote(column)
    statement = f"UPDATE {quote(table)} SET {name} = %s WHERE id = %s AND {name} = %s"  # noqa: S608 (names of our models)
    changed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for values in fresh:
            cursor.execute(statement, values)
            changed += cursor.rowcount
    return changed


@transaction.atomic
def _authenticators() -> Rotated:
    """Seeds of second factors stand inside the rows of the library that signs people in."""
    known, newest = cipher(), newest_cipher()
    changed = lost = 0
    for row in Authenticator.objects.select_for_update().exclude(type="webauthn").order_by("pk"):
        data: dict[str, Any] = dict(row.data)
        for name in ("secret", "seed"):
            new = _anew(str(data[name]), known, newest) if data.get(name) else ""
            lost += new is None
            if new:
                data[name] = new
        if data != row.data:
            row.data = data
            row.save(update_fields=["data"])
            changed += 1
    return Rotated("mfa_authenticator.data", changed, lost)
