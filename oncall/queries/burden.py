"""What nights and incidents cost one person; shown to them and their lead alone (spec oncall 10)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from oncall.domain.guardrails import Burden
from oncall.domain.resting import rest_until
from oncall.domain.sleeping import is_night, night_of
from oncall.models import IncidentEvent
from oncall.queries.incidents import AWAKE, ENDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from portal.accounts.models import Person

REACH = timedelta(days=14)


@dataclass(frozen=True)
class OwnLoad:
    """The last fourteen days of one person."""

    pages: int
    at_night: int
    awake_minutes: int
    rest_until: datetime | None = None


def burden_of(person: Person, at: datetime) -> Burden:
    """Pages and work of the last fourteen days; two reads."""
    start = at - REACH
    paged = IncidentEvent.objects.filter(kind="paged", at__gt=start, at__lte=at, data__people__contains=person.pk)
    pages = list(paged.order_by("at").values_list("at", flat=True))
    nights = tuple(page for page in pages if is_night(page, person.zone, person.night_from, person.night_to))
    work = _work(person, start, at)
    return Burden(nights, tuple(sorted(_woken(work, person))), tuple(work), person.zone)


def rest_offered(person: Person, at: datetime) -> datetime | None:
    """Until when the person may rest now, after the night they had; None after a calm one. Two reads."""
    burden = burden_of(person, at)
    return rest_until(burden.work, burden.woken_nights, at, person.zone, person.night_from)


def own_load(person: Person, at: datetime) -> OwnLoad:
    """What the incident page tells the person about themself; one read."""
    start = at - REACH
    paged = Q(kind="paged", at__gt=start, data__people__contains=person.pk)
    rows = IncidentEvent.objects.filter(paged | _worked(person, start, at), at__lte=at).order_by("seq")
    events = list(rows.values_list("incident_id", "kind", "actor_id", "at"))
    pages = [moment for _, kind, _, moment in events if kind == "paged"]
    night = sum(is_night(page, person.zone, person.night_from, person.night_to) for page in pages)
    work = stretches_of([event for event in events if event[1] != "paged"], person, start, at)
    minutes = int(sum((end - begin).total_seconds() for begin, end in work) / 60)
    rest = rest_until(work, sorted(_woken(work, person)), at, person.zone, person.night_from)
    return OwnLoad(len(pages), night, minutes, rest)


def _woken(work: Iterable[tuple[datetime, datetime]], person: Person) -> set[date]:
    """The nights, by the date on which they began, in which the person was called to an incident."""
    return {
        night_of(begin, person.zone, person.night_to)
        for begin, _ in work
        if is_night(begin, person.zone, person.night_from, person.night_to)
    }


def _work(person: Person, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """From each acknowledge or sleep of the person to the next end of that incident."""
    rows = IncidentEvent.objects.filter(_worked(person, start, end), at__lte=end).order_by("seq")
    return stretches_of(rows.values_list("incident_id", "kind", "actor_id", "at"), person, start, end)


def _worked(person: Person, start: datetime, end: datetime) -> Q:
    """Acknowledges and ends of the incidents that the person took in the span."""
    own = IncidentEvent.objects.filter(actor=person, kind__in=["acknowledged", "asleep"], at__gt=start, at__lte=end)
    return Q(incident__in=own.values("incident"), kind__in=[*AWAKE, *ENDS])


def stretches_of(
    events: Iterable[tuple[int, str, int | None, datetime]], person: Person, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """From each acknowledge or sleep of the person to the next end of that incident, in order of their beginning."""
    by_incident: dict[int, list[tuple[str, int | None, datetime]]] = defaultdict(list)
    for pk, kind, actor, at in events:
        by_incident[pk].append((kind, actor, at))
    return sorted(span for events in by_incident.values() for span in _spans(events, person.pk, start, end))


def _spans(
    events: list[tuple[str, int | None, datetime]], person: int, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    found, since = [], None
    for kind, actor, at in events:
        if kind in AWAKE and actor == person:
            since = at
        elif kind == "asleep" and actor == person and since is None:
            found.append((at, at))
        elif kind in ENDS and since is not None:
            found.append((since, at))
            since = None
    if since is not None:
        found.append((since, end))
    return [(begin, finish) for begin, finish in found if begin > start]
