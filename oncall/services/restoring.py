"""Bringing former rules back: as a new version, with the same diff and consent as any edit (spec oncall 5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.policies import can_manage_rota
from oncall.queries.facts import newest_version
from oncall.services.rotas import preview_rota_version, publish_rota_version, rules_of_version
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.domain.diff import Diff
    from oncall.models import Rota, RotaVersion
    from oncall.services.rotas import Applying, RulesDraft


def preview_restored_version(*, actor: Any, rota: Rota, number: int, at: datetime) -> Diff:
    """What the former rules would move from now on. Writes nothing. Raises as `restore_rota_version`."""
    require(can_manage_rota(actor, rota.team, at))
    return preview_rota_version(actor=actor, rota=rota, rules=former_rules(rota, number, at), at=at)


@transaction.atomic
def restore_rota_version(*, actor: Any, rota: Rota, number: int, applying: Applying, at: datetime) -> RotaVersion:
    """Publish the rules of a former version again, from now on; what was served stays.

    Raises `DomainError` `oncall.unknown_version`, `Conflict` `oncall.in_force` for the newest one, and what publishing
    raises.
    """
    require(can_manage_rota(actor, rota.team, at))
    rules = former_rules(rota, number, at)
    applying = replace(applying, reason=applying.reason or f"version {number} again")
    return publish_rota_version(actor=actor, rota=rota, rules=rules, applying=applying, at=at)


def former_rules(rota: Rota, number: int, at: datetime) -> RulesDraft:
    """The rules of a former version as a draft from now on. Raises as `restore_rota_version`."""
    newest = newest_version(rota)
    version = rota.versions.filter(number=number).first()
    if version is None or newest is None:
        raise DomainError("oncall.unknown_version", f"{rota.name} has no version {number}.", "version")
    if version.pk == newest.pk:
        raise Conflict("oncall.in_force", "These rules are in force already.", "version")
    return replace(rules_of_version(version), starts_at=at, ends_at=newest.valid.upper)
