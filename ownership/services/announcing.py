"""Telling everybody a change touches, once each, and taking their answers (spec ownership 13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from ownership import policies
from ownership.domain.impact import ANSWER_WITHIN, DEPTH, LONGEST_WAIT, NAMES_FIRST_ABOVE, half_time
from ownership.models import Announcement, AnnouncementAsset, AnnouncementRecipient
from ownership.queries.impact import impact_of
from ownership.queries.owners import current_owners
from ownership.queries.parties import parties_of, teams_led_by
from ownership.services.announcement_notices import ASKED, tell_author, tell_recipients, tell_reply
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadlines, cancel_deadlines
from portal.engine.services.notices import settle_notices

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import Asset, ChangePlan
    from ownership.queries.impact import Impact
    from portal.accounts.models import Person

TEXT_CHARACTERS = 4000
REMINDER_KIND = "ownership.announcement_due"
HALF_TIME, DUE, TAKES_EFFECT = 1, 2, 3
RESTATE = "restate"
State = AnnouncementRecipient.State


@dataclass(frozen=True)
class AnnouncementDraft:
    """What a person wants to tell; `names_seen` says that the author saw whom it goes to."""

    asset: Asset
    change: str
    text: str
    happens_at: datetime | None = None
    ack_due_at: datetime | None = None
    depth: int = DEPTH
    plan: ChangePlan | None = None
    names_seen: bool = False


@transaction.atomic
def announce_change(*, actor: Person, draft: AnnouncementDraft, at: datetime) -> Announcement:
    """Freeze whom the change touches, and send one notice to each person with all of theirs.

    An earlier announcement of the same change of this asset is superseded. Arms the reminder at half time and the end,
    and the instant from which restated figures are others.
    Raises `DomainError` naming the field, `NotAllowed`, or `Conflict` `ownership.names_first` above ten people.
    """
    held = {holder.party.key for holder in current_owners([draft.asset.pk])[draft.asset.pk].holders}
    require(policies.announcements.can_announce(actor, teams_led_by(actor, at), parties_of(actor, at), held))
    due_at = _checked(draft, at)
    impact = impact_of(draft.asset, draft.change, at, draft.depth)
    _names_first(draft, impact)
    row = Announcement.objects.create(
        asset=draft.asset, change=draft.change, text=draft.text.strip(), happens_at=draft.happens_at,
        depth=draft.depth, author=actor, plan=draft.plan, asked_at=at, ack_due_at=due_at,
    )  # fmt: skip
    _supersede(row, at)
    recipients = _freeze(row, impact, at)
    tell_recipients(row, recipients, ASKED, at)
    subject = subject_of(row)
    steps = [(HALF_TIME, half_time(at, due_at)), (DUE, due_at)]
    if row.change == RESTATE:
        steps.append((TAKES_EFFECT, draft.happens_at or at))
    arm_deadlines(drafts=[DeadlineDraft(REMINDER_KIND, subject, instant, step) for step, instant in steps], at=at)
    after = {"asset": draft.asset.slug, "change": draft.change, "people": len(recipients)}
    record_audit(actor=actor, verb="ownership.announced", subject=row, after=after, at=at)
    return row


@transaction.atomic
def answer_announcement(
    *, actor: Person, announcement: Announcement, objection: str, at: datetime
) -> AnnouncementRecipient:
    """Say "read", or object with a text; the last word counts. Locks the recipient's row.

    Raises `NotAllowed` for anybody who was not asked, `Conflict` when a newer announcement took its place.
    """
    row = _locked(announcement, actor)
    text = objection.strip()
    if len(text) > TEXT_CHARACTERS:
        raise DomainError("ownership.long_text", f"At most {TEXT_CHARACTERS:,} characters.", "objection")
    state = State.OBJECTED if text else State.ACKNOWLEDGED
    if row.state == state and row.objection == text:
        return row
    before = {"state": row.state}
    row.state, row.objection, row.answered_at = state, text, at
    row.reply, row.replied_by, row.replied_at = "", None, None
    row.save(update_fields=["state", "objection", "answered_at", "reply", "replied_by", "replied_at"])
    verb = "ownership.announcement_objected" if text else "ownership.announcement_read"
    record_audit(actor=actor, verb=verb, subject=announcement, before=before, after={"state": row.state}, at=at)
    settle_notices(actor=actor, subject=subject_of(row), reason="answered", at=at)
    if text:
        tell_author(announcement, row, at)
    return row


@transaction.atomic
def reply_to_objection(
    *, actor: Person, recipient: AnnouncementRecipient, text: str, at: datetime
) -> AnnouncementRecipient:
    """The author, or an admin, answers an objection; from then on it stands in nobody's way."""
    row = AnnouncementRecipient.objects.select_for_update().select_related("announcement").get(pk=recipient.pk)
    require(policies.announcements.can_reply(actor, row.announcement))
    if row.state != State.OBJECTED or row.replied_at is not None:
        raise Conflict("ownership.no_objection", "There is no open objection to answer.")
    if not text.strip() or len(text) > TEXT_CHARACTERS:
        raise DomainError("ownership.text_missing", f"Answer in 1 to {TEXT_CHARACTERS:,} characters.", "text")
    row.reply, row.replied_by, row.replied_at = text.strip(), actor, at
    row.save(update_fields=["reply", "replied_by", "replied_at"])
    after = {"person": row.person_id}
    record_audit(actor=actor, verb="ownership.objection_answered", subject=row.announcement, after=after, at=at)
    tell_reply(row, at)
    return row


