"""Rotas that somebody names by their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall.models import Rota
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Sequence


def rotas_called(slugs: Sequence[str], field: str) -> list[Rota]:
    """The rotas in use of these slugs, each once; empty words are skipped. Raises `DomainError` on the field."""
    wanted = list(dict.fromkeys(slug.strip() for slug in slugs if slug.strip()))
    found = {rota.slug: rota for rota in Rota.objects.filter(slug__in=wanted, is_archived=False)}
    if missing := [slug for slug in wanted if slug not in found]:
        raise DomainError("oncall.unknown_rota", f"There is no rota {missing[0][:60]!r}.", field)
    return [found[slug] for slug in wanted]
