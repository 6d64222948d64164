"""A large register for item e, written by the fastest way in; this module needs Django."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection
from django.template import Context, Engine

from bench.installation import vacuum
from bench.lineage_rows import copy_rows
from ownership.models import Asset, Domain, Handoff, Ownership
from ownership.services.handoffs import HandoffDraft, complete_check, draft_handoff, offer_handoff
from portal.accounts.services.memberships import Place, add_member
from portal.accounts.services.people import create_person
from portal.accounts.services.teams import TeamProfile, create_team
from portal.core.models import ImportSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.accounts.models import Person

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
STAMP = AT.isoformat()
PEOPLE, TEAMS, DOMAINS = 500, 20, 40
KINDS = (10, 11, 20, 20, 20, 20, 21, 22, 22, 30, 40, 41, 50)
WORDS = ("orders", "payments", "visits", "stock", "margin", "churn", "returns", "ledger", "sessions", "forecast")
EDGES_AN_ASSET = 5
# Of ten assets six have a primary and three of these a backup, too.
PRIMARY, BACKUP = 6, 3
ROWS = 50
PLAIN = Engine().from_string(
    "<ul>{% for row in rows %}<li><a href='/assets/{{ row.0 }}'>{{ row.1 }}</a> {{ row.2 }} {{ row.3 }} {{ row.4 }}"
    "</li>{% endfor %}</ul>"
)
LIST = """
SELECT asset.slug, asset.name, asset.tier, domain.name, person.name FROM ownership_asset AS asset
LEFT JOIN ownership_domain AS domain ON domain.id = asset.domain_id
LEFT JOIN ownership_ownership AS held ON held.asset_id = asset.id AND held.duty = 1 AND held.rank = 1
    AND held.state = 'accepted' AND upper_inf(held.valid)
LEFT JOIN accounts_person AS person ON person.id = held.person_id
WHERE asset.retired_at IS NULL ORDER BY asset.name, asset.id LIMIT 50
"""


def make_people() -> list[Person]:
    """The first one asks; 500 in twenty teams."""
    teams = [
        create_team(actor=None, slug=f"crew-{n}", profile=TeamProfile(name=f"Crew {n}", discipline="DE"), at=AT)
        for n in range(TEAMS)
    ]
    people = [
        create_person(actor=None, handle=f"one-{n}", name=f"Person {n}", email=f"one-{n}@bench.test", zone="UTC",
                      password="", at=AT)
        for n in range(PEOPLE)
    ]  # fmt: skip
    for n, person in enumerate(people):
        place = Place(since=date(2020, 1, 1), discipline="DE", role="lead" if n < TEAMS else "member")
        add_member(actor=None, team=teams[n % TEAMS], person=person, place=place, at=AT)
    return people


def fill(size: int, people: list[Person]) -> str:
    """Assets 1..size with edges, owners and domains in place of what is there; the slug of one in the middle."""
    sure = Random(11)
    domains = [Domain.objects.get_or_create(name=f"Domain {n}", slug=f"domain-{n}")[0].pk for n in range(DOMAINS)]
    source, _ = ImportSource.objects.get_or_create(
        importer="dbt", scope="pages", defaults={"name": "dbt:pages", "created_at": AT}
    )
    rest = f"\t{STAMP}\t{STAMP}\n"
    held = "asset_id, person_id, duty, rank, state, valid, origin, recorded_at, confirmed_at, confidence, rank_inferred"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ownership_boundarycheck; DELETE FROM ownership_gap; DELETE FROM ownership_edge")
        cursor.execute("DELETE FROM ownership_ownership; DELETE FROM ownership_asset")
        assets = (
            f"{n}\t{KINDS[n % len(KINDS)]}\t{_name(n)}\t{_name(n)}\t{domains[n % DOMAINS]}\t{1 + n % 4}{rest}"
            for n in range(1, size + 1)
        )
        copy_rows(cursor, "ownership_asset (id, kind, slug, name, domain_id, tier, created_at, updated_at)", assets)
        copy_rows(cursor, "ownership_edge (src_id, dst_id, kind, source_id, first_seen, last_seen)",
              _edges(size, source.pk))  # fmt: skip
        copy_rows(cursor, f"ownership_ownership ({held}, acting, evidence, note, end_reason)",
              _owners(size, [person.pk for person in people], sure))  # fmt: skip
        cursor.execute("DELETE FROM ownership_boundarycheck")
    vacuum()
    return _name(size // 2)


def _name(n: int) -> str:
    return f"{WORDS[n % len(WORDS)]}_{WORDS[n // 7 % len(WORDS)]}_{n}"


def _edges(size: int, source: int) -> Iterable[str]:
    sure = np.random.default_rng(5)
    count = size * EDGES_AN_ASSET
    low = np.minimum((size * sure.random(count) ** 3).astype(np.int64), size - 2)
    high = low + 1 + (sure.random(count) * (size - low - 1)).astype(np.int64)
    name = sure.permutation(size) + 1
    pairs = np.unique(np.stack([name[low], name[high]]), axis=1)
    return (f"{a}\t{b}\t1\t{source}\t{STAMP}\t{STAMP}\n" for a, b in zip(*pairs.tolist(), strict=True))


def _owners(size: int, people: list[int], sure: Random) -> Iterable[str]:
    rest = f'accepted\t["{STAMP}",)\tportal\t{STAMP}\t{STAMP}\t1\tf\tf\t[]\t\t\n'
    for n in range(1, size + 1):
        if n % 10 < PRIMARY:
            first = sure.randrange(len(people))
            yield f"{n}\t{people[first]}\t1\t1\t{rest}"
            if n % 10 < BACKUP:
                yield f"{n}\t{people[first - 1]}\t1\t2\t{rest}"


def raw_list() -> str:
    """The limit: one query by a raw cursor, an f-string a row."""
    with connection.cursor() as cursor:
        cursor.execute(LIST)
        return "".join(f"<li><a href='/assets/{r[0]}'>{r[1]}</a> {r[2]} {r[3]} {r[4]}</li>" for r in cursor.fetchall())


def bare_list() -> str:
    """The peer: models, one query for the owners, and a plain template."""
    assets = list(Asset.objects.filter(retired_at=None).select_related("domain").order_by("name", "id")[:ROWS])
    held = Ownership.objects.filter(
        asset__in=assets, duty=1, rank=1, state="accepted", valid__upper_inf=True
    ).select_related("person")
    owners = {row.asset_id: row.person.name for row in held if row.person is not None}
    rows = [
        (each.slug, each.name, each.tier, each.domain.name if each.domain else "", owners.get(each.pk, ""))
        for each in assets
    ]
    return str(PLAIN.render(Context({"rows": rows})))


def make_handoff(giver: Person, taker: Person, count: int) -> Handoff:
    """An offer of so many assets, ready to be answered."""
    mine = Ownership.objects.filter(person=giver, rank=1, state="accepted", valid__upper_inf=True).order_by("pk")
    ids = list(mine.values_list("asset_id", flat=True)[:count])
    at = AT + timedelta(days=30)
    handoff = draft_handoff(actor=giver, draft=HandoffDraft(giver, taker, ids, at), at=at)
    for check in handoff.checks.all():
        complete_check(actor=giver, check=check, state="done", note="", at=at)
    return offer_handoff(actor=giver, handoff=handoff, at=at)
