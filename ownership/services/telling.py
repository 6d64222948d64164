"""What others hear of a change of owner: an event for rooms above, a notice for the person asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.domain.states import DUTY_WORDS, PRIMARY, Duty
from portal.accounts.queries.teams import responsible_leads
from portal.engine.domain.drafts import NoticeDraft, Recipient, dedup_key
from portal.engine.domain.subjects import Subject, subject_of
from portal.engine.services.events import publish_event
from portal.engine.services.notices import raise_notice

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import Announcement, Asset, Ownership
    from portal.accounts.models import Person

PROPOSED = "ownership.proposed"
OWNER_CHANGED = "ownership.owner_changed"
GAP_OPENED, RESTATED = "ownership.gap_opened", "ownership.restated"
ASSET = "ownership.asset"


def tell_owner_changed(asset: Asset, duty: int, before: int | None, after: int | None, at: datetime) -> None:
    """Publish the change of a primary; parties are person ids, or minus team ids."""
    payload = {"asset": asset.pk, "duty": duty, "before": before, "after": after}
    publish_event(actor=None, topic=OWNER_CHANGED, subject=subject_of(asset), payload=payload, at=at)


def tell_gap_opened(asset_id: int, kind: str, actor: Any, at: datetime) -> None:
    """Publish that nobody takes care of something about an asset since now."""
    payload = {"asset": asset_id, "kind": kind}
    publish_event(actor=actor, topic=GAP_OPENED, subject=Subject(ASSET, asset_id), payload=payload, at=at)


def tell_restated(announcement: Announcement, actor: Any, at: datetime) -> None:
    """Publish that the figures of an asset are others now, as was announced, with the instant since when."""
    subject = Subject(ASSET, announcement.asset_id)
    since = announcement.happens_at or announcement.asked_at
    payload = {"asset": announcement.asset_id, "announcement": announcement.pk, "at": since.isoformat()}
    publish_event(actor=actor, topic=RESTATED, subject=subject, payload=payload, at=at)


def tell_lifecycle(asset: Asset, actor: Any, at: datetime) -> None:
    """Publish that an asset is deprecated or gone."""
    topic = {"deprecated": "ownership.asset_deprecated", "retired": "ownership.asset_retired"}.get(asset.lifecycle)
    if topic:
        publish_event(actor=actor, topic=topic, subject=subject_of(asset), payload={"asset": asset.pk}, at=at)


def tell_renamed(asset: Asset, before: str, actor: Any, at: datetime) -> None:
    """Publish the new address of an asset."""
    payload = {"asset": asset.pk, "before": before, "after": asset.slug}
    publish_event(actor=actor, topic="ownership.asset_renamed", subject=subject_of(asset), payload=payload, at=at)


def tell_proposed(row: Ownership, by: Person, at: datetime) -> None:
    """Ask the person, or the leads of the team, in the name of who sends it."""
    people = [row.person_id] if row.person_id is not None else []
    if row.team is not None:
        people = [lead.pk for lead in responsible_leads(row.team, at.date())]
    subject = subject_of(row.asset)
    for person_id in people:
        to = Recipient(person_id=person_id)
        raise_notice(actor=by, draft=_draft(row, by, subject, to), at=at)


def _draft(row: Ownership, by: Person, subject: Subject, to: Recipient) -> NoticeDraft:
    role = "primary" if row.duty == Duty.TECHNICAL and row.rank == PRIMARY else DUTY_WORDS[Duty(row.duty)]
    if row.duty == Duty.TECHNICAL and row.rank > PRIMARY:
        role = "backup"
    return NoticeDraft(
        kind=PROPOSED,
        dedup_key=dedup_key(f"{PROPOSED}.{row.pk}", subject, 0, to),
        subject=subject,
        to=to,
        severity="info",
        context={
            "asset": row.asset.name,
            "role": role,
            "by": by.name,
            "url": f"/assets/{row.asset.slug}",
        },
    )
