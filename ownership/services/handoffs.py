"""Handing assets over: drafted, offered, decided item by item, withdrawn (spec ownership 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership import policies
from ownership.domain import handoffs as domain
from ownership.domain.crossing_states import OPEN
from ownership.domain.states import State
from ownership.models import Asset, Crossing, Handoff, HandoffCheck, HandoffItem, Ownership
from ownership.queries.handoffs import TYPE, WAIT, answer_instants, lead_teams, party_key, recipients, speakers
from ownership.queries.parties import teams_led_by
from ownership.services.crossing_acts import move_crossing
from ownership.services.handoff_telling import tell_closed, tell_offered
from ownership.services.talks import mark_handover
from ownership.services.transfers import held_rows, shadow, transfer
from portal.core.errors import Conflict, DomainError
from portal.core.policies import refused, require
from portal.core.registries import contributions
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import arm_deadline, arm_deadlines, cancel_deadlines

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from portal.accounts.models import Person, Team

EFFECT = "ownership.handoff_effect"
TEXT = {"reason": 500, "note": 2000}


@dataclass(frozen=True)
class HandoffDraft:
    """Who gives what to whom: one party each side, explicit asset ids, when it takes effect."""

    giver: Person | Team
    taker: Person | Team
    asset_ids: Sequence[int]
    effective_at: datetime
    shadow_days: int = 0
    reason: str = ""
    note: str = ""
    crossing_ids: Sequence[int] = ()


@transaction.atomic
def draft_handoff(*, actor: Person, draft: HandoffDraft, at: datetime) -> Handoff:
    """Write down a handover with its items and its checklist; nobody hears of it yet.

    Every asset must be held by the giver and be in no other open offer. Raises `DomainError` naming the first that is
    not, `Conflict` for one that is offered already.
    """
    giver, taker = _sides(draft.giver, "from"), _sides(draft.taker, "to")
    leads = [lead.pk for lead in speakers(giver["from_person"], giver["from_team"], at)]
    party, domains = party_key(giver["from_person"], giver["from_team"]), lead_teams(draft.asset_ids)
    require(policies.handoffs.can_offer(actor, party, leads, domains, teams_led_by(actor, at)))
    _check(draft, at)
    rows = _held(draft, party)
    handoff = Handoff.objects.create(
        **giver, **taker, reason=draft.reason.strip(), note=draft.note.strip(), effective_at=draft.effective_at,
        shadow_days=draft.shadow_days, created_by=actor, created_at=at,
    )  # fmt: skip
    HandoffItem.objects.bulk_create(
        [HandoffItem(handoff=handoff, asset_id=row.asset_id, duty=row.duty, rank=row.rank) for row in rows]
    )
    _write_checks(handoff, draft, at)
    Crossing.objects.filter(pk__in=draft.crossing_ids, asset_id__in=draft.asset_ids).update(handoff=handoff)
    record_audit(
        actor=actor, verb="ownership.handoff_drafted", subject=handoff, after={"assets": len(rows)}, at=at
    )  # fmt: skip
    return handoff


@transaction.atomic
def offer_handoff(*, actor: Person, handoff: Handoff, at: datetime) -> Handoff:
    """Ask the recipient; reminded after 2, both leads told after 5, over after 10 of the recipient's working days."""
    row = _locked(handoff)
    _require_giver(row, actor, at)
    _must_be(row, domain.DRAFT)
    row.state, row.offered_at, row.version = domain.OFFERED, at, row.version + 1
    row.save(update_fields=["state", "offered_at", "version"])
    subject = Subject(TYPE, row.pk)
    instants = answer_instants(row, at).items()
    arm_deadlines(drafts=[DeadlineDraft(WAIT, subject, due_at, step=step) for step, due_at in instants], at=at)
    if row.effective_at > at:
        arm_deadline(actor=actor, kind=EFFECT, subject=subject, due_at=row.effective_at, at=at)
    mark_handover(actor=actor, crossings=list(row.crossings.all()), handoff_id=row.pk, at=at)
    record_audit(actor=actor, verb="ownership.handoff_offered", subject=row, at=at)
    tell_offered(row, recipients(row, at), at)
    return row


