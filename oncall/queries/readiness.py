"""Whether the pager would work tonight: the facts of `/oncall/proof` and of the readiness digest (spec oncall 10)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Subquery

from oncall.domain.instants import local_date
from oncall.models import PlannedShift, Rota
from oncall.models.spans import ends
from oncall.queries.fairness import gaps_in
from oncall.queries.readiness_night import night_findings
from oncall.queries.working_out import cut, facts_of
from portal.accounts.domain.vocabulary import PAGE_CLASS, PersonState
from portal.accounts.models import ContactMethod, Person, Team
from portal.core.web.presentation import day_words, when
from portal.engine.queries.health import engine_health

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from oncall.queries.working_out import Facts
    from portal.engine.queries.health import Health

SOON = timedelta(days=14)
DUTY = timedelta(days=60)
TESTED = timedelta(days=90)
AHEAD = timedelta(days=90)


@dataclass(frozen=True)
class Holder:
    """Somebody with a shift in 60 days: can they be woken, and was it tried in 90 days."""

    name: str
    is_verified: bool
    is_tested: bool
    is_active: bool
    rotas: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Finding:
    """One thing that would go wrong; `css` is bad or warn, `url` where it is mended, else its rota."""

    rota: Rota
    sentence: str
    css: str
    url: str = ""


@dataclass(frozen=True)
class NextGap:
    """The first time within 90 days at which a rota has nobody."""

    rota: Rota
    role: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Readiness:
    """`next_gap` is None where nobody is missing for 90 days."""

    health: Health
    holders: tuple[Holder, ...]
    findings: tuple[Finding, ...]
    next_gap: NextGap | None = None


def holders_ahead(rotas: Sequence[Rota], at: datetime) -> list[Holder]:
    """Everybody who holds a shift of these rotas in the next 60 days, by name; one read."""
    shifts = PlannedShift.objects.filter(
        person=OuterRef("pk"), rota__in=[rota.pk for rota in rotas], during__overlap=(at, at + DUTY)
    )
    ways = ContactMethod.objects.filter(person=OuterRef("pk"), state="verified", channel__in=sorted(PAGE_CLASS))
    rows = Person.objects.filter(Exists(shifts)).annotate(
        verified=Exists(ways), tested=Exists(ways.filter(tested_at__gt=at - TESTED)),
        serves=ArraySubquery(shifts.order_by().values("rota").distinct()),
    )  # fmt: skip
    return [
        Holder(row.name, row.verified, row.tested, row.state == PersonState.ACTIVE, frozenset(row.serves))
        for row in rows.order_by("name")
    ]


def findings_of(rota: Rota, at: datetime) -> list[Finding]:
    """What would go wrong with one rota."""
    return rota_findings([rota], holders_ahead([rota], at), at)


def rota_findings(
    rotas: Sequence[Rota], holders: Sequence[Holder], at: datetime, facts: Mapping[int, Facts] | None = None
) -> list[Finding]:
    """Gaps and provisional stretches of 14 days, islands, holders nobody can wake, and who serves twice at once.

    `facts` is what is known of at least these 14 days; read where it is not given.
    """
    found: list[Finding] = []
    twice, known = _twice_at_once(rotas, at), facts if facts is not None else facts_of(rotas, at, at + SOON)
    for rota in rotas:
        own, (rows, people) = [holder for holder in holders if rota.pk in holder.rotas], known[rota.pk]
        found += [*_holes(rota, (cut(rows, at, at + SOON), people), at), *_people(rota, own), *twice[rota.pk]]
    return found


def _holes(rota: Rota, facts: Facts, at: datetime) -> list[Finding]:
    return [
        Finding(
            rota, f"Nobody is {gap.role}, or the cascade stands in, from {when(gap.start, rota.zone, at).text}.",
            "bad" if gap.is_empty else "warn",
        )
        for gap in gaps_in(facts, at)[:5]
    ]  # fmt: skip


def _people(rota: Rota, holders: Sequence[Holder]) -> list[Finding]:
    found = []
    if len(holders) == 1:
        lent = "a colleague of another rota helps out" if rota.borrowed_from_id else "nobody helps out"
        found.append(Finding(rota, f"One person alone carries it; {lent}.", "warn" if rota.borrowed_from_id else "bad"))
    for holder in holders:
        if not holder.is_active:
            found.append(Finding(rota, f"{holder.name} has left and still holds shifts.", "bad"))
        elif not holder.is_verified:
            found.append(Finding(rota, f"{holder.name} has no verified way that wakes.", "bad"))
        elif not holder.is_tested:
            found.append(Finding(rota, f"{holder.name} was not woken for a test in 90 days.", "warn"))
    return found


def _twice_at_once(rotas: Sequence[Rota], at: datetime) -> dict[int, list[Finding]]:
    """Who holds the first place of two rotas at one time within 14 days; allowed, but one night is enough."""
    soon, by_id = (at, at + SOON), {rota.pk: rota for rota in rotas}
    own = PlannedShift.objects.filter(rota__in=by_id, role="primary", person__isnull=False, during__overlap=soon)
    other = PlannedShift.objects.filter(
        role="primary", person=OuterRef("person"), during__overlap=OuterRef("during"), rota__is_archived=False
    ).exclude(rota=OuterRef("rota"))
    rows = own.annotate(beside=Subquery(other.order_by("pk").values("rota__name")[:1])).exclude(beside=None)
    first: dict[int, dict[str, Finding]] = defaultdict(dict)
    for pk, name, beside, during in rows.order_by("during").values_list("rota_id", "person__name", "beside", "during"):
        rota = by_id[pk]
        day = local_date(max(at, ends(during)[0]), rota.zone)
        said = f"{name} also serves {beside} at the same time, from {day_words(day, local_date(at, rota.zone))}."
        first[pk].setdefault(name, Finding(rota, said, "warn"))
    return defaultdict(list, {pk: list(found.values()) for pk, found in first.items()})


def readiness(rotas: Sequence[Rota], at: datetime) -> Readiness:
    """The engine, the people, and what would go wrong with these rotas."""
    holders, facts = tuple(holders_ahead(rotas, at)), facts_of(rotas, at, at + AHEAD)
    findings = tuple(rota_findings(rotas, holders, at, facts))
    return Readiness(engine_health(at), holders, findings, _next_gap(rotas, facts, at))


def _next_gap(rotas: Sequence[Rota], facts: Mapping[int, Facts], at: datetime) -> NextGap | None:
    """The first stretch of these rotas that nobody holds; what a lead accepted counts as well."""
    empty = (
        NextGap(rota, gap.role, gap.start, gap.end)
        for rota in rotas
        for gap in gaps_in(facts[rota.pk], at)
        if gap.is_empty
    )
    return min(empty, key=lambda gap: (gap.start, gap.rota.slug), default=None)


def nights_of(rotas: Sequence[Rota], at: datetime) -> list[Finding]:
    """What would go wrong with agreements, runbooks and quiet times of the teams of these rotas."""
    return [Finding(each.rota, each.sentence, each.css, each.url) for each in night_findings(rotas, at)]


def teams_to_tell(at: datetime) -> dict[Team, list[Finding]]:
    """Teams in which something is wrong, with what it is."""
    found: dict[Team, list[Finding]] = defaultdict(list)
    rotas = list(Rota.objects.filter(is_archived=False).select_related("team").order_by("team", "pk"))
    for finding in [*rota_findings(rotas, holders_ahead(rotas, at), at), *nights_of(rotas, at)]:
        found[finding.rota.team].append(finding)
    return dict(found)
