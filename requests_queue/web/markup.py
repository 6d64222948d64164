"""Parts of a page that come back a hundred times on it, printed once a process."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.core.web.presentation import Avatar, Badge


def badges_markup(badges: Iterable[Badge]) -> SafeString:
    """The badges of a line, one behind the other."""
    return SafeString("".join(_badge(badge) for badge in badges))


@lru_cache(maxsize=2000)
def face_markup(face: Avatar) -> SafeString:
    """The initials of a person."""
    return render_to_string("components/avatar.html", {"face": face})


@lru_cache(maxsize=2000)
def _badge(badge: Badge) -> SafeString:
    return render_to_string("components/badge.html", {"badge": badge})
