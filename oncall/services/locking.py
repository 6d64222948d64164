"""One writer a rota at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from oncall.models import Rota

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMESPACE = 0x6F6E  # keeps these locks apart from others of the portal


def lock_rotas(rotas: Iterable[Rota]) -> list[Rota]:
    """The rotas as they are now, under their transaction's advisory locks, taken in one order. Inside a transaction."""
    ids = sorted({rota.pk for rota in rotas})
    with connection.cursor() as cursor:
        for rota_id in ids:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NAMESPACE, rota_id])
    return list(Rota.objects.filter(pk__in=ids).select_related("team").order_by("pk"))


def lock_rota(rota: Rota) -> Rota:
    """`lock_rotas` for one."""
    return lock_rotas([rota])[0]
