"""Reading announcements: the list, one with everybody it went to, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import AnnouncementAsset, AnnouncementRecipient, Ownership
from ownership.policies import announcements as policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from ownership.models import Announcement, Asset
    from portal.accounts.models import Person

PENDING = AnnouncementRecipient.State.PENDING.value
STATES = [state.value for state in AnnouncementRecipient.State]


@dataclass(frozen=True)
class Told:
    """A recipient with the assets they were told about; `backups` stand in where they are silent."""

    row: AnnouncementRecipient
    assets: tuple[Asset, ...]
    backups: tuple[str, ...] = ()


def listed_announcements(viewer: Any) -> QuerySet[Announcement]:
    """All, with how many people answered what."""
    counts = {state: Count("recipients", filter=Q(recipients__state=state)) for state in STATES}
    return policy.visible_to(viewer).select_related("asset", "author").annotate(**counts)


def told_of(announcement: Announcement) -> tuple[list[Told], list[Asset]]:
    """Everybody it went to by name, and the assets for which nobody was found; 3 queries at most."""
    rows = AnnouncementAsset.objects.filter(announcement=announcement).select_related("asset")
    by_recipient: dict[int | None, list[AnnouncementAsset]] = {}
    for touched in rows.order_by("distance", "asset__name"):
        by_recipient.setdefault(touched.recipient_id, []).append(touched)
    recipients = AnnouncementRecipient.objects.filter(announcement=announcement)
    people = list(recipients.select_related("person", "replied_by").order_by("person__name", "pk"))
    silent = [row.pk for row in people if row.state == PENDING]
    backups = _backups([each.asset_id for pk in silent for each in by_recipient.get(pk, ())])
    told = [
        Told(
            row,
            tuple(each.asset for each in by_recipient.get(row.pk, ())),
            _names(row.person, by_recipient.get(row.pk, ()), backups) if row.pk in silent else (),
        )
        for row in people
    ]
    return told, [each.asset for each in by_recipient.get(None, ())]


def open_objections(announcements: Iterable[int]) -> list[AnnouncementRecipient]:
    """Objections that nobody has answered."""
    rows = AnnouncementRecipient.objects.filter(announcement__in=list(announcements), state="objected", replied_at=None)
    return list(rows.select_related("person", "announcement").order_by("answered_at"))


def waiting_for(person: Person) -> QuerySet[AnnouncementRecipient]:
    """Announcements that the person has not answered, the one due first."""
    rows = AnnouncementRecipient.objects.filter(person=person, state=PENDING)
    return rows.select_related("announcement__asset", "announcement__author").order_by("announcement__ack_due_at")


def _backups(asset_ids: list[int]) -> dict[int, list[tuple[int | None, str]]]:
    found: dict[int, list[tuple[int | None, str]]] = {}
    if not asset_ids:
        return found
    rows = Ownership.objects.filter(
        asset_id__in=asset_ids, state=State.ACCEPTED.value, valid__upper_inf=True, duty=Duty.TECHNICAL, rank__gt=PRIMARY
    )
    for row in rows.select_related("person", "team").order_by("rank"):
        name = row.person.name if row.person else row.team.name if row.team else ""
        found.setdefault(row.asset_id, []).append((row.person_id, name))
    return found


def _names(
    person: Person, touched: Iterable[AnnouncementAsset], backups: dict[int, list[tuple[int | None, str]]]
) -> tuple[str, ...]:
    names = [name for each in touched for key, name in backups.get(each.asset_id, ()) if key != person.pk]
    return tuple(dict.fromkeys(names))
