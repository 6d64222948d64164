"""The people of a rota: names, whether they can be woken, and when they cannot serve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q

from portal.accounts.domain.vocabulary import PAGE_CLASS, PersonState
from portal.accounts.models import ContactMethod, Person

if TYPE_CHECKING:
    from collections.abc import Collection

    from oncall.domain.effective import Span

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class DutyPerson:
    """A person as the resolver needs them; `away` are the spans in which they cannot serve."""

    id: int
    name: str
    handle: str
    zone: str
    reachable: bool
    away: tuple[Span, ...]


def duty_people(person_ids: Collection[int], start: datetime, end: datetime) -> dict[int, DutyPerson]:
    """The people by id with their absences that touch `[start, end)`; one query. Who left is away always."""
    reached = ContactMethod.objects.filter(person=OuterRef("pk"), state="verified", channel__in=sorted(PAGE_CLASS))
    live = Q(absences__cancelled_at=None, absences__during__overlap=(start, end))
    rows = (
        Person.objects.filter(pk__in=list(person_ids))
        .annotate(reachable=Exists(reached), spans=ArrayAgg("absences__during", filter=live, default=[]))
        .values_list("pk", "name", "handle", "zone", "state", "deactivated_at", "reachable", "spans")
    )
    found = {}
    for pk, name, handle, zone, state, left_at, reachable, spans in rows:
        away = [(span.lower or BEGINNING, span.upper or END) for span in spans]
        if state != PersonState.ACTIVE:
            away.append((left_at or BEGINNING, END))
        found[pk] = DutyPerson(pk, name, handle, zone, reachable and state == PersonState.ACTIVE, tuple(sorted(away)))
    return found
