"""What on-call adds to a person's load (spec additions, load): for the person and their lead, in two reads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q
from django.db.models.functions import JSONObject

from oncall.domain.sleeping import full_nights, is_night
from oncall.models import DutyLedgerEntry, EffectiveShift, IncidentEvent
from oncall.models.spans import ends
from oncall.policies import incidents_visible_to
from oncall.queries.burden import stretches_of
from oncall.queries.incidents import AWAKE, ENDS, MOST_MINUTES
from portal.accounts.domain.vocabulary import AbsenceKind
from portal.accounts.models import Absence, Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from portal.core.registries import Window

HOUR, MINUTE = 3600, 60
KEYS = ("nights", "night_pages", "woken", "incident_minutes", "points", "rest_hours", "days_off_owed")
Sizes = dict[int, int]


@dataclass(frozen=True)
class _Facts:
    """Everything of the widest window, by person."""

    people: Mapping[int, Any]
    shifts: list[tuple[int, datetime, datetime]] = field(default_factory=list)
    ledger: list[tuple[int, date, str, int]] = field(default_factory=list)
    pages: list[tuple[int, datetime]] = field(default_factory=list)
    work: list[tuple[int, datetime, datetime]] = field(default_factory=list)
    rests: list[tuple[int, datetime, datetime]] = field(default_factory=list)


def oncall_loads(ids: Sequence[int], windows: Sequence[Window], viewer: Any) -> dict[str, list[Sizes]]:
    """By column the size of each person in each window; two reads however many people and windows.

    Of private incidents only those count that the viewer may see or was called to.
    """
    facts = _facts(ids, min(since for since, _ in windows), max(until for _, until in windows), viewer)
    found: dict[str, list[Sizes]] = {key: [] for key in KEYS}
    for since, until in windows:
        for key, sizes in zip(KEYS, _sizes(facts, since, until), strict=True):
            found[key].append(sizes)
    return found


def _facts(ids: Sequence[int], start: datetime, end: datetime, viewer: Any) -> _Facts:
    own = {"person": OuterRef("pk"), "during__overlap": (start, end)}
    served = EffectiveShift.objects.filter(**own, role="primary")
    rested = Absence.objects.filter(**own, kind=AbsenceKind.REST, cancelled_at=None, during__upper_inf=False)
    posted = DutyLedgerEntry.objects.filter(
        person=OuterRef("pk"), local_date__gte=start.date(), local_date__lte=end.date()
    ).exclude(kind="opening")
    people = Person.objects.filter(pk__in=ids).annotate(
        owed=Count("comp_days", filter=Q(comp_days__state="open")),
        posted=ArraySubquery(posted.values(row=JSONObject(day="local_date", kind="kind", points="milli_points"))),
        served=ArraySubquery(served.values("during")), rested=ArraySubquery(rested.values("during")),
    )  # fmt: skip
    known = {person.pk: person for person in people}
    return _Facts(
        known,
        [(pk, *ends(during)) for pk, person in known.items() for during in person.served],
        [
            (pk, date.fromisoformat(row["day"]), row["kind"], row["points"])
            for pk, person in known.items()
            for row in person.posted
        ],
        *_events(known, start, end, viewer),
        [(pk, *ends(during)) for pk, person in known.items() for during in person.rested],
    )


def _events(
    people: Mapping[int, Any], start: datetime, end: datetime, viewer: Any
) -> tuple[list[tuple[int, datetime]], list[tuple[int, datetime, datetime]]]:
    """Pages, and work from each acknowledge to the end of that incident; one read."""
    if not people:
        return [], []
    own = IncidentEvent.objects.filter(actor__in=people, kind__in=[*AWAKE, "asleep"], at__gt=start, at__lte=end)
    paged = Q(kind="paged", at__gt=start) & reduce(or_, (Q(data__people__contains=pk) for pk in people))
    rows = IncidentEvent.objects.filter(
        paged | Q(incident__in=own.values("incident"), kind__in=[*AWAKE, *ENDS]), at__lte=end
    )
    called = Q(kind="paged", data__people__contains=viewer.pk)
    taken = Q(incident__in=own.filter(actor=viewer).values("incident"))
    rows = rows.filter(Q(incident__in=incidents_visible_to(viewer).values("pk")) | called | taken)
    events = list(rows.order_by("incident_id", "seq").values_list("incident_id", "kind", "actor_id", "at", "data"))
    pages = [(pk, at) for _, kind, _, at, data in events if kind == "paged" for pk in data["people"] if pk in people]
    moved = [event[:4] for event in events if event[1] != "paged"]
    work = [(pk, *span) for pk, person in people.items() for span in stretches_of(moved, person, start, end)]
    return pages, work


def _sizes(facts: _Facts, since: datetime, until: datetime) -> tuple[Sizes, ...]:
    nights = _summed(
        (pk, full_nights(max(begin, since), min(end, until), facts.people[pk].zone))
        for pk, begin, end in facts.shifts
        if begin < until and since < end
    )
    pages = _summed((pk, int(_at_night(facts.people[pk], at))) for pk, at in facts.pages if since < at <= until)
    rows = [row for row in facts.ledger if since.date() <= row[1] <= until.date()]
    woken = _summed((pk, 1) for pk, _ in {(pk, day) for pk, day, kind, _ in rows if kind == "woken"})
    minutes = _summed(
        (pk, min(MOST_MINUTES, _seconds(begin, end) // MINUTE))
        for pk, begin, end in facts.work
        if since < begin < until
    )
    milli = _summed((pk, points) for pk, _, _, points in rows)
    rests = _summed(
        (pk, _seconds(max(begin, since), min(end, until)) // HOUR)
        for pk, begin, end in facts.rests
        if begin < until and since < end
    )
    points = {pk: round(value / 1000) for pk, value in milli.items()}
    return nights, pages, woken, minutes, points, rests, {pk: person.owed for pk, person in facts.people.items()}


def _at_night(person: Any, at: datetime) -> bool:
    return is_night(at, person.zone, person.night_from, person.night_to)


def _seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def _summed(pairs: Iterable[tuple[int, int]]) -> Sizes:
    found: dict[int, int] = defaultdict(int)
    for pk, size in pairs:
        found[pk] += size
    return dict(found)
