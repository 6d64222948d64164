"""A correction that is kept as a rule, and taken back (spec oncall 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall import policies
from oncall.domain.failure_kinds import FailureKind
from oncall.models import FailureRule
from oncall.services.incidents import correct_kind
from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Incident
    from portal.accounts.models import Team

LEAST, MOST = 4, 120


@transaction.atomic
def correct_kind_for_good(
    *, actor: Any, incident: Incident, failure_kind: str, phrase: str = "", at: datetime
) -> Incident:
    """Correct the kind, and with a phrase keep it for every alert of the team whose words hold it.

    Of a private incident no rule is made: its words stay inside. Raises as `correct_kind` and `keep_failure_rule`.
    """
    standing = correct_kind(actor=actor, incident=incident, failure_kind=failure_kind, at=at)
    if phrase.strip():
        if standing.is_private:
            raise DomainError("oncall.private_rule", "Words of a private incident are not kept as a rule.", "phrase")
        keep_failure_rule(actor=actor, team=standing.team, phrase=phrase, failure_kind=failure_kind, at=at)
    return standing


@transaction.atomic
def keep_failure_rule(*, actor: Any, team: Team, phrase: str, failure_kind: str, at: datetime) -> FailureRule:
    """The same phrase again gets the new kind. For the people of the team. Raises `NotAllowed`, `DomainError`."""
    require(policies.can_work_in(actor, team, at))
    words = " ".join(phrase.casefold().split())
    if not LEAST <= len(words) <= MOST:
        raise DomainError("oncall.bad_text", f"A phrase of {LEAST} to {MOST} characters.", "phrase")
    if failure_kind not in list(FailureKind):
        raise DomainError("oncall.unknown_kind", "This is no kind of failure.", "failure_kind")
    row, _ = FailureRule.objects.update_or_create(
        team=team, phrase=words, defaults={"failure_kind": failure_kind, "made_by": actor, "made_at": at}
    )
    after = {"phrase": words, "kind": failure_kind}
    record_audit(actor=actor, verb="oncall.failure_rule_kept", subject=row, after=after, at=at)
    return row


@transaction.atomic
def remove_failure_rule(*, actor: Any, rule: FailureRule, at: datetime) -> None:
    """Later alerts are judged without it; what was judged stays. Raises `NotAllowed`."""
    row = FailureRule.objects.select_for_update(of=("self",)).select_related("team").get(pk=rule.pk)
    require(policies.can_work_in(actor, row.team, at))
    record_audit(actor=actor, verb="oncall.failure_rule_removed", subject=row, before={"phrase": row.phrase}, at=at)
    row.delete()
