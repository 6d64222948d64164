"""Who changed what: the audit rows a person may read, as sentences (spec site 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from portal.core.models import AuditEntry
from portal.core.registries import contributions, verb_registry
from portal.core.services.undo import is_undoable
from portal.core.web.presentation import Avatar, When, avatar, when
from portal.site.queries.change_words import NOTHING, SHORT, field_words, value_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

SYSTEM = "Headwater"
DOORS = {
    "web": "",
    "api": "by the API",
    "command": "on the command line",
    "link": "by a link",
    "import": "by an import",
    "task": "by a worker",
    "engine": "by itself, when it was due",
}
PAGE_SIZE = 50
MOST_IN_GROUP = 1000


@dataclass(frozen=True)
class Change:
    """One row of the page."""

    sentence: str
    face: Avatar | None
    at: When
    door: str
    behalf: str
    reason: str
    fields: Sequence[tuple[str, str, str]]
    no_undo: str
    undo_id: int | None = None
    group: str = ""


def visible_changes(viewer: Any) -> QuerySet[AuditEntry]:
    """Admins and auditors read all but compartments; others their own acts and what rooms let them see.

    `changes.visible` adds conditions on audit rows, which decide themselves about compartments; `changes.hidden`
    takes rows away from everybody, admins included.
    """
    own = Q(compartment="") if viewer.is_admin or viewer.is_auditor else Q(compartment="", actor=viewer)
    for condition in contributions("changes.visible"):
        own |= condition(viewer)
    rows = AuditEntry.objects.filter(own)
    for condition in contributions("changes.hidden"):
        rows = rows.exclude(condition(viewer))
    return rows


def change_row(entry: AuditEntry, zone: Any, at: datetime) -> Change:
    """The row in words; a verb without a sentence says that something changed."""
    known = verb_registry.get(entry.verb)
    return Change(
        sentence=sentence_of(entry),
        face=avatar(entry.actor) if entry.actor else None,
        at=when(entry.at, zone, at),
        door=DOORS.get(entry.via, f"by {entry.via}"),
        behalf=f"for {entry.on_behalf_of.name}" if entry.on_behalf_of else "",
        reason=entry.reason,
        fields=_told(entry, zone, at),
        no_undo=known.why_no_undo if known else "",
        undo_id=entry.pk if is_undoable(entry, at) else None,
        group=str(entry.group) if entry.group else "",
    )


def sentence_of(entry: AuditEntry) -> str:
    """What was done, by whom, to what; a verb without a sentence says that something changed."""
    known = verb_registry.get(entry.verb)
    actor = entry.actor.name if entry.actor else SYSTEM
    subject = entry.object_label or f"{entry.object_type} {entry.object_id}"
    return _sentence(known.sentence if known else "{actor} changed {subject}", {"actor": actor, "subject": subject})


def acts_since(after: datetime, verbs: Sequence[str]) -> dict[str, int]:
    """How often each of these was done since, outside compartments; one query."""
    rows = AuditEntry.objects.filter(at__gte=after, verb__in=verbs, compartment="").order_by()
    return dict(rows.values_list("verb").annotate(n=Count("pk")))


def of_group(viewer: Any, group: UUID) -> list[AuditEntry]:
    """The acts of a group that the viewer reads and nobody has taken back, newest first; at most 1,000."""
    rows = visible_changes(viewer).filter(group=group, undone_by=None).select_related("actor")
    return list(rows.order_by("-pk")[:MOST_IN_GROUP])


def _sentence(pattern: str, words: dict[str, str]) -> str:
    """The pattern with the words it knows; a field it does not know is left out."""
    return "".join(text + (words.get(name, "") if name else "") for text, name, _, _ in Formatter().parse(pattern))


def differences(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """The fields that differ, for programs: name, before, after, as they were kept."""
    return [
        (name.replace("_", " "), _short(entry.before.get(name)), _short(entry.after.get(name)))
        for name in _differing(entry)
    ]


def _differing(entry: AuditEntry) -> list[str]:
    before, after = entry.before, entry.after
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]


def _told(entry: AuditEntry, zone: Any, at: datetime) -> list[tuple[str, str, str]]:
    """The same for people: what differs that means something to them, in words and by their clock."""
    today = at.astimezone(ZoneInfo(str(zone))).date()
    found = []
    for name in _differing(entry):
        label = field_words(name)
        old, new = (value_words(name, side.get(name), today) for side in (entry.before, entry.after))
        if label and (old, new) != (NOTHING, NOTHING):
            old = NOTHING if old == new else old
            found.append((label, _there(old, zone, at), _there(new, zone, at)))
    return found


def _there(text: str, zone: Any, at: datetime) -> str:
    """An instant as the viewer's clock shows it; any other text as it is."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text
    return when(instant, zone, at).text if instant.tzinfo is not None else text


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    text = text or NOTHING
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
