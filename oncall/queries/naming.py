"""Which asset a sender means: by slug, by name, by any alias (spec oncall 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from ownership.models import Asset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet


def assets_named(names: Sequence[str]) -> Asset | None:
    """The live asset of the first name that means exactly one; None if none of them does."""
    for name in names:
        text = name.strip()
        if not text:
            continue
        live = Asset.objects.filter(retired_at=None)
        found = live.filter(slug=text.lower()).first() or _only(live.filter(Q(name=text) | Q(relation=text)))
        found = found or _only(live.filter(aliases__key=text).distinct())
        if found is not None:
            return found
    return None


def _only(rows: QuerySet[Asset]) -> Asset | None:
    found = list(rows[:2])
    return found[0] if len(found) == 1 else None
