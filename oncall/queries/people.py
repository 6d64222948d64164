"""The people of a rota: names, whether they can be woken, and when they cannot serve."""

from __future__ import annotations

from dataclasses import dataclass
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
    """A person as the resolver needs them; `away` are the spans in which they cannot serve."""

    id: int
    name: str
    handle: str
    zone: str
    reachable: bool
    away: tuple[Span, ...]


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
    live = Q(absences__cancelled_at=None, absences__during__overlap=(start, end))
    if doubt is not None:
        touches = Q(absences__during__overlap=(start, end))
        live = (
            touches & (Q(absences__pk=doubt.absence_id) | live)
            if doubt.counts
            else live & ~Q(absences__pk=doubt.absence_id)
        )
    newest = CalendarVersion.objects.filter(calendar=OuterRef("calendar")).order_by("-n").values("exceptions")[:1]
    rows = (
        Person.objects.filter(pk__in=list(person_ids))
        .annotate(
            reachable=Exists(reached),
            left_at=LEFT_AT,
            spans=ArrayAgg("absences__during", filter=live, default=[]),
            days=Subquery(newest) if holidays_absent else Value(None, JSONField()),
        )
        .values_list("pk", "name", "handle", "zone", "state", "left_at", "reachable", "spans", "days")
    )
    found = {}
    for pk, name, handle, zone, state, left_at, reachable, spans, days in rows:
        away = [(span.lower or BEGINNING, span.upper or END) for span in spans]
        away += [day_bounds(day, zone) for day in public_holidays(days or {})]
        if state != PersonState.ACTIVE:
            away.append((left_at or BEGINNING, END))
        found[pk] = DutyPerson(pk, name, handle, zone, reachable and state == PersonState.ACTIVE, tuple(sorted(away)))
    return found


def public_holidays(exceptions: dict[str, Any]) -> frozenset[date]:
    """The days of a calendar's exceptions that are marked as public holidays."""
    return frozenset(date.fromisoformat(day) for day, facts in exceptions.items() if facts.get("is_public_holiday"))
