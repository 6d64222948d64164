"""Guessed owners: one answer to many, sending one to its party, dropping one, taking the last answer back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from ownership import policies
from ownership.domain.states import PRIMARY, Origin, State
from ownership.models import Asset, Ownership
from ownership.queries.parties import teams_led_by
from ownership.queries.proposals import ANSWERS, last_answer, proposals
from ownership.services.owning import accept_ownership, turn_down
from ownership.services.ranges import reopen_rows
from ownership.services.telling import tell_owner_changed, tell_proposed
from portal.core.errors import Conflict, DomainError
from portal.core.models import AuditEntry
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from portal.accounts.models import Person

MOST_AT_ONCE = 200
ACCEPTED = ANSWERS[0]


@transaction.atomic
def accept_proposals(*, actor: Person, ids: Collection[int], at: datetime) -> list[Ownership]:
    """Say yes to all of these or to none; each is accepted as if it were alone.

    Raises `DomainError` for none or more than 200, `Conflict` when one is answered already, and what
    `accept_ownership` raises, with the name of the asset.
    """
    wanted = sorted(set(ids))
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise DomainError("ownership.limit_proposals", f"Choose 1 to {MOST_AT_ONCE} proposals.", "chosen")
    rows = list(proposals(actor).filter(pk__in=wanted).order_by("asset_id", "pk"))
    if len(rows) < len(wanted):
        raise Conflict("ownership.already_answered", "Some of these are answered already. Load the page again.")
    return [_accept(actor, row, at) for row in rows]


@transaction.atomic
def send_proposal(*, actor: Person, row: Ownership, at: datetime) -> Ownership:
    """Ask the party itself, once: a guess about somebody else is theirs to answer. Locks the asset.

    Raises `Conflict` for a proposal that was sent, or answered, before.
    """
    locked = _guess(actor, row, at)
    if locked.asked_at is not None:
        raise Conflict("ownership.already_asked", "They have been asked already and have not answered.")
    locked.asked_at = at
    locked.save(update_fields=["asked_at"])
    record_audit(
        actor=actor, verb="ownership.proposal_sent", subject=locked.asset, after={"party": locked.party_key}, at=at
    )
    tell_proposed(locked, actor, at)
    return locked


@transaction.atomic
def drop_proposal(*, actor: Person, row: Ownership, reason: str, at: datetime) -> Ownership:
    """A lead sees that a file guessed wrong, before anybody was asked; the same guess does not come back."""
    return turn_down(actor=actor, row=_guess(actor, row, at), reason=reason, at=at)


@transaction.atomic
def undo_answer(*, actor: Person, at: datetime) -> list[Ownership]:
    """Take back this person's last answer to proposals, all of it where it was one answer to many; within an hour.

    Locks the assets in id order. Raises `Conflict` where there is none, or where an owner has changed since.
    """
    last = last_answer(actor, at)
    if last is None:
        raise Conflict("ownership.nothing_to_undo", "There is no answer of yours within the last hour.")
    same = AuditEntry.objects.filter(actor=actor, verb=last.verb, at=last.at, undone_by=None, after__has_key="row")
    entries = {int(entry.after["row"]): entry for entry in same}
    asset_ids = Ownership.objects.filter(pk__in=entries).values("asset_id")
    list(Asset.objects.select_for_update().filter(pk__in=asset_ids).order_by("pk"))
    rows = list(Ownership.objects.select_related("asset").filter(pk__in=entries).order_by("pk"))
    for row in rows:
        _take_back(actor, row, entries[row.pk], at)
    return rows


def _accept(actor: Person, row: Ownership, at: datetime) -> Ownership:
    try:
        return accept_ownership(actor=actor, row=row, at=at)
    except Conflict as refusal:
        raise Conflict(refusal.code, f"{row.asset.name}: {refusal.message}", "chosen", **refusal.extra) from None


def _guess(actor: Person, row: Ownership, at: datetime) -> Ownership:
    """The row under the lock of its asset, if it is a guess of a file that waits still."""
    require(policies.ownerships.can_send(actor, teams_led_by(actor, at)))
    Asset.objects.select_for_update().get(pk=row.asset_id)
    locked = Ownership.objects.select_related("asset", "person", "team").get(pk=row.pk)
    if locked.state != State.PROPOSED or locked.origin != Origin.IMPORT:
        raise Conflict("ownership.already_answered", "Some of these are answered already. Load the page again.")
    return locked


def _take_back(actor: Person, row: Ownership, entry: AuditEntry, at: datetime) -> None:
    was_accepted = entry.verb == ACCEPTED
    if was_accepted and (row.state != State.ACCEPTED or row.valid.upper is not None or row.confirmed_at != entry.at):
        raise Conflict("ownership.moved_on", f"{row.asset.name}: its owner has changed since.")
    if not was_accepted and row.state != State.DECLINED:
        raise Conflict("ownership.moved_on", f"{row.asset.name}: it has another answer since.")
    row.state, row.valid, row.confirmed_at = State.PROPOSED.value, None, None
    row.save(update_fields=["state", "valid", "confirmed_at"])
    reopen_rows(entry.after.get("ended", []))
    record_audit(actor=actor, verb="ownership.answer_undone", subject=row.asset, undoes=entry, at=at)
    if was_accepted and row.rank == PRIMARY:
        tell_owner_changed(row.asset, row.duty, row.party_key, _holder(row), at)


def _holder(row: Ownership) -> int | None:
    held = Ownership.objects.filter(
        asset=row.asset, duty=row.duty, rank=PRIMARY, state=State.ACCEPTED.value, valid__upper_inf=True
    )
    return held.values_list("party_key", flat=True).first()
