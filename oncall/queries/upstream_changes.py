"""What changed upstream of an asset lately: the first thing to look at when it breaks (spec additions)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from oncall.queries.incidents import upstream_edges
from ownership.models import Asset
from portal.core.models import AuditEntry

if TYPE_CHECKING:
    from datetime import datetime

LATELY = timedelta(hours=48)
WORDS = {"schema_hash": "its columns", "definition_hash": "its definition"}
MOST = 5


def changed_upstream(asset: Asset, at: datetime) -> list[str]:
    """The assets up to three steps upstream whose columns or definition changed in 48 hours, as sentences.

    The newest first, at most five; a read a step and two more.
    """
    edges = upstream_edges([asset.pk])
    above = {src for sources in edges.values() for src in sources} - {asset.pk}
    if not above:
        return []
    rows = AuditEntry.objects.filter(
        Q(after__fields__contains="schema_hash") | Q(after__fields__contains="definition_hash"),
        verb="ownership.asset_imported", object_type="ownership.asset", object_id__in=[str(pk) for pk in above],
        at__gt=at - LATELY, at__lte=at,
    ).order_by("-at", "-pk")[:MOST]  # fmt: skip
    found = [(int(row.object_id), [WORDS[name] for name in row.after["fields"] if name in WORDS]) for row in rows]
    names = dict(Asset.objects.filter(pk__in=[pk for pk, _ in found]).values_list("pk", "name"))
    return [f"{names[pk]} changed {' and '.join(what)}" for pk, what in found]
