"""Proposing, accepting, declining and ending ownership (spec ownership 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership import policies
from ownership.domain.states import DUTY_WORDS, LAST_RANK, PRIMARY, Duty, EndReason, Origin, Outcome, State, may_follow
from ownership.models import Asset, Claim, Ownership
from ownership.queries.owners import current_owners
from ownership.queries.parties import teams_led_by
from ownership.services.ranges import close_rows, start_after
from ownership.services.telling import tell_owner_changed, tell_proposed
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person, Team

NOTE_CHARACTERS = 500


@dataclass(frozen=True)
class Nomination:
    """Who should hold the asset: one person or one team; `rank` 1 is the primary.

    With `takes_over` a yes ends whoever holds the rank at the same instant: only for callers that may end that row.
    """

    person: Person | None = None
    team: Team | None = None
    duty: int = Duty.TECHNICAL.value
    rank: int = PRIMARY
    note: str = ""
    takes_over: bool = False


@transaction.atomic
def propose_owner(*, actor: Person, asset: Asset, nomination: Nomination, at: datetime) -> Ownership:
    """Ask a party to hold the asset; naming oneself, or a team one leads, is the answer already.

    Locks the asset. Raises `NotAllowed` for an auditor, `Conflict` when the party was asked before or, for an own
    claim, when the rank is held.
    """
    locked = Asset.objects.select_for_update().get(pk=asset.pk)
    require(policies.ownerships.can_propose(actor))
    _check(nomination, locked)
    led = teams_led_by(actor, at)
    row = Ownership(
        asset=locked,
        person=nomination.person,
        team=nomination.team,
        duty=nomination.duty,
        rank=nomination.rank,
        state=State.PROPOSED.value,
        origin=(Origin.HANDOFF if nomination.takes_over else Origin.PORTAL).value,
        note=nomination.note,
        recorded_at=at,
        recorded_by=actor,
    )
    if _already_asked(row):
        raise Conflict("ownership.already_asked", "They have been asked already and have not answered.")
    if policies.ownerships.can_speak_for(actor, row.person_id, row.team_id, led):
        return _accept(row, actor, "ownership.claimed", at)
    row.save()
    record_audit(actor=actor, verb="ownership.proposed", subject=locked, after=_facts(row), at=at)
    tell_proposed(row, actor, at)
    return row


@transaction.atomic
def accept_ownership(*, actor: Person, row: Ownership, at: datetime) -> Ownership:
    """Say yes to a proposal, or confirm what a file declared. Locks the asset; raises `Conflict` if too late."""
    row = _locked(row)
    require(policies.ownerships.can_answer(actor, row, teams_led_by(actor, at)))
    if row.state == State.ACCEPTED and row.valid.upper is None:
        return _confirm(row, actor, at)
    _must_follow(row, State.ACCEPTED)
    return _accept(row, actor, "ownership.accepted", at)


@transaction.atomic
def decline_ownership(*, actor: Person, row: Ownership, reason: str, at: datetime) -> Ownership:
    """Say no: a proposal is declined; a row that a file declared ends, and its claim is muted for good."""
    row = _locked(row)
    require(policies.ownerships.can_answer(actor, row, teams_led_by(actor, at)))
    if row.state == State.ACCEPTED and row.origin == Origin.IMPORT:
        Claim.objects.filter(pk=row.claim_id or 0).update(outcome=Outcome.MUTED.value)
        return _end(row, actor, EndReason.DECLINED_REVIEW, reason, at)
    _must_follow(row, State.DECLINED)
    return turn_down(actor=actor, row=row, reason=reason, at=at)


def turn_down(*, actor: Person, row: Ownership, reason: str, at: datetime) -> Ownership:
    """The write of a no, inside the transaction and after the policy of the caller."""
    row.state = State.DECLINED.value
    row.end_reason = ""
    row.save(update_fields=["state", "end_reason"])
    after = {"row": row.pk}
    record_audit(
        actor=actor, verb="ownership.declined", subject=row.asset, before=_facts(row), after=after, reason=reason, at=at
    )
    return row


@transaction.atomic
def end_ownership(*, actor: Person, row: Ownership, reason: str, at: datetime) -> Ownership:
    """End an accepted row now, with a reason in words. Locks the asset."""
    row = _locked(row)
    require(policies.ownerships.can_end(actor, row, teams_led_by(actor, at)))
    if not reason.strip():
        raise DomainError("ownership.reason_missing", "Say in a few words why.", "reason")
    _must_follow(row, State.ENDED)
    return _end(row, actor, EndReason.CORRECTION, reason, at)


def _accept(row: Ownership, actor: Person, verb: str, at: datetime) -> Ownership:
    """Start the row; what a file declared on the same rank or for the same party gives way."""
    held = current_owners([row.asset_id])[row.asset_id]
    before = held.primary
    in_the_way = [holder for holder in held.holders if holder.duty == row.duty and _collides(holder, row)]
    for holder in in_the_way:
        if holder.origin != Origin.IMPORT and row.origin != Origin.HANDOFF:
            raise Conflict(
                "ownership.rank_taken",
                f"{holder.party.name} is {holder.role} already. Claim another rank, or ask for a handover.",
                "rank",
                overlapping={"id": holder.id, "party": holder.party.name, "rank": holder.rank},
            )
    start = start_after([holder.since for holder in in_the_way], at)
    why = EndReason.HANDOFF if row.origin == Origin.HANDOFF else EndReason.CORRECTION
    close_rows([holder.id for holder in in_the_way], why, start)
    row.state, row.valid, row.confirmed_at = State.ACCEPTED.value, (start, None), at
    row.save()
    ended = [holder.id for holder in in_the_way]
    record_audit(actor=actor, verb=verb, subject=row.asset, after=_facts(row) | {"row": row.pk, "ended": ended}, at=at)
    if row.rank == PRIMARY:
        tell_owner_changed(row.asset, row.duty, before.party.key if before else None, _party_key(row), at)
    return row


def _confirm(row: Ownership, actor: Person, at: datetime) -> Ownership:
    row.confirmed_at, row.acting = at, False
    row.save(update_fields=["confirmed_at", "acting"])
    record_audit(actor=actor, verb="ownership.confirmed", subject=row.asset, after=_facts(row), at=at)
    return row


def _end(row: Ownership, actor: Person, code: EndReason, reason: str, at: datetime) -> Ownership:
    close_rows([row.pk], code, start_after([row.valid.lower], at))
    record_audit(actor=actor, verb="ownership.ended", subject=row.asset, before=_facts(row), reason=reason, at=at)
    if row.rank == PRIMARY:
        tell_owner_changed(row.asset, row.duty, _party_key(row), None, at)
    row.refresh_from_db()
    return row


def _locked(row: Ownership) -> Ownership:
    """The row as it is now, under the lock of its asset."""
    Asset.objects.select_for_update().get(pk=row.asset_id)
    return Ownership.objects.select_related("asset").get(pk=row.pk)


def _must_follow(row: Ownership, state: State) -> None:
    if not may_follow(State(row.state), state):
        raise Conflict("ownership.too_late", f"This was {row.state} before.", state=row.state)


def _check(nomination: Nomination, asset: Asset) -> None:
    if (nomination.person is None) == (nomination.team is None):
        raise DomainError("ownership.one_party", "Name one person or one team.", "party")
    if nomination.duty not in DUTY_WORDS:
        raise DomainError("ownership.unknown_duty", "The duty is technical, business or steward.", "duty")
    if not PRIMARY <= nomination.rank <= LAST_RANK:
        raise DomainError("ownership.bad_rank", f"The rank is 1 (primary) to {LAST_RANK}.", "rank")
    if len(nomination.note) > NOTE_CHARACTERS:
        raise DomainError("ownership.long_note", f"At most {NOTE_CHARACTERS} characters.", "note")
    if nomination.person is not None and not nomination.person.is_active:
        raise DomainError("ownership.inactive_party", f"{nomination.person.name} has no active account.", "party")
    if asset.retired_at is not None:
        raise Conflict("ownership.retired", "A retired asset needs no owner.")


def _already_asked(row: Ownership) -> bool:
    return Ownership.objects.filter(
        asset=row.asset, person=row.person, team=row.team, duty=row.duty, state=State.PROPOSED.value
    ).exists()


def _collides(holder: Any, row: Ownership) -> bool:
    return bool(holder.rank == row.rank or holder.party.key == _party_key(row))


def _party_key(row: Ownership) -> int:
    return row.person_id if row.person_id is not None else -(row.team_id or 0)


def _facts(row: Ownership) -> dict[str, Any]:
    return {"person": row.person_id, "team": row.team_id, "duty": row.duty, "rank": row.rank}