@transaction.atomic
def decide_items(
    *, actor: Person, handoff: Handoff, accept: Collection[int], decline: Mapping[int, str], at: datetime
) -> Handoff:
    """The recipient says yes or no to items, in one transaction; a no says why.

    Locks the handoff, so that of two who decide the same item one wins and the other gets `Conflict`. The old owner
    answers until an item is accepted and its day has come.
    """
    row = _locked(handoff)
    to = party_key(row.to_person, row.to_team)
    require(policies.handoffs.can_decide(actor, to, [person.pk for person in speakers(None, row.to_team, at)]))
    _must_be(row, domain.OFFERED)
    items = _waiting(row, {*accept, *decline})
    taken = [item for item in items if item.pk in accept]
    _decide(row, items, accept, decline, actor, at)
    if row.effective_at <= at:
        take_effect(actor=actor, handoff=row, at=at)
    elif row.shadow_days and taken:
        shadow(actor=actor, handoff=row, items=taken, at=at)
    after = {"accepted": len(taken), "declined": len(items) - len(taken)}
    record_audit(actor=actor, verb="ownership.handoff_decided", subject=row, after=after, at=at)
    _close_if_decided(row, actor, at)
    return row


@transaction.atomic
def complete_check(*, actor: Person, check: HandoffCheck, state: str, note: str, at: datetime) -> HandoffCheck:
    """Tick a line off, or waive it as a lead of the recipient; with the last one a handover that is due begins."""
    row = _locked(check.handoff)
    fresh = HandoffCheck.objects.select_for_update().get(pk=check.pk)
    _require_either(row, actor, at)
    if state not in {"done", "waived"}:
        raise DomainError("ownership.unknown_check_state", "A check is done or waived.", "state")
    leads = speakers(row.to_person, row.to_team, at)
    if state == "waived" and not (actor.is_admin or actor in leads):
        require(refused("ownership.not_lead", "Only a lead of the recipient waives a check."))
    if row.state not in {domain.DRAFT, domain.OFFERED, domain.CLOSED}:
        raise Conflict("ownership.handoff_over", "This handover is over.", state=row.state)
    fresh.state, fresh.by, fresh.at, fresh.note = state, actor, at, note.strip()[:500]
    fresh.save(update_fields=["state", "by", "at", "note"])
    record_audit(actor=actor, verb="ownership.handoff_checked", subject=row, after={fresh.code: state}, at=at)
    if row.offered_at is not None and row.effective_at <= at:
        take_effect(actor=actor, handoff=row, at=at)
    return fresh


@transaction.atomic
def withdraw_handoff(*, actor: Person, handoff: Handoff, at: datetime) -> Handoff:
    """Take back what is not decided and what has not begun; what is in force stays. Locks the handoff."""
    row = _locked(handoff)
    _require_giver(row, actor, at)
    if row.state not in {domain.DRAFT, domain.OFFERED, domain.CLOSED} or not _unfinished(row).exists():
        raise Conflict("ownership.handoff_over", "This handover is over.", state=row.state)
    end_unfinished(handoff=row, state=domain.WITHDRAWN, actor=actor, at=at)
    record_audit(actor=actor, verb="ownership.handoff_withdrawn", subject=row, at=at)
    return row


def end_unfinished(*, handoff: Handoff, state: str, actor: Person | None, at: datetime) -> int:
    """Items that wait, or were accepted but have not begun, end in `state`; the old owner stays accountable."""
    count: int = _unfinished(handoff).update(state=state, decided_at=at)
    if state == domain.WITHDRAWN or handoff.state == domain.OFFERED:
        handoff.state, handoff.closed_at, handoff.version = state, at, handoff.version + 1
        handoff.save(update_fields=["state", "closed_at", "version"])
    cancel_deadlines(actor=actor, subject=Subject(TYPE, handoff.pk), reason=state, at=at)
    for crossing in Crossing.objects.select_for_update().filter(handoff=handoff, state="handover"):
        move_crossing(actor=actor, crossing=crossing, state=OPEN, note="", at=at)
    return count


