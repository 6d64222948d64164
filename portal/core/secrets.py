"""Secrets at rest: text columns that only the application can read (spec security 11)."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


@lru_cache(maxsize=1)
def cipher() -> MultiFernet:
    """Encrypts with the newest data key and reads with any; outside production the keys may be derived."""
    return MultiFernet([Fernet(key) for key in _keys()])


def newest_cipher() -> Fernet:
    """The key that encrypts from now on, alone."""
    return Fernet(_keys()[0])


def fingerprints() -> list[str]:
    """What may be told of the data keys, newest first: it tells them apart and says nothing of them."""
    return [hashlib.sha256(f"headwater/fingerprint/{key}".encode()).hexdigest()[:16] for key in _keys()]


def _keys() -> list[str]:
    return settings.ENV.data_keys or [_derived(settings.SECRET_KEY)]


def derived_key(purpose: str) -> bytes:
    """32 bytes for one purpose, the same on every host that has the same newest data key."""
    root = (settings.ENV.data_keys or [settings.SECRET_KEY])[0]
    return hashlib.sha256(f"headwater/{purpose}/{root}".encode()).digest()


def _derived(secret: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(f"headwater/data/{secret}".encode()).digest()).decode()


def encrypted(text: str) -> str:
    """The token an `EncryptedText` column holds for this text; another each time."""
    return cipher().encrypt(text.encode()).decode()


class EncryptedText(models.TextField[str, str]):
    """Stored as a Fernet token; equal texts differ at rest, so it cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        return value if value is None else encrypted(str(value))

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> str | None:
        del expression, connection
        return value if value is None else cipher().decrypt(value.encode()).decode()
