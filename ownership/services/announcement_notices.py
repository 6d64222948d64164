"""What people hear of announcements: asked once, reminded at half time and at the end; then the author hears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.domain.impact import CHANGE_WORDS, asset_words
from ownership.models import Announcement, AnnouncementAsset, AnnouncementRecipient
from ownership.services.telling import tell_restated
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import FireResult, NoticeDraft, Recipient, dedup_key
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline

ASKED = "ownership.announced"
REMINDED = "ownership.announcement_reminder"
SILENT = "ownership.announcement_silent"
OBJECTED = "ownership.announcement_objection"
REPLIED = "ownership.objection_reply"
State = AnnouncementRecipient.State
DUE_STEP, EFFECT_STEP = 2, 3
NAMES_TOLD = 10


def tell_recipients(row: Announcement, recipients: Iterable[AnnouncementRecipient], kind: str, at: datetime) -> None:
    """One acknowledgeable notice a person who has not answered, naming all their assets."""
    raise_notices(planned=[Planned(draft) for draft in _drafts(row, recipients, kind, 0)], at=at)


def tell_author(row: Announcement, recipient: AnnouncementRecipient, at: datetime) -> None:
    """Somebody objects."""
    to = Recipient(person_id=row.author_id)
    stamp = int(at.timestamp())
    draft = NoticeDraft(
        OBJECTED, f"{OBJECTED}:{recipient.pk}:{stamp}:{to.key}", subject_of(row), to, "warn",
        _context(row) | {"by": recipient.person.name, "text": recipient.objection[:500]},
    )  # fmt: skip
    raise_notices(planned=[Planned(draft)], at=at)


def tell_reply(recipient: AnnouncementRecipient, at: datetime) -> None:
    """The author answered an objection."""
    row, to = recipient.announcement, Recipient(person_id=recipient.person_id)
    draft = NoticeDraft(
        REPLIED, f"{REPLIED}:{recipient.pk}:{int(at.timestamp())}:{to.key}", subject_of(row), to, "info",
        _context(row) | {"by": row.author.name, "text": recipient.reply[:500]},
    )  # fmt: skip
    raise_notices(planned=[Planned(draft)], at=at)


def fire_reminders(*, deadlines: Sequence[DueDeadline], at: datetime) -> dict[int, FireResult]:
    """Half time and end: remind the silent; at the end the author hears who they are. Set-based, in the engine.

    When restated figures take effect, other rooms hear of it.
    """
    ids = [deadline.subject.id for deadline in deadlines]
    free = Announcement.objects.select_for_update(of=("self",), skip_locked=True).select_related("asset", "author")
    rows = free.in_bulk(ids)
    silent: dict[int, list[AnnouncementRecipient]] = {pk: [] for pk in rows}
    waiting = AnnouncementRecipient.objects.filter(announcement__in=rows, state=State.PENDING).select_related("person")
    for recipient in waiting.order_by("pk"):
        silent[recipient.announcement_id].append(recipient)
    return {
        deadline.id: _takes_effect(rows[deadline.subject.id], at)
        if deadline.step == EFFECT_STEP
        else _result(rows[deadline.subject.id], silent[deadline.subject.id], deadline.step)
        for deadline in deadlines
        if deadline.subject.id in rows
    }


def _takes_effect(row: Announcement, at: datetime) -> FireResult:
    if row.superseded_by_id is not None:
        return FireResult("nothing", "a newer announcement took its place")
    tell_restated(row, row.author, at)
    return FireResult("done", "restated")


def _result(row: Announcement, silent: list[AnnouncementRecipient], step: int) -> FireResult:
    if not silent or row.superseded_by_id is not None:
        return FireResult("nothing", "everybody has answered")
    notices = _drafts(row, silent, REMINDED, step)
    if step == DUE_STEP:
        to = Recipient(person_id=row.author_id)
        names = [recipient.person.name for recipient in silent]
        context = _context(row) | {"names": asset_words(names, NAMES_TOLD), "count": str(len(names))}
        key = dedup_key(SILENT, subject_of(row), step, to)
        notices.append(NoticeDraft(SILENT, key, subject_of(row), to, "info", context))
    return FireResult("done", f"{len(silent)} silent", notices=tuple(notices))


def _drafts(row: Announcement, recipients: Iterable[AnnouncementRecipient], kind: str, step: int) -> list[NoticeDraft]:
    waiting = [recipient for recipient in recipients if recipient.state == State.PENDING]
    names = _names([recipient.pk for recipient in waiting])
    drafts = []
    for recipient in waiting:
        subject, to = subject_of(recipient), Recipient(person_id=recipient.person_id)
        context = _context(row) | {"by": row.author.name, "mine": asset_words(names.get(recipient.pk, []))}
        drafts.append(NoticeDraft(kind, dedup_key(kind, subject, step, to), subject, to, "info", context))
    return drafts


def _names(recipient_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = AnnouncementAsset.objects.filter(recipient__in=recipient_ids).order_by("distance", "asset__name")
    for recipient_id, name in rows.values_list("recipient_id", "asset__name"):
        found.setdefault(recipient_id, []).append(name)
    return found


def _context(row: Announcement) -> dict[str, str]:
    return {"asset": row.asset.name, "change": CHANGE_WORDS[row.change], "url": f"/announcements/{row.pk}"}
