"""Texts people type, as the house keeps them: normal form, printable, of a known vocabulary."""

from __future__ import annotations

import re
import unicodedata

from portal.accounts.domain.vocabulary import Discipline
from portal.core.domain.zones import zone_names
from portal.core.errors import DomainError

HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
EMAIL = re.compile(r"[^\s@\x00-\x1f<>\"',;]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
EMAIL_LENGTH = 254
# Control, format (which holds the bidirectional overrides), private and unassigned characters (spec security 10).
REFUSED = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
RESERVED_SLUGS = frozenset({"new", "all", "none", "me"})


def clean_text(text: str, field: str, *, longest: int, is_required: bool = True) -> str:
    """The text in NFC without outer spaces; raises `DomainError` for one that is empty, too long or not printable."""
    kept = unicodedata.normalize("NFC", text).strip()
    if is_required and not kept:
        raise DomainError("accounts.required", "This may not be empty.", field)
    if len(kept) > longest:
        raise DomainError("accounts.too_long", f"At most {longest} characters, this has {len(kept)}.", field)
    for letter in kept:
        if unicodedata.category(letter) in REFUSED:
            message = f"The character U+{ord(letter):04X} cannot be shown safely. Please take it out."
            raise DomainError("accounts.unsafe_text", message, field)
    return kept


def clean_handle(handle: str) -> str:
    """The handle itself; raises `DomainError` for one that is not `[a-z0-9][a-z0-9._-]{1,39}`."""
    if not HANDLE.fullmatch(handle):
        message = "2 to 40 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit."
        raise DomainError("accounts.bad_handle", message, "handle")
    return handle


def clean_slug(slug: str) -> str:
    """The slug itself; raises `DomainError` for a wrong form or a reserved word."""
    if not SLUG.fullmatch(slug) or slug in RESERVED_SLUGS:
        raise DomainError("accounts.bad_slug", "1 to 60 of a-z, 0-9 and dash; a few words are taken.", "slug")
    return slug


def clean_email(email: str, field: str = "email") -> str:
    """The address in lower case; raises `DomainError` for what is none."""
    kept = email.strip()
    if len(kept) > EMAIL_LENGTH or not EMAIL.fullmatch(kept):
        raise DomainError("accounts.bad_email", "This is no e-mail address such as ana@example.com.", field)
    return kept.lower()


def clean_phone(number: str, field: str = "address") -> str:
    """The number in E.164; raises `DomainError` for one without its country."""
    kept = re.sub(r"[\s()-]", "", number)
    if not E164.fullmatch(kept):
        raise DomainError("accounts.bad_phone", "Write the number with its country, such as +34600111222.", field)
    return kept


def clean_zone(zone: str) -> str:
    """The zone itself; raises `DomainError` for a name outside the IANA list."""
    if zone not in zone_names():
        raise DomainError("accounts.unknown_zone", "An IANA zone such as Europe/Madrid.", "zone")
    return zone


def clean_discipline(discipline: str) -> str:
    """The discipline itself; raises `DomainError` for one outside the vocabulary."""
    if discipline not in list(Discipline):
        message = "One of SE, DE, AE, DA, DS, or nothing."
        raise DomainError("accounts.unknown_discipline", message, "discipline")
    return discipline
