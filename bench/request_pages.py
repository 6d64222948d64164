"""Item e: lists and pages of requests over 100,000 of them: questions to the database, and the whole time."""

from __future__ import annotations

import logging
from copy import copy
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.test import Client
from rest_framework.test import APIClient

from bench.answering import times
from bench.installation import vacuum
from portal.accounts.services.memberships import Place, add_member
from portal.accounts.services.people import create_person
from portal.accounts.services.teams import TeamProfile, create_team
from portal.core.clock import now
from requests_queue.domain.states import State
from requests_queue.models import DataRequest, SlaClock
from requests_queue.services.filing import Filing, file_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.lines import Line
    from portal.accounts.models import Person, Team

SIZE = 100_000
TEAMS = 20
CHUNK = 5_000
# Most of what was ever asked is over; every twentieth is open, with one promise running.
OPEN_EACH = 20
PAGE_QUERIES, DETAIL_QUERIES, REST_QUERIES = 8, 15, 4
GOAL_MS = 100.0


def measure() -> Iterator[Line]:
    """The list as pages and as REST, filtered and not, and one request."""
    logging.disable(logging.WARNING)  # a line for each answer would stand between the figures
    asker, number = fill()
    page, rest = Client(), APIClient()
    page.force_login(asker)
    rest.force_authenticate(asker)
    doors: list[tuple[str, Callable[[str], Any], str, int]] = [
        ("request list", page.get, "/requests/", PAGE_QUERIES),
        ("open requests", page.get, "/requests/?state=open", PAGE_QUERIES),
        ("list of a team, late", page.get, "/requests/?state=open&team=bench-3&due=breached", PAGE_QUERIES),
        ("list by words", page.get, "/requests/?q=revenue+4711", PAGE_QUERIES),
        ("one request", page.get, f"/requests/{number}", DETAIL_QUERIES),
        ("REST list of 50", rest.get, "/api/v1/requests/?page_size=50", REST_QUERIES),
    ]
    for name, get, path, most in doors:
        yield from times(f"{name} at {SIZE:,}", get, path, most, GOAL_MS)


def fill() -> tuple[Person, str]:
    """Copies of one request that was filed, over twenty teams and five years; returns its requester and its number."""
    at = now()
    teams = [
        create_team(actor=None, slug=f"bench-{n}", profile=TeamProfile(name=f"Bench {n}", discipline="DE"), at=at)
        for n in range(TEAMS)
    ]
    asker = create_person(actor=None, handle="bench-e", name="Ada Lind", email="e@bench.test", zone="UTC",
                          password="", at=at)  # fmt: skip
    add_member(actor=None, team=teams[0], person=asker, place=Place(since=date(2020, 1, 1)), at=at)
    first = file_request(actor=asker, filing=Filing("question", "Why did revenue fall?", teams[1]), at=at)
    clock = first.clocks.order_by("id")[0]
    for start in range(1, SIZE, CHUNK):
        _copy(first, clock, teams, range(start, min(start + CHUNK, SIZE)))
    vacuum()
    return asker, first.number


def _copy(first: DataRequest, clock: SlaClock, teams: list[Team], places: range) -> None:
    made = DataRequest.objects.bulk_create([_like(first, teams[n % TEAMS], n) for n in places])
    SlaClock.objects.bulk_create([_clock(clock, row) for row in made if row.state == State.NEW.value])


def _like(first: DataRequest, team: Team, n: int) -> DataRequest:
    row = copy(first)
    row.pk, row._state = None, copy(first._state)  # noqa: SLF001 (a second row out of one)
    row._state.adding = True  # noqa: SLF001 (the same)
    row.number, row.title, row.team = f"REQ-{10_000_000 + n}", f"Why did revenue fall in week {n}?", team
    row.filed_at = first.filed_at - timedelta(minutes=26 * n)
    row.due_at = row.filed_at + timedelta(days=2)
    row.state = State.NEW.value if n % OPEN_EACH == 0 else State.CLOSED.value
    return row


def _clock(clock: SlaClock, request: DataRequest) -> SlaClock:
    row = copy(clock)
    row.pk, row._state = None, copy(clock._state)  # noqa: SLF001 (a second row out of one)
    row._state.adding = True  # noqa: SLF001 (the same)
    row.request, row.start_at, row.due_at = request, request.filed_at, request.due_at
    return row
