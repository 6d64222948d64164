"""Which runbook an asset has, and how its steps have done (spec oncall 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import JSONObject

from oncall.domain.runbooks import read_issues
from oncall.models import Runbook, RunbookUse, RunbookVersion

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from ownership.models import Asset

PUBLISHED = Q(state="published")
MOST_USES = 200


@dataclass(frozen=True)
class Used:
    """One try of a step."""

    issue: int
    step: int
    outcome: str
    incident_id: int | None


def has_published_runbook(asset: Asset, *, but: Runbook | None = None) -> bool:
    """Whether the asset itself has a runbook in force; `but` asks what would be without that one."""
    rows = _in_force().filter(asset=asset)
    return (rows.exclude(pk=but.pk) if but is not None else rows).exists()


def runbook_for(asset_id: int | None, team_id: int | None) -> RunbookVersion | None:
    """The newest published version for an asset, else that of its team."""
    return _nearest(asset_id, team_id).first()


def runbook_with_uses(asset_id: int | None, team_id: int | None) -> tuple[RunbookVersion | None, list[Used]]:
    """The same with its newest 200 uses, the newest first; one read."""
    uses = RunbookUse.objects.filter(version=OuterRef("pk")).order_by("-at", "-pk")
    columns = JSONObject(issue="issue", step="step", outcome="outcome", incident_id="incident_id")
    rows: Any = _nearest(asset_id, team_id).annotate(newest=ArraySubquery(uses.values(made=columns)[:MOST_USES]))
    found = rows.first()
    return found, [Used(**each) for each in found.newest] if found is not None else []


def listed_runbooks() -> QuerySet[Runbook]:
    """Live runbooks with their newest published version, for lists."""
    published = RunbookVersion.objects.filter(PUBLISHED).order_by("-number")
    rows = Runbook.objects.filter(archived_at=None).select_related("asset", "team")
    return rows.prefetch_related(Prefetch("versions", published, to_attr="published"))


def uses_of(version_ids: Collection[int]) -> list[RunbookUse]:
    """The newest 200 uses of these versions."""
    rows = RunbookUse.objects.filter(version__in=version_ids).select_related("used_by", "incident")
    return list(rows.order_by("-at", "-pk")[:MOST_USES])


def _nearest(asset_id: int | None, team_id: int | None) -> QuerySet[RunbookVersion]:
    """Published versions, the asset's own before its team's, the newest first."""
    rows = RunbookVersion.objects.filter(PUBLISHED, runbook__archived_at=None).select_related("runbook")
    # `=None` would mean every runbook of the other sort; an empty list matches nothing.
    asset, team = ([pk] if pk is not None else [] for pk in (asset_id, team_id))
    own = rows.filter(Q(runbook__asset__in=asset) | Q(runbook__team__in=team))
    return own.order_by(F("runbook__asset").asc(nulls_last=True), "-number")


def _in_force() -> QuerySet[Runbook]:
    published = RunbookVersion.objects.filter(PUBLISHED, runbook=OuterRef("pk"))
    return Runbook.objects.filter(Exists(published), archived_at=None)


def borrowed_step(use_id: int) -> str:
    """The words of a step that was ticked; "" if it is not known."""
    use = RunbookUse.objects.filter(pk=use_id).select_related("version").first()
    return read_issues(use.version.issues)[use.issue].steps[use.step].text if use is not None else ""
