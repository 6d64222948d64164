"""The register as the importer protocol sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership import policies
from ownership.importers import applying, planning
from ownership.importers.staging import Staging
from ownership.models import StagedAsset, StagedClaim, StagedColumn, StagedDetail, StagedEdge, StagedOwned
from ownership.queries.assets import files_of_code
from ownership.queries.parties import teams_led_by
from portal.accounts.queries.teams import newest_version, organization

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from portal.core.importing.protocol import Importer, PlanLine
    from portal.core.models import ImportRun, ImportSource
    from portal.core.policies import Decision


class RegisterRoom:
    """Stages, compares and applies facts about assets."""

    def may_import(self, person: Any, at: datetime) -> Decision:
        return policies.assets.can_import(person, teams_led_by(person, at))

    def options_for(self, importer: Importer, source_scopes: list[str]) -> dict[str, Any]:
        """Projects that other files of this format describe, the zone of bare days; files of code for who matches them.

        Only a reader with `needs_files` is told of files: (asset id, repository, path) of every asset that has one.
        """
        told: dict[str, Any] = {"known_projects": sorted({scope.partition("@")[0] for scope in source_scopes})}
        told["zone"] = newest_version(organization().calendar_id).zone
        if getattr(importer, "needs_files", False):
            told["files"] = files_of_code()
        return told

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
        for model in (StagedAsset, StagedEdge, StagedClaim, StagedColumn, StagedDetail, StagedOwned):
            model.objects.filter(run=run).delete()

    def sample(self, run: ImportRun, limit: int) -> list[PlanLine]:
        return planning.sample(run, limit)
