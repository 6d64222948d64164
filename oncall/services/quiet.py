"""Keeping alerts quiet for a while, and what still fires when that ends (spec oncall 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.failure_kinds import FailureKind
from oncall.models import Alert, MaintenanceWindow, Silence
from oncall.policies import can_work_in
from oncall.queries.quiet import mark_of
from oncall.services.alerts import resume_suppressed
from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline, cancel_deadlines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from oncall.models import Integration
    from ownership.models import Asset
    from portal.accounts.models import Team

END_KIND = "oncall.window_end"
LONGEST_SILENCE, LONGEST_WINDOW = timedelta(days=7), timedelta(days=30)
PARTS = ("asset", "integration", "failure_kind", "title")
LONGEST_REASON = 500


@dataclass(frozen=True)
class Window:
    """What is worked on and when."""

    start: datetime
    end: datetime
    assets: Sequence[Asset] = ()
    integrations: Sequence[Integration] = ()


@transaction.atomic
def create_silence(
    *, actor: Any, team: Team, matcher: Mapping[str, Any], until: datetime, reason: str, at: datetime
) -> Silence:
    """Keep matching alerts from making incidents until then, at most seven days; open incidents are not touched.

    Raises `NotAllowed`, `DomainError` with the field.
    """
    require(can_work_in(actor, team, at))
    parts = {name: str(matcher[name])[:300] for name in PARTS if matcher.get(name)}
    if not parts or set(matcher) - set(PARTS):
        raise DomainError("oncall.bad_matcher", f"Name at least one of {', '.join(PARTS)}.", "matcher")
    if parts.get("failure_kind", FailureKind.LATE) not in list(FailureKind):
        raise DomainError("oncall.unknown_kind", "This is no kind of failure.", "failure_kind")
    if not at < until <= at + LONGEST_SILENCE:
        raise DomainError("oncall.bad_until", "A silence ends later than now and within seven days.", "until")
    silence = Silence.objects.create(
        team=team, matcher=parts, starts_at=at, until=until, reason=_reason(reason), made_by=actor
    )
    arm_deadline(actor=actor, kind=END_KIND, subject=subject_of(silence), due_at=until, at=at)
    record_audit(
        actor=actor, verb="oncall.silenced", subject=silence, after={"until": until.isoformat()} | parts, at=at
    )
    return silence


@transaction.atomic
def create_maintenance(*, actor: Any, team: Team, window: Window, reason: str, at: datetime) -> MaintenanceWindow:
    """Announce planned work, now or later, at most thirty days long. Raises `NotAllowed`, `DomainError`."""
    require(can_work_in(actor, team, at))
    if not window.assets and not window.integrations:
        raise DomainError("oncall.nothing_named", "Name the assets or integrations it is about.", "assets")
    if not window.start < window.end <= window.start + LONGEST_WINDOW or window.end <= at:
        raise DomainError("oncall.bad_range", "It ends after it begins, in the future, within thirty days.", "end")
    made = MaintenanceWindow.objects.create(
        team=team, during=(window.start, window.end), reason=_reason(reason), made_by=actor, made_at=at
    )
    made.assets.set(window.assets)
    made.integrations.set(window.integrations)
    arm_deadline(actor=actor, kind=END_KIND, subject=subject_of(made), due_at=window.end, at=at)
    after = {"assets": [asset.slug for asset in window.assets], "end": window.end.isoformat()}
    record_audit(actor=actor, verb="oncall.maintenance_planned", subject=made, after=after, at=at)
    return made


@transaction.atomic
def end_quiet(*, actor: Any, quiet: Silence | MaintenanceWindow, at: datetime) -> int:
    """It is over, by its hour or by hand: whatever still fires makes incidents now. Returns how many alerts did.

    Idempotent. Raises `NotAllowed`.
    """
    standing: Any = type(quiet).objects.select_for_update(of=("self",)).select_related("team").get(pk=quiet.pk)
    if actor is not None:
        require(can_work_in(actor, standing.team, at))
    if standing.ended_at is not None:
        return 0
    standing.ended_at, standing.version = at, standing.version + 1
    standing.save(update_fields=["ended_at", "version"])
    if actor is not None:  # else the deadline that calls is the only one, and it is firing
        cancel_deadlines(actor=actor, subject=subject_of(standing), kinds=[END_KIND], reason="ended", at=at)
    record_audit(actor=actor, verb="oncall.quiet_ended", subject=standing, at=at)
    rows = Alert.objects.select_for_update(of=("self",)).select_related("asset", "team", "integration")
    hidden = list(rows.filter(status="firing", suppressed_by=mark_of(standing)).order_by("pk"))
    for alert in hidden:
        resume_suppressed(alert=alert, at=at)
    return len(hidden)


def _reason(text: str) -> str:
    words = text.strip()
    if not words or len(words) > LONGEST_REASON:
        raise DomainError("oncall.reason_needed", f"Say why, in 1 to {LONGEST_REASON} characters.", "reason")
    return words