def acknowledge_row(row: AnnouncementRecipient, *, actor: Person, at: datetime) -> None:
    """By inbox, mail link or API: the same as "read". Called under the row's lock; an answer given before stays."""
    if row.state != State.PENDING:
        return
    row.state, row.answered_at = State.ACKNOWLEDGED, at
    row.save(update_fields=["state", "answered_at"])
    after = {"state": row.state}
    record_audit(actor=actor, verb="ownership.announcement_read", subject=row.announcement, after=after, at=at)


def _checked(draft: AnnouncementDraft, at: datetime) -> datetime:
    if not draft.text.strip() or len(draft.text) > TEXT_CHARACTERS or "\x00" in draft.text:
        raise DomainError(
            "ownership.text_missing", f"Say what changes, in 1 to {TEXT_CHARACTERS:,} characters.", "text"
        )
    due_at = draft.ack_due_at or at + ANSWER_WITHIN
    if not at < due_at <= at + LONGEST_WAIT:
        message = "Answers are due within the next 90 days."
        raise DomainError("ownership.bad_due", message, "ack_due_at")
    if draft.happens_at is not None and draft.happens_at < at:
        raise DomainError("ownership.bad_start", "What is announced lies ahead.", "happens_at")
    return due_at


def _names_first(draft: AnnouncementDraft, impact: Impact) -> None:
    if len(impact.people) > NAMES_FIRST_ABOVE and not draft.names_seen:
        names = [each.person.name for each in impact.people]
        message = f"This goes to {len(names)} people. Look at their names first, then send it."
        raise Conflict("ownership.names_first", message, people=names)


def _freeze(row: Announcement, impact: Impact, at: datetime) -> list[AnnouncementRecipient]:
    """One row a person, the author's own answered by having written it."""
    recipients = AnnouncementRecipient.objects.bulk_create(
        AnnouncementRecipient(
            announcement=row,
            person=each.person,
            state=State.ACKNOWLEDGED if each.person.pk == row.author_id else State.PENDING,
            answered_at=at if each.person.pk == row.author_id else None,
        )
        for each in impact.people
    )
    by_person = {recipient.person_id: recipient for recipient in recipients}
    AnnouncementAsset.objects.bulk_create(
        AnnouncementAsset(
            announcement=row, asset_id=each.asset_id, distance=each.distance,
            recipient=by_person.get(each.person_id) if each.person_id is not None else None,
        )
        for each in impact.touched
    )  # fmt: skip
    return recipients


def _supersede(row: Announcement, at: datetime) -> None:
    """What was told before of the same change waits for nobody any more."""
    earlier = Announcement.objects.select_for_update().filter(
        asset_id=row.asset_id, change=row.change, superseded_by=None
    )
    for old in earlier.exclude(pk=row.pk).order_by("pk"):
        old.superseded_by = row
        old.version += 1
        old.save(update_fields=["superseded_by", "version"])
        cancel_deadlines(actor=None, subject=subject_of(old), reason="superseded", at=at)
        for recipient in AnnouncementRecipient.objects.filter(announcement=old, state=State.PENDING):
            settle_notices(actor=None, subject=subject_of(recipient), reason="superseded", at=at)
        AnnouncementRecipient.objects.filter(announcement=old, state=State.PENDING).update(state=State.SUPERSEDED)


def _locked(announcement: Announcement, actor: Person) -> AnnouncementRecipient:
    rows = AnnouncementRecipient.objects.select_for_update(of=("self",)).select_related("announcement")
    row = rows.filter(announcement=announcement, person=actor).first()
    require(policies.announcements.can_answer(row))
    assert row is not None  # noqa: S101 -- said by the policy
    if row.state == State.SUPERSEDED or announcement.superseded_by_id is not None:
        raise Conflict("ownership.superseded", "A newer announcement took its place. Answer that one.")
    return row
