"""How allauth meets our people: sign-up is closed, wrong passwords are counted in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from portal.core import clock
from portal.core.middleware import client_address
from portal.core.secrets import cipher
from portal.core.services.rates import take

if TYPE_CHECKING:
    from django.http import HttpRequest

QUARTER_OF_AN_HOUR = 15 * 60
HOUR = 60 * 60


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by themselves; tries are limited a person and address, never a person alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """A stranger cannot lock out the on-call person: the address is part of the key (spec decisions)."""
        address = client_address(request) or "unknown"
        name = str(credentials.get("email") or credentials.get("username") or "").casefold()[:120]
        at = clock.now()
        take(key=f"sign-in:{address}:{name}", capacity=5, per_seconds=QUARTER_OF_AN_HOUR, at=at)
        take(key=f"sign-in:{address}", capacity=50, per_seconds=HOUR, at=at)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets of second factors are encrypted at rest."""

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()
