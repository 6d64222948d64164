"""What absences mean over all rooms: what only this person can move, who covers, what happened meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall.models import CoverRequest
from ownership.models import Ownership
from portal.accounts.domain.clashes import AbsenceStep, Clash
from portal.accounts.models import Absence, Deputy
from portal.core.models import AuditEntry
from portal.core.registries import need_registry
from portal.core.web.presentation import Row, count_words, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.accounts.models import Person

LONG, SHOWN_FOR = timedelta(days=2), timedelta(days=5)
MOST_CLASHES, MOST_ROWS = 20, 10


def absence_step() -> AbsenceStep:
    """The site's contribution to `person.absence`, after the rooms' own."""
    return AbsenceStep("needs", 70, needs_meanwhile, _nothing, is_personal=True)


def needs_meanwhile(person: Person, during: Any, at: datetime) -> list[Clash]:
    """What waits for this person alone, in any room, and falls due before they are back.

    Tickets, handoffs, checks of answers, reviews, signatures, votes: each is answered before leaving.
    """
    rows = [row for find in need_registry.values() for row in find(person, at)]
    back_at = during.upper
    meanwhile = [row for row in rows if row.due_at is not None and (back_at is None or row.due_at < back_at)]
    meanwhile.sort(key=lambda row: (row.due_at, row.subject))
    return [
        Clash("need", row.subject, f"{row.subject}: {row.sentence}.".replace("..", "."), cover="you, before you leave",
              action=row.url)
        for row in meanwhile[:MOST_CLASHES]
    ]  # fmt: skip


def covers_of(absence: Absence, at: datetime) -> set[int]:
    """Who steps in: the deputy, who took a shift, and the backups of what the person owns; 3 queries."""
    deputies = Deputy.objects.filter(person=absence.person_id, ended_at=None, during__overlap=absence.during)
    taken = CoverRequest.objects.filter(absence=absence, state="taken")
    mine = Ownership.objects.filter(person=absence.person_id, rank=1, state="accepted", valid__contains=at)
    backups = Ownership.objects.filter(asset__in=mine.values("asset"), rank__gt=1, state="accepted", valid__contains=at)
    found = {*deputies.values_list("deputy_id", flat=True), *taken.values_list("taken_by_id", flat=True)}
    return {pk for pk in (found | set(backups.values_list("person_id", flat=True))) if pk is not None}


@dataclass(frozen=True)
class Back:
    """While you were away."""

    rows: Sequence[Row]
    headline: str


def while_away(subject: Any, viewer: Any, at: datetime) -> Back | None:
    """For a few days after at least two away: who stepped in, what changed on own assets, what was decided."""
    del subject
    ended = Absence.objects.filter(person=viewer, cancelled_at=None, during__endswith__range=(at - SHOWN_FOR, at))
    absence = next((row for row in ended.order_by("-during") if _is_long(row)), None)
    if absence is None:
        return None
    rows = [*_stepped_in(absence), *_changed(viewer, absence, at)][:MOST_ROWS]
    return Back(rows, "you are back") if rows else None


def _is_long(absence: Absence) -> bool:
    start, end = absence.during.lower, absence.during.upper
    return start is not None and end is not None and end - start >= LONG


def _stepped_in(absence: Absence) -> list[Row]:
    taken = CoverRequest.objects.filter(absence=absence, state="taken").select_related("taken_by", "rota")
    rows = [
        Row(f"{cover.taken_by.name} took a shift of {cover.rota.name}", "/oncall/", icon="phone")
        for cover in taken.order_by("during")[:MOST_ROWS]
        if cover.taken_by
    ]
    deputies = Deputy.objects.filter(person=absence.person_id, during__overlap=absence.during)
    rows += [
        Row(f"{row.deputy.name} acted for you", f"/changes/?actor={row.deputy.handle}&days=30", icon="users")
        for row in deputies.select_related("deputy")[:3]
    ]
    return rows


def _changed(viewer: Any, absence: Absence, at: datetime) -> list[Row]:
    mine = Ownership.objects.filter(person=viewer, rank=1, state="accepted", valid__contains=at)
    keys = [str(pk) for pk in mine.values_list("asset_id", flat=True)[:1000]]
    span = (absence.during.lower, absence.during.upper)
    about = AuditEntry.objects.filter(object_type="ownership.asset", object_id__in=keys, at__range=span, compartment="")
    changed: dict[str, tuple[str, datetime, int]] = {}
    for key, label, changed_at in (
        about.exclude(actor=viewer).order_by("pk").values_list("object_id", "object_label", "at")[:500]
    ):
        count = changed[key][2] if key in changed else 0
        changed[key] = (label, changed_at, count + 1)
    return [
        Row(f"{label} changed", f"/changes/?object=ownership.asset:{key}", icon="database",
            facts=[count_words(count, "change"), when(changed_at, viewer.zone, at)])
        for key, (label, changed_at, count) in changed.items()
    ]  # fmt: skip


def _nothing(absence: Absence, change: str, at: datetime) -> None:
    del absence, change, at