def move_by_a_day(*, handoff: Handoff) -> None:
    """A required check is open: it begins a day later. The caller holds the handoff."""
    handoff.effective_at += domain.ONE_DAY
    handoff.moved_days += 1
    handoff.save(update_fields=["effective_at", "moved_days"])


def take_effect(*, actor: Person | None, handoff: Handoff, at: datetime) -> int:
    """Every accepted item that has not begun begins, unless a required check is open; returns how many."""
    if handoff.checks.filter(is_required=True, state="open").exists():
        return 0
    items = list(handoff.items.filter(state=domain.ACCEPTED, in_force_at=None).order_by("asset_id"))
    return transfer(actor=actor, handoff=handoff, items=items, since=max(handoff.effective_at, _asked(handoff)), at=at)


def _asked(handoff: Handoff) -> datetime:
    """No owner changes before somebody said yes."""
    decided = handoff.items.filter(state=domain.ACCEPTED).order_by("-decided_at").values_list("decided_at", flat=True)
    return decided.first() or handoff.effective_at


def _unfinished(handoff: Handoff) -> Any:
    return handoff.items.filter(state__in=[domain.OFFERED, domain.ACCEPTED], in_force_at=None)


def _decide(
    row: Handoff, items: Sequence[HandoffItem], accept: Collection[int], decline: Mapping[int, str], actor: Person,
    at: datetime,
) -> None:  # fmt: skip
    gone = set(accept) - set(held_rows([item for item in items if item.pk in accept], _giver_key(row)))
    if gone:
        raise Conflict("ownership.moved_on", "Somebody else owns one of these meanwhile.", items=sorted(gone)[:20])
    for item in items:
        reason = decline.get(item.pk, "").strip()
        if item.pk in decline and not reason:
            raise DomainError("ownership.reason_missing", "Say why you cannot take it.", "reason")
        item.state = domain.DECLINED if item.pk in decline else domain.ACCEPTED
        item.decided_by, item.decided_at, item.reason = actor, at, reason[:500]
    HandoffItem.objects.bulk_update(items, ["state", "decided_by", "decided_at", "reason"], batch_size=1000)


def _close_if_decided(row: Handoff, actor: Person, at: datetime) -> None:
    if domain.state_after(row.items.values_list("state", flat=True)) == domain.CLOSED:
        row.state, row.closed_at, row.version = domain.CLOSED, at, row.version + 1
        row.save(update_fields=["state", "closed_at", "version"])
        cancel_deadlines(actor=actor, subject=Subject(TYPE, row.pk), kinds=[WAIT], reason="decided", at=at)
        tell_closed(row, at)


def _waiting(row: Handoff, ids: Collection[int]) -> list[HandoffItem]:
    """The items to decide; one that somebody decided first is a conflict."""
    if not ids:
        raise DomainError("ownership.nothing_chosen", "Choose at least one.", "accept")
    items = list(row.items.filter(pk__in=ids).order_by("pk"))
    if len(items) != len(set(ids)):
        raise DomainError("ownership.unknown_item", "One of these is not part of this handover.", "accept")
    decided = [item.pk for item in items if item.state != domain.OFFERED]
    if decided:
        raise Conflict("ownership.item_decided", "Somebody decided this first.", items=decided[:20])
    return items


