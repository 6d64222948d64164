"""Retiring assets, leaving them without an owner on purpose, and mending the past (spec ownership 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from ownership import policies
from ownership.domain.states import PRIMARY, Duty, EndReason, Lifecycle, State
from ownership.models import Asset, Ownership
from ownership.queries.owners import current_owners
from ownership.queries.parties import local_day, teams_led_by
from ownership.services.ranges import close_rows, start_after
from ownership.services.telling import tell_lifecycle
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import date, datetime

    from portal.accounts.models import Person

LONGEST_UNOWNED = timedelta(days=180)
REASON_CHARACTERS = 500


@dataclass(frozen=True)
class Correction:
    """How a row of the past really was; `until` None means that it still holds."""

    since: datetime
    until: datetime | None
    reason: str


@transaction.atomic
def retire_asset(*, actor: Person, asset: Asset, reason: str, at: datetime) -> Asset:
    """It is gone: owners end, lists leave it out, its history stays. Locks the asset; repeating is refused."""
    locked = writable(actor, asset, at)
    if locked.retired_at is not None:
        raise Conflict("ownership.retired", "It is retired already.")
    return end_asset(actor=actor, asset=locked, reason=_reason(reason), at=at)


def end_asset(*, actor: Person | None, asset: Asset, reason: str, at: datetime) -> Asset:
    """What retiring means, for people and for the clock. The caller holds the asset."""
    rows = Ownership.objects.filter(asset=asset, state=State.ACCEPTED.value, valid__upper_inf=True)
    ids = list(rows.values_list("pk", flat=True))
    close_rows(ids, EndReason.RETIRED, start_after([row.valid.lower for row in rows], at))
    asked = Ownership.objects.filter(asset=asset, state=State.PROPOSED.value)
    asked.update(state=State.DECLINED.value, end_reason=EndReason.RETIRED.value)
    before = {"lifecycle": asset.lifecycle}
    asset.lifecycle, asset.retired_at = Lifecycle.RETIRED.value, at
    save_asset(asset, ["lifecycle", "retired_at"], at)
    after = {"lifecycle": asset.lifecycle, "owners_ended": len(ids)}
    record_audit(
        actor=actor, verb="ownership.asset_ended", subject=asset, before=before, after=after, reason=reason, at=at
    )
    tell_lifecycle(asset, actor, at)
    return asset


@transaction.atomic
def set_unowned(*, actor: Person, asset: Asset, until: date | None, reason: str, at: datetime) -> Asset:
    """Nobody owns it on purpose until a day at most 180 days ahead; `until` None takes that back.

    Raises `Conflict` while somebody is accountable, `DomainError` for a day in the past or too far away.
    """
    locked = writable(actor, asset, at)
    if until is not None:
        _check_unowned(actor, locked, until, at)
    text = _reason(reason) if until is not None else None
    before = {"until": str(locked.unowned_until or ""), "reason": locked.unowned_reason or ""}
    locked.unowned_until, locked.unowned_reason = until, text
    save_asset(locked, ["unowned_until", "unowned_reason"], at)
    after = {"until": str(until or ""), "reason": text or ""}
    record_audit(actor=actor, verb="ownership.unowned_set", subject=locked, before=before, after=after, at=at)
    return locked


@transaction.atomic
def correct_history(*, actor: Person, row: Ownership, correction: Correction, at: datetime) -> Ownership:
    """Mend when a row held, with a reason; admins only. Raises `Conflict` naming the row it would overlap."""
    require(policies.ownerships.can_correct(actor))
    Asset.objects.select_for_update().get(pk=row.asset_id)
    held = Ownership.objects.select_related("asset").get(pk=row.pk)
    text = _reason(correction.reason)
    _check_correction(held, correction, at)
    before = {"since": _iso(held.valid.lower), "until": _iso(held.valid.upper), "state": held.state}
    held.valid = (correction.since, correction.until)
    if correction.until is None:
        held.state, held.end_reason = State.ACCEPTED.value, ""
    elif held.state != State.ENDED:
        held.state, held.end_reason = State.ENDED.value, EndReason.CORRECTION.value
    try:
        with transaction.atomic():
            held.save(update_fields=["valid", "state", "end_reason"])
    except IntegrityError:
        raise Conflict("ownership.overlap", _overlap_words(held, correction), "since") from None
    after = {"since": correction.since.isoformat(), "until": _iso(correction.until), "state": held.state}
    record_audit(
        actor=actor, verb="ownership.history_corrected", subject=held.asset, before=before, after=after, reason=text,
        at=at,
    )  # fmt: skip
    held.refresh_from_db()
    return held


def _check_unowned(actor: Person, asset: Asset, until: date, at: datetime) -> None:
    today = local_day(actor, at)
    if not today < until <= today + LONGEST_UNOWNED:
        raise DomainError("ownership.bad_until", "Choose a day from tomorrow on, at most 180 days ahead.", "until")
    if current_owners([asset.pk])[asset.pk].primary is not None:
        raise Conflict("ownership.owned", "Somebody owns it. End that first.", "until")


def _check_correction(row: Ownership, correction: Correction, at: datetime) -> None:
    if row.state not in {State.ACCEPTED, State.ENDED}:
        raise Conflict("ownership.too_late", f"This was {row.state} and never held.", state=row.state)
    if correction.since > at or (correction.until is not None and correction.until > at):
        raise DomainError("ownership.future", "The past ends now; later instants cannot be corrected.", "since")
    if correction.until is not None and correction.until <= correction.since:
        raise DomainError("ownership.bad_range", "It would end before it starts.", "until")


def _overlap_words(row: Ownership, correction: Correction) -> str:
    others = Ownership.objects.filter(
        asset=row.asset_id, duty=row.duty, state__in=[State.ACCEPTED.value, State.ENDED.value],
        valid__overlap=(correction.since, correction.until),
    ).exclude(pk=row.pk)  # fmt: skip
    other = others.select_related("person", "team").first()
    name = (other.person or other.team) if other else "Another row"
    return f"{name} held it in some of this time."


def writable(actor: Person, asset: Asset, at: datetime) -> Asset:
    """The asset under its lock, for somebody who may change it. Raises `NotAllowed`."""
    locked = Asset.objects.select_for_update().get(pk=asset.pk)
    held = {holder.party.key for holder in current_owners([asset.pk])[asset.pk].holders}
    require(policies.assets.can_write(actor, teams_led_by(actor, at), held))
    return locked


def _reason(given: str) -> str:
    text = given.strip()
    if not text or len(text) > REASON_CHARACTERS or "\x00" in text:
        raise DomainError("ownership.reason_missing", "Say in a few words why.", "reason")
    return text


def save_asset(asset: Asset, fields: list[str], at: datetime) -> None:
    """These fields, with a new version. The caller holds the asset."""
    asset.version += 1
    asset.updated_at = at
    asset.save(update_fields=[*fields, "version", "updated_at"])


def _iso(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""


def is_primary(row: Ownership) -> bool:
    """Whether the row makes its party accountable."""
    return row.duty == Duty.TECHNICAL and row.rank == PRIMARY
