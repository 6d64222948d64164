"""Item b through PostgreSQL: 500 rotas with a year of plan and changes each; this module needs Django."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext

from bench.installation import vacuum
from bench.lines import Line, rate
from oncall.domain.rotation import blocks
from oncall.models import PlannedShift, Rota, RotaVersion, ShiftChange
from oncall.queries.resolving import resolve_everywhere, resolve_oncall
from portal.accounts.models import Person
from portal.accounts.services.people import create_person
from portal.accounts.services.teams import TeamProfile, create_team

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED, ZONE = 20261128, "Europe/Madrid"
START, END = datetime(2027, 1, 4, 14, tzinfo=UTC), datetime(2028, 1, 3, 14, tzinfo=UTC)
SCHEDULES, PEOPLE, OF_A_ROTA, OVERRIDES, EDITS = 500, 400, 8, 30, 200
WEEKLY = {"kind": "weekly", "start": "2027-01-04", "handoffs": [{"dow": "mon", "time": "15:00"}]}
PASSWORD = "correct horse battery staple"  # noqa: S105 (of a database that lives for one run)
NOON = START + timedelta(days=200, hours=5)
NOW_LIMIT, MOST_QUERIES = 0.2, 3
SECONDARY_AFTER = 3


def stored_lines() -> Iterator[Line]:
    """Now for 500 rotas in one go, and the answer right after each of some edits."""
    rotas = fill()
    vacuum()
    with CaptureQueriesContext(connection) as asked:
        resolve_everywhere(rotas, NOON)
    yield Line("b", "now of 500 rotas through PostgreSQL: queries", len(asked), "", 1, goal_at_most=MOST_QUERIES)
    found = wall({"ours": lambda: resolve_everywhere(rotas, NOON), "limit": plain_read})
    yield rate(
        "b", "now of 500 rotas through PostgreSQL", found["ours"], SCHEDULES,
        limit=found["limit"] / SCHEDULES, goal_limit=NOW_LIMIT,
    )  # fmt: skip
    yield Line("b", f"stale answers after {EDITS} stored edits", stale(rotas), "answers", EDITS, goal_at_most=0)


def plain_read() -> list[tuple[object, ...]]:
    """500 rows of the same table as they stand, by a bare cursor."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rota_id, role, slot, person_id, during FROM oncall_plannedshift"
            " WHERE during @> %s AND role = 'primary'",
            [NOON],
        )
        found: list[tuple[object, ...]] = cursor.fetchall()
    return found


def wall(works: dict[str, Callable[[], object]], rounds: int = 15) -> dict[str, float]:
    """The least time of each by the clock on the wall, in turns: the server's work counts here."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            begin = time.perf_counter()
            work()
            best[name] = min(best[name], time.perf_counter() - begin)
    return best


def fill() -> list[Rota]:
    """The rotas, their people, and their year."""
    admin = create_person(
        actor=None, handle="bench-b", name="Bench", email="bench-b@example.com", zone="UTC", password=PASSWORD, at=START
    )
    team = create_team(actor=None, slug="bench-rotas", profile=TeamProfile("Rotas"), at=START)
    people = Person.objects.bulk_create(
        Person(handle=f"b{n}", name=f"Person {n}", email=f"b{n}@example.com", zone=ZONE, joined_at=START)
        for n in range(PEOPLE)
    )
    rotas = Rota.objects.bulk_create(
        Rota(team=team, slug=f"bench-{n}", name=f"Rota {n}", zone=ZONE) for n in range(SCHEDULES)
    )
    versions = RotaVersion.objects.bulk_create(
        RotaVersion(rota=rota, number=1, valid=DateTimeTZRange(START, None), roles=[], rotation=WEEKLY,
                    created_by=admin, created_at=START, sha256=rota.slug)
        for rota in rotas
    )  # fmt: skip
    turns = blocks(WEEKLY, ZONE, START, END)
    ids = [person.pk for person in people]
    for n, version in enumerate(versions):
        team_ids = [ids[(n * OF_A_ROTA + k) % PEOPLE] for k in range(OF_A_ROTA)]
        PlannedShift.objects.bulk_create(
            PlannedShift(
                rota=version.rota, version=version, role=role, person_id=team_ids[(week + offset) % OF_A_ROTA],
                during=DateTimeTZRange(block.start, block.end), block_kind=block.kind, planner="turns", order=team_ids,
            )
            for week, block in enumerate(turns)
            for role, offset in (("primary", 0), ("secondary", SECONDARY_AFTER))
        )  # fmt: skip
        _lay(version.rota, team_ids, n)
    return rotas


def _lay(rota: Rota, team_ids: list[int], n: int) -> None:
    days = Random(SEED + n).sample(range(364), OVERRIDES)
    ShiftChange.objects.bulk_create(change(rota, team_ids, START + timedelta(days=day), "override") for day in days)


def change(rota: Rota, team_ids: list[int], at: datetime, kind: str) -> ShiftChange:
    """Twelve hours of the primary for somebody who holds nothing that week or the next."""
    week = (at - START).days // 7
    person = team_ids[(week + 5) % OF_A_ROTA]
    return ShiftChange(
        rota=rota, role="primary", kind=kind, to_person_id=person, during=DateTimeTZRange(at, at + timedelta(hours=12)),
        state="active", created_at=START,
    )  # fmt: skip


def stale(rotas: list[Rota]) -> int:
    """Change a shift, ask at once: how often the answer is not the one who was just named."""
    sure, wrong = Random(SEED), 0
    for n in range(EDITS):
        rota = rotas[n % SCHEDULES]
        at = START + timedelta(days=sure.randrange(364), hours=12)
        ShiftChange.objects.filter(rota=rota, during__overlap=(at, at + timedelta(hours=12))).delete()
        team_ids = PlannedShift.objects.filter(rota=rota).values_list("order", flat=True)[0]
        row = change(rota, team_ids, at, "take")
        row.save(force_insert=True)
        held = resolve_oncall(rota=rota, at=at).holder("primary")
        wrong += held is None or held.person_id != row.to_person_id
    return wrong