def _held(draft: HandoffDraft, giver: int) -> list[Ownership]:
    """The giver's highest row of each asset."""
    rows = Ownership.objects.filter(
        asset_id__in=draft.asset_ids, party_key=giver, state=State.ACCEPTED.value, valid__upper_inf=True
    )
    best: dict[tuple[int, int], Ownership] = {(row.asset_id, row.duty): row for row in rows.order_by("-rank")}
    missing = set(draft.asset_ids) - {asset for asset, _ in best}
    if missing:
        name = Asset.objects.filter(pk__in=missing).order_by("pk").values_list("name", flat=True).first()
        raise DomainError("ownership.not_held", f"{name or 'One of these'} is not with the giver.", "assets")
    offered = HandoffItem.objects.filter(asset_id__in=draft.asset_ids, state=domain.OFFERED).select_related("asset")
    if (clash := offered.first()) is not None:
        raise Conflict("ownership.offered_already", f"{clash.asset.name} is in an open handover.", "assets")
    return sorted(best.values(), key=lambda row: (row.asset_id, row.duty))


def _write_checks(handoff: Handoff, draft: HandoffDraft, at: datetime) -> None:
    """The lines of the kinds, and what rooms above add (`handoff.checks`)."""
    kinds = set(Asset.objects.filter(pk__in=draft.asset_ids).values_list("kind", flat=True))
    lines = [*domain.checklist(kinds)]
    for provide in contributions("handoff.checks"):
        lines += provide(draft.asset_ids, draft.taker, at)
    HandoffCheck.objects.bulk_create(
        [
            HandoffCheck(handoff=handoff, code=line.code, label=line.label, is_required=line.is_required)
            for line in {line.code: line for line in lines}.values()
        ]
    )


def _check(draft: HandoffDraft, at: datetime) -> None:
    if not 1 <= len(draft.asset_ids) <= domain.MOST_ITEMS:
        raise DomainError("ownership.bad_items", f"1 to {domain.MOST_ITEMS:,} assets.", "assets")
    if not 0 <= draft.shadow_days <= domain.MOST_SHADOW_DAYS:
        raise DomainError("ownership.bad_shadow", f"0 to {domain.MOST_SHADOW_DAYS} shadow days.", "shadow_days")
    if draft.giver == draft.taker:
        raise DomainError("ownership.same_party", "Giver and recipient are the same.", "to")
    if not getattr(draft.taker, "is_active", getattr(draft.taker, "archived_at", None) is None):
        raise DomainError("ownership.inactive_party", f"{draft.taker.name} has no active account.", "to")
    for name, most in TEXT.items():
        if len(getattr(draft, name)) > most or "\x00" in getattr(draft, name):
            raise DomainError("ownership.long_note", f"At most {most} characters of plain text.", name)
    if not -domain.ONE_DAY < draft.effective_at - at <= domain.FARTHEST:
        message = "It begins today at the earliest, and within a year."
        raise DomainError("ownership.bad_day", message, "effective_at")


def _sides(party: Person | Team, side: str) -> dict[str, Any]:
    is_person = party._meta.model_name == "person"  # noqa: SLF001 (Django's public name for model facts)
    return {f"{side}_person": party if is_person else None, f"{side}_team": None if is_person else party}


def _giver_key(row: Handoff) -> int:
    return party_key(row.from_person, row.from_team)


def _locked(handoff: Handoff) -> Handoff:
    related = ("from_person", "from_team", "to_person", "to_team")
    return Handoff.objects.select_for_update(of=("self",)).select_related(*related).get(pk=handoff.pk)


def _require_giver(row: Handoff, actor: Person, at: datetime) -> None:
    leads = [lead.pk for lead in speakers(row.from_person, row.from_team, at)]
    require(policies.handoffs.can_offer(actor, _giver_key(row), [*leads, row.created_by_id]))


def _require_either(row: Handoff, actor: Person, at: datetime) -> None:
    """Both sides tick lines off."""
    to = [*recipients(row, at), *speakers(row.to_person, row.to_team, at)]
    if actor.pk not in {person.pk for person in to}:
        _require_giver(row, actor, at)


def _must_be(row: Handoff, state: str) -> None:
    if row.state != state:
        raise Conflict("ownership.handoff_over", f"This handover is {row.state}.", state=row.state)
