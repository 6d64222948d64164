"""The register as the importer protocol sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership import policies
from ownership.importers import applying, planning
from ownership.importers.staging import Staging
from ownership.models import StagedAsset, StagedClaim, StagedColumn, StagedEdge
from ownership.queries.parties import teams_led_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from portal.core.importing.protocol import PlanLine
    from portal.core.models import ImportRun, ImportSource
    from portal.core.policies import Decision


class RegisterRoom:
    """Stages, compares and applies facts about assets."""

    def may_import(self, person: Any, at: datetime) -> Decision:
        return policies.assets.can_import(person, teams_led_by(person, at))

    def options_for(self, source_scopes: list[str]) -> dict[str, Any]:
        """Projects that other files of this format describe: their records are theirs."""
        return {"known_projects": sorted({scope.partition("@")[0] for scope in source_scopes})}

    def stage(self, run: ImportRun, facts: Iterator[Any]) -> dict[str, int]:
        return Staging(run.pk).take(facts)

    def plan(self, run: ImportRun, at: datetime) -> dict[str, Any]:
        del at
        return planning.plan(run)

    def apply_next(self, run: ImportRun, actor: Any, at: datetime) -> bool:
        return applying.apply_next(run, actor, at)

    def refresh(self, source: ImportSource, actor: Any, at: datetime) -> int:
        return applying.refresh(source, actor, at)

    def forget(self, run: ImportRun) -> None:
        for model in (StagedAsset, StagedEdge, StagedClaim, StagedColumn):
            model.objects.filter(run=run).delete()

    def sample(self, run: ImportRun, limit: int) -> list[PlanLine]:
        return planning.sample(run, limit)
