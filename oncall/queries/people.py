"""The people of a rota: names, whether they can be woken, and when they cannot serve."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Exists, JSONField, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Cast

from oncall.domain.instants import day_bounds
from portal.accounts.domain.vocabulary import PAGE_CLASS, PersonState
from portal.accounts.models import ContactMethod, Person
from portal.core.models import AuditEntry, CalendarVersion

if TYPE_CHECKING:
    from collections.abc import Collection

    from oncall.domain.effective import Span

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)
# Who is on the way out left when it was said; who has left, when the last step was done.
_SAID = AuditEntry.objects.filter(
    verb="accounts.person_left", object_type="accounts.person", object_id=Cast(OuterRef("pk"), TextField())
)
LEFT_AT = Case(
    When(state=PersonState.LEAVING, then=Subquery(_SAID.order_by("-pk").values("at")[:1])), default="deactivated_at"
)


@dataclass(frozen=True)
class DutyPerson:
    """A person as the resolver needs them; `away` are the spans in which they cannot serve: absences, or gone for good.

    `free_days` are their own public holidays, read where a rota counts them as absences.
    """

    id: int
    name: str
    handle: str
    zone: str
    reachable: bool
    away: tuple[Span, ...]
    free_days: frozenset[date] = frozenset()
    absences: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Doubt:
    """One absence that is judged otherwise than its row says: it was entered or cancelled while a shift ran."""

    absence_id: int
    counts: bool


def duty_people(
    person_ids: Collection[int],
    start: datetime,
    end: datetime,
    *,
    holidays_absent: bool = False,
    doubt: Doubt | None = None,
) -> dict[int, DutyPerson]:
    """The people by id with their absences that touch `[start, end)`; one query. Who left is away always.

    `holidays_absent`: their own public holidays count as well. `doubt` judges one absence by hand.
    """
    reached = ContactMethod.objects.filter(person=OuterRef("pk"), state="verified", channel__in=sorted(PAGE_CLASS))
    newest = CalendarVersion.objects.filter(calendar=OuterRef("calendar")).order_by("-n").values("exceptions")[:1]
    rows = (
        Person.objects.filter(pk__in=list(person_ids))
        .annotate(
            reachable=Exists(reached),
            left_at=LEFT_AT,
            spans=ArrayAgg("absences__during", filter=_live(start, end, doubt), default=[]),
            days=Subquery(newest) if holidays_absent else Value(None, JSONField()),
        )
        .values_list("pk", "name", "handle", "zone", "state", "left_at", "reachable", "spans", "days")
    )
    return {row[0]: _person(row) for row in rows}


def _live(start: datetime, end: datetime, doubt: Doubt | None) -> Q:
    live = Q(absences__cancelled_at=None, absences__during__overlap=(start, end))
    if doubt is None:
        return live
    if not doubt.counts:
        return live & ~Q(absences__pk=doubt.absence_id)
    touches = Q(absences__during__overlap=(start, end))
    return touches & (Q(absences__pk=doubt.absence_id) | live)


def _person(row: tuple[Any, ...]) -> DutyPerson:
    pk, name, handle, zone, state, left_at, reachable, spans, days = row
    is_active = state == PersonState.ACTIVE
    absences = tuple(sorted((span.lower or BEGINNING, span.upper or END) for span in spans))
    gone = () if is_active else ((left_at or BEGINNING, END),)
    away = tuple(sorted((*absences, *gone)))
    return DutyPerson(pk, name, handle, zone, reachable and is_active, away, public_holidays(days or {}), absences)


def with_holidays(person: DutyPerson) -> DutyPerson:
    """The same person where own public holidays count as absences."""
    free = (day_bounds(day, person.zone) for day in person.free_days)
    return replace(person, away=tuple(sorted((*person.away, *free)))) if person.free_days else person


def public_holidays(exceptions: dict[str, Any]) -> frozenset[date]:
    """The days of a calendar's exceptions that are marked as public holidays."""
    return frozenset(date.fromisoformat(day) for day, facts in exceptions.items() if facts.get("is_public_holiday"))
