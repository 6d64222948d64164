"""Registering a downstream team, drafting what was agreed, two signatures, and the end of it (spec oncall 8)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction

from oncall.domain.agreements import AgreementState, Terms, check_terms, expiry_of, may_wake, reminder_days
from oncall.domain.wall import instant_of
from oncall.models import Agreement, AgreementVersion, AssetDuty
from oncall.policies import can_draft_agreement, can_register_downstream, sides_of
from oncall.queries.night import terms_of
from oncall.queries.runbooks import has_published_runbook
from ownership.queries.parties import owning_team
from portal.core.errors import Conflict, NotAllowed
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline, cancel_deadlines

if TYPE_CHECKING:
    from ownership.models import Asset
    from portal.accounts.models import Team

EXPIRY_KIND = "oncall.agreement_expiry"
REMINDER_HOUR = time(9)
OWNER, DOWNSTREAM = "owner", "downstream"


@dataclass(frozen=True)
class Drafted:
    """What a side proposes: the terms and, if wished, the last day."""

    terms: Terms
    expires_on: date | None = None


@transaction.atomic
def register_downstream(*, actor: Any, asset: Asset, team: Team, at: datetime) -> Agreement:
    """Say that a team reads the asset; from then on it counts as "not agreed". Idempotent.

    Raises `NotAllowed` for somebody of neither side.
    """
    owner = owner_of(asset, at)
    require(can_register_downstream(actor, owner, team, at))
    _check_reads(team)
    made, is_new = Agreement.objects.get_or_create(
        asset=asset, downstream_team=team, defaults={"registered_by": actor, "registered_at": at}
    )
    if is_new:
        record_audit(actor=actor, verb="oncall.downstream_registered", subject=made, after={"team": team.slug}, at=at)
    return made


@transaction.atomic
def draft_agreement(*, actor: Any, agreement: Agreement, drafted: Drafted, at: datetime) -> AgreementVersion:
    """Write or change the draft; a changed text loses the signatures it had, the same text keeps them.

    Locks the agreement. Raises `NotAllowed`, or `DomainError` with the field for terms that cannot be.
    """
    standing = _locked(agreement)
    require(can_draft_agreement(actor, owner_of(standing.asset, at), standing.downstream_team, at))
    _check_reads(standing.downstream_team)
    check_terms(drafted.terms)
    if drafted.expires_on is not None:
        expiry_of(at.date(), drafted.expires_on)
    text = _stored(drafted)
    sha256 = digest(text)
    draft = standing.versions.filter(state=AgreementState.DRAFT).first()
    if draft is not None and draft.text_sha256 == sha256:
        return draft
    if draft is None:
        last = standing.versions.order_by("-number").first()
        draft = AgreementVersion(agreement=standing, number=last.number + 1 if last else 1)
    for name, value in text.items():
        setattr(draft, name, value)
    draft.wished_end, draft.text_sha256, draft.drafted_by, draft.drafted_at = drafted.expires_on, sha256, actor, at
    draft.owner_signed_by = draft.downstream_signed_by = None
    draft.owner_signed_at = draft.downstream_signed_at = None
    draft.save()
    _touch(standing)
    record_audit(
        actor=actor, verb="oncall.agreement_drafted", subject=standing, at=at,
        after={"version": draft.number, "class": draft.night_class, "sha256": sha256},
    )  # fmt: skip
    return draft


@transaction.atomic
def sign_agreement(*, actor: Any, agreement: Agreement, text_sha256: str, at: datetime) -> AgreementVersion:
    """Sign the draft for one's side: the owner's lead first, then the downstream lead, which puts it in force.

    `text_sha256` is that of the text the signer read. Somebody who leads both signs twice. Raises `Conflict`
    `oncall.nothing_to_sign`, `oncall.not_a_party`, `oncall.text_changed`, `oncall.owner_signs_first`,
    `oncall.already_signed`, `oncall.team_archived` and `oncall.runbook_required`; nothing is written then.
    """
    standing = _locked(agreement)
    _check_reads(standing.downstream_team)
    draft = standing.versions.select_for_update().filter(state=AgreementState.DRAFT).first()
    if draft is None:
        raise Conflict("oncall.nothing_to_sign", "There is no draft to sign. Propose a text first.")
    side = _side(draft, sides_of(actor, owner_of(standing.asset, at), standing.downstream_team, at))
    if draft.text_sha256 != text_sha256:
        message = "The text has changed since you read it. Read it again, then sign."
        raise Conflict("oncall.text_changed", message, sha256=draft.text_sha256)
    _check_runbook(standing.asset, draft)
    setattr(draft, f"{side}_signed_by", actor)
    setattr(draft, f"{side}_signed_at", at)
    draft.save(update_fields=[f"{side}_signed_by", f"{side}_signed_at"])
    record_audit(
        actor=actor, verb="oncall.agreement_signed", subject=standing, at=at,
        after={"version": draft.number, "side": side, "sha256": draft.text_sha256},
    )  # fmt: skip
    if side == DOWNSTREAM:
        _put_in_force(actor, standing, draft, at)
    _touch(standing)
    return draft


@transaction.atomic
def end_agreement(
    *, actor: Any, version: AgreementVersion, reason: str, is_due: bool = False, at: datetime
) -> AgreementVersion:
    """The version in force ends: its day came (`is_due`), or a party changed. It stands as not agreed. Idempotent."""
    standing = AgreementVersion.objects.select_for_update().get(pk=version.pk)
    if standing.state != AgreementState.ACTIVE:
        return standing
    _end(standing, AgreementState.EXPIRED, reason, at)
    if not is_due:  # else the deadline that calls is the only one, and it is firing
        cancel_deadlines(actor=actor, subject=subject_of(standing), kinds=[EXPIRY_KIND], reason=reason, at=at)
    record_audit(
        actor=actor, verb="oncall.agreement_ended", subject=standing.agreement, after={"version": standing.number},
        reason=reason, at=at,
    )  # fmt: skip
    return standing


@transaction.atomic
def unsign_for_new_owner(*, asset: Asset, before: Team | None, at: datetime) -> int:
    """The accountable team of the asset changed: what its former owner signed binds nobody. Returns how many ended."""
    now = owning_team([asset.pk], at)[asset.pk]
    if before is not None and now is not None and before.pk == now.pk:
        return 0
    rows = AgreementVersion.objects.filter(agreement__asset=asset, state=AgreementState.ACTIVE).order_by("pk")
    ended = [end_agreement(actor=None, version=row, reason="the owner changed", at=at) for row in rows]
    return len(ended)


def owner_of(asset: Asset, at: datetime) -> Team:
    """The team that signs as owner; raises `Conflict` `oncall.no_owner` while nobody owns the asset."""
    found = owning_team([asset.pk], at)[asset.pk]
    if found is None:
        raise Conflict("oncall.no_owner", f"Nobody owns {asset.name} yet, so nobody can agree for it. Name an owner.")
    return found


def digest(text: dict[str, Any]) -> str:
    """SHA-256 of the canonical text: what a signature is for."""
    return hashlib.sha256(json.dumps(text, sort_keys=True, default=str).encode()).hexdigest()


def next_expiry_deadline(version: AgreementVersion, zone: str, after: datetime) -> DeadlineDraft:
    """The next reminder of a version in force, else its end: the first instant of the day after its last."""
    expires_on = version.expires_on or after.date()
    today = after.astimezone(ZoneInfo(zone)).date()
    for day in reminder_days(expires_on, today - timedelta(days=1)):
        instant = instant_of(day, REMINDER_HOUR, zone)
        if instant > after:
            return DeadlineDraft(EXPIRY_KIND, subject_of(version), instant, payload={"days": (expires_on - day).days})
    end = instant_of(expires_on + timedelta(days=1), time(0), zone)
    return DeadlineDraft(EXPIRY_KIND, subject_of(version), end.astimezone(UTC), payload={"days": 0})


def _check_reads(team: Team) -> None:
    if team.archived_at is not None:
        raise Conflict("oncall.team_archived", f"{team.name} is archived: nobody is left to agree for it.")


def _locked(agreement: Agreement) -> Agreement:
    rows = Agreement.objects.select_for_update(of=("self",)).select_related("asset", "downstream_team")
    return rows.get(pk=agreement.pk)


def _touch(standing: Agreement) -> None:
    standing.version += 1
    standing.save(update_fields=["version"])


def _side(draft: AgreementVersion, sides: frozenset[str]) -> str:
    """The signature that is missing and is this person's to give; the owner's comes first."""
    if not sides:
        raise NotAllowed("oncall.not_a_party", "Only the leads of the two teams sign, each for their own.")
    if draft.owner_signed_at is None:
        if OWNER not in sides:
            raise Conflict("oncall.owner_signs_first", "The owner signs first, then you.")
        return OWNER
    if DOWNSTREAM not in sides:
        raise Conflict("oncall.already_signed", "Your side has signed. It waits for the downstream lead.")
    return DOWNSTREAM


def _check_runbook(asset: Asset, draft: AgreementVersion) -> None:
    terms = terms_of(draft)
    is_investor_facing = AssetDuty.objects.filter(asset=asset, is_investor_facing=True).exists()
    if is_investor_facing and may_wake(terms) and not has_published_runbook(asset):
        message = f"{asset.name} is reported to investors: nobody is woken for it without a published runbook."
        raise Conflict("oncall.runbook_required", message)


def _put_in_force(actor: Any, standing: Agreement, draft: AgreementVersion, at: datetime) -> None:
    owner = owner_of(standing.asset, at)
    today = at.astimezone(ZoneInfo(owner.zone)).date()
    former = standing.versions.select_for_update().filter(state=AgreementState.ACTIVE).first()
    if former is not None:
        _end(former, AgreementState.REPLACED, f"replaced by version {draft.number}", at)
        cancel_deadlines(actor=actor, subject=subject_of(former), kinds=[EXPIRY_KIND], reason="replaced", at=at)
    draft.expires_on = expiry_of(today, draft.wished_end)
    draft.state, draft.active_from = AgreementState.ACTIVE, at
    draft.save(update_fields=["expires_on", "state", "active_from"])
    due = next_expiry_deadline(draft, owner.zone, at)
    arm_deadline(
        actor=actor, kind=due.kind, subject=due.subject, due_at=due.due_at, payload=due.payload, at=at
    )  # fmt: skip


def _end(version: AgreementVersion, state: AgreementState, reason: str, at: datetime) -> None:
    version.state, version.ended_at, version.end_reason = state, at, reason[:200]
    version.save(update_fields=["state", "ended_at", "end_reason"])


def _stored(drafted: Drafted) -> dict[str, Any]:
    terms = drafted.terms
    return {
        "night_class": terms.night_class.value, "until_time": terms.until_time,
        "working_day_only": terms.working_day_only, "page_from": terms.page_from, "page_to": terms.page_to,
        "consequence": terms.consequence, "shown_meanwhile": terms.shown_meanwhile,
        "tell": [[team, minutes] for team, minutes in terms.tell],
        "exceptions": [
            {"first": each.first.isoformat(), "last": each.last.isoformat(), "night_class": each.night_class.value}
            for each in terms.exceptions
        ],
        "columns": list(terms.columns),
    }  # fmt: skip
