"""What the pages of rotas read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from oncall.domain.words import RotaKind
from oncall.models import CompDay, CoverRequest, Rota, ShiftChange, ShiftNote
from oncall.policies import rotas_visible_to
from oncall.queries.resolving import resolve_everywhere, resolve_oncall
from oncall.queries.working_out import facts_between
from portal.accounts.models import Person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from oncall.domain.answers import OnCallAnswer
    from oncall.domain.effective import Effective
    from oncall.queries.people import DutyPerson
    from oncall.queries.rota_book import RotaBook
    from portal.accounts.models import Team

NOTE_FRESH = timedelta(hours=24)
MOST_ROTAS = 200


@dataclass(frozen=True)
class Now:
    """A rota with its answer."""

    rota: Rota
    answer: OnCallAnswer


def listed_rotas(viewer: Any) -> Any:
    """Rotas in use with their team, by name."""
    return rotas_visible_to(viewer).filter(is_archived=False).select_related("team").order_by("name", "pk")


def now_everywhere(rotas: Sequence[Rota], at: datetime) -> list[Now]:
    """The answer of each rota; three reads in all, one more while some are closed."""
    answers = resolve_everywhere(rotas[:MOST_ROTAS], at)
    return [Now(rota, answers[rota.pk]) for rota in rotas[:MOST_ROTAS]]


def timeline(rota: Rota, start: datetime, end: datetime) -> tuple[list[Effective], dict[int, DutyPerson]]:
    """Every stretch of the window with its people."""
    return facts_between(rota, start, end)


def is_held_by(row: Effective, people: Mapping[int, DutyPerson], role: str, handle: str) -> bool:
    """Whether the stretch has this role and this holder; "" is any, "nobody" a gap."""
    held_by = people[row.person].handle if row.person is not None else "nobody"
    return role in ("", row.role) and handle in ("", held_by)


def behind_words(book: RotaBook, at: datetime) -> str:
    """Who stands behind the members, in words; "" for nobody."""
    rota, names, roster = book.rota, book.behind, book.roster_at(at)
    steps = roster.version.cascade if roster is not None else []
    parts = [
        f"a lead of {rota.team.name}" if step["kind"] == "lead" else f"the primary of {names.get(step['rota'], '?')}"
        for step in steps
    ]
    return f"When no member is free: {', then '.join(parts)}." if parts else ""


def fresh_notes(rota: Rota, at: datetime) -> list[ShiftNote]:
    """Notes of the last 24 hours, newest first."""
    rows = ShiftNote.objects.filter(rota=rota, at__gt=at - NOTE_FRESH, at__lte=at).select_related("author")
    return list(rows.order_by("-at")[:5])


def asked(person: Person) -> Q:
    """Open requests this person is asked for: by name, or as anybody of the rota."""
    anybody = Q(ask="all", rota__in=Rota.objects.filter(planned_shifts__person=person))
    return Q(state="open") & (Q(candidate=person) | anybody) & ~Q(from_person=person)


def covers_for(person: Person, at: datetime) -> list[CoverRequest]:
    """The first of the open requests this person is asked for."""
    del at
    rows = CoverRequest.objects.filter(asked(person)).select_related("rota", "from_person")
    return list(rows.order_by("opened_at")[:20])


def listed_changes(viewer: Any) -> QuerySet[ShiftChange]:
    """Overrides, takes, covers and swaps of every rota the viewer sees."""
    rows = ShiftChange.objects.filter(rota__in=rotas_visible_to(viewer))
    return rows.select_related("rota__team", "to_person", "from_person", "requested_by")


def listed_covers(viewer: Any) -> QuerySet[CoverRequest]:
    """Requests for cover in every rota the viewer sees."""
    rows = CoverRequest.objects.filter(rota__in=rotas_visible_to(viewer))
    return rows.select_related("rota__team", "from_person", "candidate", "taken_by")


def listed_comp_days(viewer: Person) -> QuerySet[CompDay]:
    """One's own days off that were earned; those still to be taken stand first by their last day."""
    return CompDay.objects.filter(person=viewer).select_related("rota__team", "person")


def offers_for(person: Person) -> list[ShiftChange]:
    """Swaps that wait for this person's yes, one row each; edits of a rota stand in `edits_for`."""
    asked = ShiftChange.objects.filter(state="proposed", kind="swap", seen__people__1=person.pk)
    rows = asked.select_related("rota", "requested_by", "to_person").order_by("group", "pk").distinct("group")
    return list(rows[:20])


def on_call_now(team: Team, route: str, at: datetime) -> list[Person]:
    """The contribution to `team.on_call_now`: who answers for a route of a team, primary first."""
    kind = RotaKind.QUESTIONS if route.startswith("question") else RotaKind.PIPELINE
    rows = Rota.objects.filter(team=team, is_archived=False, kind__in=(kind, RotaKind.PIPELINE)).order_by("pk")
    rota = min(rows, key=lambda row: (row.kind != kind, row.pk), default=None)
    if rota is None:
        return []
    held = [row.person_id for row in resolve_oncall(rota=rota, at=at).entries if row.role == "primary"]
    return list(Person.objects.filter(pk__in=[pk for pk in held if pk is not None]))


def needs_waking(person: Person, at: datetime) -> bool:
    """The contribution to `contact.required`: whether the person holds a shift in the next 60 days."""
    soon = (at, at + timedelta(days=60))
    planned = person.planned_shifts.filter(during__overlap=soon)
    return planned.exists() or person.shift_changes.filter(state="active", during__overlap=soon).exists()
