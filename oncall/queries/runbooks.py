"""Which runbook an asset has, and how its steps have done (spec oncall 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Prefetch, Q

from oncall.models import Runbook, RunbookUse, RunbookVersion

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from ownership.models import Asset

PUBLISHED = Q(state="published")


def has_published_runbook(asset: Asset, *, but: Runbook | None = None) -> bool:
    """Whether the asset itself has a runbook in force; `but` asks what would be without that one."""
    rows = _in_force().filter(asset=asset)
    return (rows.exclude(pk=but.pk) if but is not None else rows).exists()


def runbook_for(asset_id: int | None, team_id: int | None) -> RunbookVersion | None:
    """The newest published version for an asset, else that of its team."""
    rows = RunbookVersion.objects.filter(PUBLISHED, runbook__archived_at=None).select_related("runbook")
    own = rows.filter(Q(runbook__asset=asset_id) | Q(runbook__team=team_id))
    found = sorted(own, key=lambda row: (row.runbook.asset_id is None, -row.number))
    return found[0] if found else None


def listed_runbooks() -> QuerySet[Runbook]:
    """Live runbooks with their newest published version, for lists."""
    published = RunbookVersion.objects.filter(PUBLISHED).order_by("-number")
    rows = Runbook.objects.filter(archived_at=None).select_related("asset", "team")
    return rows.prefetch_related(Prefetch("versions", published, to_attr="published"))


def uses_of(version_ids: Collection[int]) -> list[RunbookUse]:
    """The newest 200 uses of these versions."""
    rows = RunbookUse.objects.filter(version__in=version_ids).select_related("used_by", "incident")
    return list(rows.order_by("-at", "-pk")[:200])


def _in_force() -> QuerySet[Runbook]:
    published = RunbookVersion.objects.filter(PUBLISHED, runbook=OuterRef("pk"))
    return Runbook.objects.filter(Exists(published), archived_at=None)
