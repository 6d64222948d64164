"""Policies as somebody edits them: versions, what they apply to, and the running clocks (spec sla 4.4, 5)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.domain.ladder import AUDIENCES
from requests_queue.domain.states import WAITING
from requests_queue.domain.texts import checked_line
from requests_queue.models import PolicyMatch, SlaClock, SlaPolicy, SlaPolicyVersion
from requests_queue.models.promises import CLOCK_KINDS
from requests_queue.policies import can_edit_policy, can_promise, can_rank_policies
from requests_queue.queries.promises import target_of
from requests_queue.services.clocks import change_running_target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from portal.accounts.models import Team
    from portal.core.models import CalendarVersion

LEAST_TARGET, MOST_TARGET = 60, 31_536_000
MOST_STEPS, MOST_PERCENT = 8, 400
MINUTE = 60


@dataclass(frozen=True)
class PolicyDraft:
    """A version before it exists: counted seconds by clock and urgency, the ladder, pauses, grace, re-open factor."""

    targets: Mapping[str, Mapping[str, int]]
    ladder: Sequence[Mapping[str, Any]]
    pause_states: Sequence[str] = tuple(sorted(WAITING))
    grace_seconds: int = 3600
    reopen_factor: Decimal = Decimal("0.5")
    calendar_version: CalendarVersion | None = None


@transaction.atomic
def publish_policy_version(*, actor: Any, policy: SlaPolicy, draft: PolicyDraft, at: datetime) -> SlaPolicyVersion:
    """Version n+1, for requests filed from now on; the newest one again when nothing differs. Locks the policy.

    Raises `NotAllowed`, `DomainError` (`sla.bad_target`, `sla.bad_ladder`, `sla.bad_policy`) naming the field.
    """
    standing = SlaPolicy.objects.select_for_update().get(pk=policy.pk)
    require(can_edit_policy(actor, standing, at))
    return _published(actor, standing, draft, at)


def _published(actor: Any, standing: SlaPolicy, draft: PolicyDraft, at: datetime) -> SlaPolicyVersion:
    content = checked_draft(draft)
    newest = standing.versions.order_by("-n").first()
    if newest is not None and all(getattr(newest, name) == value for name, value in content.items()):
        return newest
    version = SlaPolicyVersion.objects.create(
        policy=standing, n=newest.n + 1 if newest else 1, created_by=actor, created_at=at, **content
    )
    after = {"version": version.n, "targets": content["targets"]}
    record_audit(actor=actor, verb="requests.policy_published", subject=standing, after=after, at=at)
    return version


@transaction.atomic
def create_policy(*, actor: Any, name: str, draft: PolicyDraft, at: datetime) -> SlaPolicyVersion:
    """A new policy with its first version; applies to nothing before a rule names it. An admin does."""
    require(can_rank_policies(actor))
    return _published(actor, _named(name), draft, at)


@transaction.atomic
def promise_for_team(
    *, actor: Any, team: Team, name: str, kind: str, rank: int, draft: PolicyDraft, at: datetime
) -> SlaPolicyVersion:
    """A policy of one team with the rule that applies it to a kind of its requests: an admin's, and the lead's.

    Raises `sla.policy_exists`, `sla.rank_taken`, and what a wrong draft raises.
    """
    require(can_promise(actor, team, at))
    version = _published(actor, _named(name), draft, at)
    _matched(actor, PolicyMatch(rank=rank, policy=version.policy, kind=kind, team=team), at)
    return version


def _named(name: str) -> SlaPolicy:
    clean = checked_line(name, "name", most=120)
    try:
        with transaction.atomic():
            return SlaPolicy.objects.create(name=clean)
    except IntegrityError:
        raise Conflict("sla.policy_exists", f"There is a policy called {clean!r} already.", "name") from None


@transaction.atomic
def add_match(
    *, actor: Any, rank: int, policy: SlaPolicy, kind: str | None, team: Team | None, urgency: str | None,
    size: str | None, at: datetime,
) -> PolicyMatch:  # fmt: skip
    """A rule at its rank; an empty column fits anything. Raises `sla.rank_taken`, `sla.second_catch_all`."""
    require(can_rank_policies(actor))
    if (kind, team, urgency, size) == (None, None, None, None):
        raise Conflict("sla.second_catch_all", "One rule catches everything already.", "kind")
    row = PolicyMatch(rank=rank, policy=policy, kind=kind, team=team, urgency=urgency, size=size)
    return _matched(actor, row, at)


def _matched(actor: Any, row: PolicyMatch, at: datetime) -> PolicyMatch:
    if PolicyMatch.objects.filter(rank=row.rank).exists():
        raise Conflict("sla.rank_taken", f"There is a rule with rank {row.rank} already.", "rank")
    row.save(force_insert=True)
    after = {
        "rank": row.rank, "kind": row.kind, "team": row.team.slug if row.team else None, "urgency": row.urgency,
        "size": row.size,
    }  # fmt: skip
    record_audit(actor=actor, verb="requests.rule_added", subject=row.policy, after=after, at=at)
    return row


@transaction.atomic
def remove_match(*, actor: Any, match: PolicyMatch, at: datetime) -> None:
    """Take a rule away; the catch-all stays, so that every request has a policy (`sla.no_catch_all`)."""
    require(can_rank_policies(actor) if match.team is None else can_promise(actor, match.team, at))
    if (match.kind, match.team_id, match.urgency, match.size) == (None, None, None, None):
        raise Conflict("sla.no_catch_all", "The rule that catches everything stays; give it another policy instead.")
    before = {"rank": match.rank, "kind": match.kind, "team": match.team.slug if match.team else None}
    record_audit(actor=actor, verb="requests.rule_removed", subject=match.policy, before=before, at=at)
    match.delete()


@transaction.atomic
def apply_policy_to_running(*, actor: Any, version: SlaPolicyVersion, at: datetime) -> int:
    """Give every running clock of the policy the new targets, one `target_changed` each; says how many changed.

    What was counted stands and a recorded breach stands (ratchet). An admin does.
    """
    require(can_rank_policies(actor))
    rows = SlaClock.objects.select_for_update(of=("self",)).filter(
        policy_version__policy=version.policy_id, state__in=["running", "paused"]
    )
    count = 0
    for clock in rows.select_related("request", "policy_version").order_by("id"):
        target = target_of(version, clock.kind, clock.request.promised_as)
        if target != clock.target_seconds:
            reason = f"{version} applied to running promises"
            change_running_target(actor=actor, clock=clock, target_seconds=target, reason=reason, at=at)
            count += 1
    after = {"version": version.n, "clocks": count}
    record_audit(actor=actor, verb="requests.policy_applied", subject=version.policy, after=after, at=at)
    return count


def checked_draft(draft: PolicyDraft) -> dict[str, Any]:
    """The columns of a version; raises `DomainError` naming the first field that is wrong. Writes nothing."""
    if not MINUTE <= draft.grace_seconds <= MOST_TARGET:
        raise DomainError("sla.bad_policy", "Grace is at least one minute.", "grace_minutes")
    if not Decimal("0.1") <= draft.reopen_factor <= 1:
        raise DomainError("sla.bad_policy", "The re-open factor lies between 0.1 and 1.", "reopen_factor")
    if not set(draft.pause_states) <= {state.value for state in WAITING}:
        raise DomainError("sla.bad_policy", "Clocks pause only while somebody else is waited for.", "pause_states")
    return {
        "targets": {clock: _targets(clock, draft.targets.get(clock, {})) for clock in CLOCK_KINDS},
        "ladder": _ladder(draft.ladder), "pause_states": sorted(draft.pause_states),
        "grace_seconds": draft.grace_seconds, "reopen_factor": draft.reopen_factor.quantize(Decimal("0.01")),
        "calendar_version": draft.calendar_version,
    }  # fmt: skip


def _targets(clock: str, given: Mapping[str, int]) -> dict[str, int]:
    for urgency in ("normal", "urgent"):
        seconds = given.get(urgency)
        if not isinstance(seconds, int) or not LEAST_TARGET <= seconds <= MOST_TARGET:
            raise DomainError("sla.bad_target", "A promise is between a minute and a year.", f"{clock}_{urgency}")
    return {"normal": given["normal"], "urgent": given["urgent"]}


def _ladder(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    percents = [row.get("percent") for row in given]
    if not 1 <= len(given) <= MOST_STEPS or percents != sorted(set(percents), key=lambda one: one or 0):
        raise DomainError("sla.bad_ladder", f"One to {MOST_STEPS} steps, rising.", "ladder")
    for row in given:
        if not isinstance(row["percent"], int) or not 1 <= row["percent"] <= MOST_PERCENT:
            raise DomainError("sla.bad_ladder", f"A step lies between 1 and {MOST_PERCENT} %.", "ladder")
        if not row.get("audience") or not set(row["audience"]) <= set(AUDIENCES):
            raise DomainError("sla.bad_ladder", f"A step tells some of: {', '.join(AUDIENCES)}.", "ladder")
    return [{"percent": row["percent"], "audience": list(row["audience"])} for row in given]
