"""Publishing how a team's pages go on (spec oncall 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.escalation import from_json, to_json
from oncall.models import EscalationPolicy, EscalationPolicyVersion
from oncall.policies import can_manage_rota
from portal.accounts.models import Endpoint, Person
from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from portal.accounts.models import Team


@transaction.atomic
def publish_escalation(
    *, actor: Any, team: Team, steps: Sequence[Mapping[str, Any]], repeat: int = 0, at: datetime
) -> EscalationPolicyVersion:
    """A new version of the team's ladder; runs that have begun go on under theirs. The same steps make no version.

    Raises `NotAllowed`, `DomainError` naming the step: unknown targets, people who left, unknown endpoints.
    """
    require(can_manage_rota(actor, team, at))
    checked = from_json(steps, repeat=repeat)
    for number, step in enumerate(checked, 1):
        for target in step.targets:
            _check(target.kind, target.ref, number)
    policy, _ = EscalationPolicy.objects.select_for_update().get_or_create(
        team=team, defaults={"name": f"Ladder of {team.name}"[:80]}
    )
    newest = policy.versions.order_by("-number").first()
    stored = to_json(checked)
    if newest is not None and newest.steps == stored and newest.repeat == repeat:
        return newest
    version = EscalationPolicyVersion.objects.create(
        policy=policy, number=newest.number + 1 if newest else 1, steps=stored, repeat=repeat, created_by=actor,
        created_at=at,
    )  # fmt: skip
    policy.version += 1
    policy.save(update_fields=["version"])
    record_audit(
        actor=actor, verb="oncall.escalation_published", subject=policy, after={"version": version.number}, at=at
    )
    return version


def _check(kind: str, ref: str, number: int) -> None:
    known = {"person": Person.objects.filter(handle=ref, state="active"), "endpoint": Endpoint.objects.filter(slug=ref)}
    if kind in known and not known[kind].exists():
        raise DomainError("oncall.bad_step", f"Step {number}: there is no {kind} called {ref[:60]}.", "steps")
