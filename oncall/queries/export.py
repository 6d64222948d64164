"""The duty plan of a team as one Markdown file (spec exercise 7): ten headings, the same bytes for the same facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from oncall.domain.balance import points_text
from oncall.domain.instants import local_date, wall_instant
from oncall.domain.markdown import Strong, cell, section, table
from oncall.domain.target import judge, percent_text, verdict_words
from oncall.domain.words import ROLE_WORDS, DutyRole, RotaKind
from oncall.models import CompDay, DraftPick, MajorHoliday, Rota, SpecialPeriod
from oncall.models.spans import ends
from oncall.policies import can_read_points
from oncall.queries.export_breaks import breaking, breaks_of, open_breaks
from oncall.queries.export_worked import worked_examples
from oncall.queries.facts import holidays_of, version_at
from oncall.queries.fairness import fairness, gaps
from oncall.queries.resolving import pipeline_rota
from oncall.queries.target import compared_plans, primary_problem
from oncall.queries.working_out import facts_between
from ownership.domain.kinds import PIPELINE
from ownership.models import Asset
from ownership.queries.owners import current_owners
from portal.accounts.models import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oncall.domain.effective import Effective
    from oncall.models import RotaVersion
    from oncall.queries.export_breaks import Breaking
    from oncall.queries.fairness import Carried
    from oncall.queries.people import DutyPerson
    from portal.accounts.models import Team

MIDNIGHT = time()
DAY = timedelta(days=1)
MOST_DOMAINS = 100


@dataclass(frozen=True)
class Wanted:
    """Whose plan, from which day to which day (included), for whom, and when it is made."""

    team: Team
    first: date
    last: date
    viewer: Any
    at: datetime


def duty_export(wanted: Wanted) -> str:
    """The whole file. Points by person stand in it only for who may see them; others get the verdict."""
    team = wanted.team
    rota = pipeline_rota(team)
    facts = breaking(team_assets(team), rota.zone if rota is not None else team.zone, wanted.at)
    head = (
        f"# {cell(team.name)}: duty plan\n\n"
        f"From {wanted.first.isoformat()} to {wanted.last.isoformat()}; made {wanted.at:%Y-%m-%d %H:%M} UTC."
    )
    parts = [
        head,
        _ownership(wanted),
        _schedule(wanted, rota),
        _holidays(wanted, rota),
        _fairness(wanted, rota),
        _questions(wanted),
        *breaks_of(facts),
        worked_examples(rota, *_span(wanted, rota))
        if rota
        else section("Swaps, leave and emergencies", "No rota yet."),
        _open_points(wanted, rota, facts),
    ]
    return "\n\n".join(parts) + "\n"


def _span(wanted: Wanted, rota: Rota) -> tuple[datetime, datetime]:
    start = wall_instant(wanted.first, MIDNIGHT, rota.zone)
    return start, wall_instant(wanted.last + DAY, MIDNIGHT, rota.zone)


def team_assets(team: Team) -> list[Asset]:
    """What the team and its people answer for by name: pipelines, and whatever else is agreed or expected of them."""
    people = Person.objects.filter(memberships__team=team).values("pk")
    promised = Q(kind=PIPELINE.code) | Q(agreements__isnull=False) | Q(expectations__isnull=False)
    owned = Asset.objects.filter(
        Q(ownerships__person__in=people) | Q(ownerships__team=team), ownerships__rank=1,
        ownerships__valid__upper_inf=True, ownerships__state="accepted", retired_at=None,
    ).filter(promised)  # fmt: skip
    return list(owned.distinct().order_by("name")[:MOST_DOMAINS])


def _ownership(wanted: Wanted) -> str:
    assets = team_assets(wanted.team)
    owners = current_owners([asset.pk for asset in assets])
    rows, load = [], dict[str, float]()
    for asset in assets:
        held = owners[asset.pk]
        backup = held.backups[0].party.name if held.backups else "nobody"
        primary = held.primary.party.name if held.primary else "nobody"
        rows.append([asset.name, primary, backup])
        for name, share in ((primary, 1.0), (backup, 0.25)):
            load[name] = load.get(name, 0) + share
    loads = [[name, f"{share:.2f}"] for name, share in sorted(load.items()) if name != "nobody"]
    said = "One person is accountable for each pipeline, and another stands behind. Load: 1 a pipeline, 0.25 a backup."
    return section(
        "Ownership", said, table(["Pipeline", "Accountable", "First backup"], rows), table(["Person", "Load"], loads)
    )


def rules_in_words(version: RotaVersion, zone: str) -> str:
    """The rules of a version as sentences."""
    rotation = version.rotation
    handoffs = ", ".join(f"{row['dow'].capitalize()} {row['time']}" for row in rotation.get("handoffs", []))
    roles = ", ".join(f"{row['role']} (counts {row.get('factor', 1)})" for row in version.roles)
    when_ = f"Handoffs {handoffs}, {zone} time." if handoffs else f"{rotation['kind'].capitalize()} turns, {zone} time."
    mode = version.coverage.get("mode", "always")
    return f"{when_} Roles: {roles}. Covered: {mode}; holidays are {version.coverage.get('holidays', 'served')}."


def _schedule(wanted: Wanted, rota: Rota | None) -> str:
    if rota is None:
        return section("On-call schedule", "No rota yet.")
    start, end = _span(wanted, rota)
    version = version_at(rota, start) or version_at(rota, wanted.at)
    rows, people = facts_between(rota, start, end)
    words = rules_in_words(version, rota.zone) if version is not None else ""
    feed = f"Calendar: `/ical/` with an address of your own (make one at `/oncall/calendars/`, rota `{rota.slug}`)."
    return section(
        "On-call schedule",
        words,
        feed,
        table(["From", "To", "Primary", "Secondary"], schedule_rows(rows, people, rota.zone)),
    )


def schedule_rows(rows: Sequence[Effective], people: dict[int, DutyPerson], zone: str) -> list[list[object]]:
    """One line a stretch of the primary, with who stands behind at its beginning."""
    found: list[list[object]] = []
    seconds = [row for row in rows if row.role == DutyRole.SECONDARY]
    for row in rows:
        if row.role != DutyRole.PRIMARY:
            continue
        behind = next((s for s in seconds if s.start <= row.start < s.end), None)
        names = [people[r.person].name if r is not None and r.person else Strong("nobody") for r in (row, behind)]
        found.append([_local(row.start, zone), _local(row.end, zone), *names])
    return found


def _local(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"


def _holidays(wanted: Wanted, rota: Rota | None) -> str:
    if rota is None:
        return section("Holidays", "No rota yet.")
    start, end = _span(wanted, rota)
    _, people = facts_between(rota, start, end)
    days = holidays_of(list(people))
    rows = [
        [
            person.name,
            person.zone,
            ", ".join(d.isoformat() for d in sorted(days.get(pk, ())) if wanted.first <= d <= wanted.last),
        ]
        for pk, person in sorted(people.items(), key=lambda pair: pair[1].handle)
    ]
    majors = MajorHoliday.objects.filter(team=wanted.team, dates__overlap=(wanted.first, wanted.last + DAY))
    major_rows = [
        [
            row.name,
            row.dates.lower,
            (row.dates.upper or row.dates.lower) - DAY,
            row.last_held_by.name if row.last_held_by else "nobody",
        ]
        for row in majors.select_related("last_held_by").order_by("dates")
        if row.dates.lower
    ]
    comp = [
        [comp.person.name, comp.earned_on, comp.due_by, comp.taken_on or "not taken yet"]
        for comp in CompDay.objects.filter(rota=rota).select_related("person").order_by("earned_on", "person__handle")
    ]
    earned = "Serving four hours or more of one's own public holiday earns a day off, due within 90 days."
    return section(
        "Holidays",
        table(["Person", "Zone", "Public holidays"], rows),
        table(["Major holiday", "From", "To", "Held last year by"], major_rows),
        _periods(rota, start, end),
        earned,
        table(["Day off of", "Earned on", "Due by", "Taken"], comp),
    )


def _periods(rota: Rota, start: datetime, end: datetime) -> str:
    said = []
    for period in SpecialPeriod.objects.filter(rota=rota, during__overlap=(start, end)).order_by("during"):
        low, high = ends(period.during)
        picks = DraftPick.objects.filter(period=period, round__isnull=False).select_related("person")
        free = [
            [f"round {pick.round}", pick.person.name, _local(pick.block_start, rota.zone)]
            for pick in picks.order_by("round", "block_start", "person__handle")
        ]
        said.append(
            f"{cell(period.name)}: {_local(low, rota.zone)} to {_local(high, rota.zone)}, "
            f"{period.rotation['kind']} blocks. Free by the draft:"
        )
        said.append(table(["Round", "Person", "Free of the block from"], free))
    return "\n\n".join(said)


def _fairness(wanted: Wanted, rota: Rota | None) -> str:
    if rota is None:
        return section("Fairness", "No rota yet.")
    start, end = _span(wanted, rota)
    found = primary_problem(rota, wanted.at, since=start)
    if found is None:
        return section("Fairness", "Nothing is planned yet.")
    problem, holders = found
    verdict = judge(problem, holders)
    parts = [verdict_words(verdict)]
    if can_read_points(wanted.viewer, rota, wanted.at):
        parts.append(_carried_table(fairness(rota, start, end)))
    else:
        total = sum(person.primary for person in fairness(rota, start, end))
        parts.append(f"Together {points_text(total)} points as primary. Points by person are for the team.")
    rows = [
        [name, " / ".join(percent_text(d).removesuffix(" %") for _, d in judged.quarters) + " %", cost[0], cost[2]]
        for name, judged, cost in compared_plans(rota, problem, holders)
    ]
    parts.append("Other plans for the same people and dates, with what they would cost:")
    parts.append(table(["Plan", "Largest deviation by quarter", "Absences hit", "Major rules broken"], rows))
    return section("Fairness", *parts)


def _carried_table(people: list[Carried]) -> str:
    head = [
        "Person",
        "Blocks weekday / weekend / special",
        "Primary points",
        "weekday / weekend / own holiday",
        "Balance",
        "Secondary points",
        "Own holidays",
        "Major holidays",
        "Full nights",
    ]
    rows = [
        [
            p.name,
            f"{p.blocks['week'] + p.blocks['day']} / {p.blocks['weekend']} / {p.blocks['special']}",
            points_text(p.primary),
            " / ".join(points_text(n) for n in (p.workday, p.weekend, p.holiday)),
            points_text(p.balance, signed=True),
            points_text(p.secondary),
            len(p.own_holidays),
            ", ".join(p.majors),
            p.nights,
        ]
        for p in people
    ]
    return table(head, rows)


def _questions(wanted: Wanted) -> str:
    rota = Rota.objects.filter(team=wanted.team, kind=RotaKind.QUESTIONS, is_archived=False).order_by("pk").first()
    if rota is None:
        return section("Questions", "Questions are answered by the pipeline rota.")
    start, end = _span(wanted, rota)
    version = version_at(rota, start) or version_at(rota, wanted.at)
    rows, people = facts_between(rota, start, end)
    weeks: dict[date, dict[str, str]] = {}
    for row in rows:
        day = local_date(row.start, rota.zone)
        monday = day - timedelta(days=day.weekday())
        if row.person is not None and row.reason_code == "":
            weeks.setdefault(monday, {}).setdefault(row.role, people[row.person].name)
    lines = [
        [monday, *(names.get(role, "nobody") for role in ("primary", "partner"))] for monday, names in weeks.items()
    ]
    words = rules_in_words(version, rota.zone) if version is not None else ""
    promise = "Outside these hours a question waits for the next opening; its promise counts working time alone."
    return section("Questions", words, promise, table(["Week of", "Desk", "Partner"], lines))


def _open_points(wanted: Wanted, rota: Rota | None, facts: Breaking) -> str:
    rows: list[list[object]] = []
    if rota is not None:
        start, end = _span(wanted, rota)
        rows += [
            [
                f"{ROLE_WORDS[DutyRole(gap.role)]} {_local(gap.start, rota.zone)} to {_local(gap.end, rota.zone)}",
                Strong("nobody") if gap.is_empty else "stands in provisionally",
            ]
            for gap in gaps(rota, start, end, wanted.at, named=False)
        ]
    rows += [[asset.name, "no backup"] for asset in facts.assets if not facts.owners[asset.pk].backups]
    rows += open_breaks(facts)
    return section("Open points", table(["What", "State"], rows))
