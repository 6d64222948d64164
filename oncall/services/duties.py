"""What a team settles about its duty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall import policies
from oncall.domain.rules import bad
from oncall.domain.words import QuestionsDuty
from oncall.models import TeamDuty
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.accounts.models import Team

FIELDS = frozenset({"questions_duty", "notice_days", "digest_at", "guardrails", "unblock_hours", "fix_days",
                    "default_night_class", "default_until"})  # fmt: skip
LONGEST_NOTICE = 90


@transaction.atomic
def set_team_duty(*, actor: Any, team: Team, changes: Mapping[str, Any], at: datetime) -> TeamDuty:
    """Change some of `FIELDS` of a team; leads and admins. Raises `DomainError` with the field."""
    require(policies.can_manage_rota(actor, team, at))
    for field in changes:
        if field not in FIELDS:
            raise bad(field, f"The duty of a team has no {field[:40]}.")
    if changes.get("questions_duty", QuestionsDuty.SAME) not in list(QuestionsDuty):
        raise bad("questions_duty", "Questions are answered by the same rota, a separate one, or none.")
    if not 0 <= int(changes.get("notice_days", 0)) <= LONGEST_NOTICE:
        raise bad("notice_days", f"The notice is 0 to {LONGEST_NOTICE} days.")
    row, _ = TeamDuty.objects.select_for_update().get_or_create(team=team)
    before = {field: str(getattr(row, field)) for field in changes}
    for field, value in changes.items():
        setattr(row, field, value)
    row.version += 1
    row.save(update_fields=[*changes, "version"])
    after = {field: str(value) for field, value in changes.items()}
    record_audit(actor=actor, verb="oncall.duty_set", subject=row, before=before, after=after, at=at)
    return row
