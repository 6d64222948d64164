"""Random secrets that are shown once and kept as hashes; 256 random bits need no slow hash."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_MARK = "hwt_"  # noqa: S105 (the public mark of our tokens, for secret scanners)
PREFIX_LENGTH = 12
CODE_DIGITS = 6


def new_secret() -> str:
    """256 random bits in letters that a URL may hold."""
    return secrets.token_urlsafe(32)


def new_token() -> tuple[str, str]:
    """A token and its public prefix, by which its row is found."""
    token = TOKEN_MARK + new_secret()
    return token, token[:PREFIX_LENGTH]


def new_code() -> str:
    """Six random digits to type in; they live minutes and few tries."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def digest(secret: str) -> str:
    """What is kept of a secret: SHA-256 in hex, which suffices for random ones."""
    return hashlib.sha256(secret.encode()).hexdigest()
