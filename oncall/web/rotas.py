"""Who is on call: everywhere, and the schedule of one rota (spec oncall 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.views.decorators.http import require_GET

from oncall.domain.balance import points_text
from oncall.domain.target import percent_text, verdict_words
from oncall.domain.words import KIND_WORDS, ROLE_WORDS, DutyRole, RotaKind
from oncall.filters.rotas import RotaFilter
from oncall.policies import can_manage_rota, can_read_points
from oncall.queries.board import behind_words, fresh_notes, listed_rotas, now_everywhere
from oncall.queries.edits import waiting_edits
from oncall.queries.facts import majors_of
from oncall.queries.fairness import fairness_in, gaps_in, joined_gaps, named_gaps
from oncall.queries.planned import HISTORY
from oncall.queries.resolving import answer_known, answers_in
from oncall.queries.rota_book import open_book
from oncall.queries.shifts import DAY
from oncall.queries.target import FAR, explained_target, verdict_in
from oncall.queries.working_out import cut, facts_of, firm_in
from oncall.web.filtering import filtered
from oncall.web.timeline import Face, agenda_of, days_of, everywhere, grid_of, hues_in, lanes_of
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Banner, Empty, Link, Row, Tab, avatar, pct_class, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.domain.answers import Held, OnCallAnswer
    from oncall.models import Rota, RotaEdit
    from oncall.queries.fairness import Carried, Gap
    from oncall.queries.working_out import Facts
    from portal.core.web.presentation import Avatar

WINDOW = timedelta(days=90)
NOW_HEADER = (
    "rota", "name", "team", "kind", "coverage", "primary", "primary_name", "source", "provisional", "reachable",
    "secondary", "next_change_at",
)  # fmt: skip
AHEAD = timedelta(days=14)
ONCALL = (("On-call", "/oncall/"),)
FEW, MOST_BANNERS = 6, 3
NEW = Link("New rota", "/oncall/rotas/new", "plus")
TABS = (
    Tab("Now", "/oncall/", is_current=True), Tab("Changes", "/oncall/changes/"), Tab("Swaps", "/oncall/swaps/"),
    Tab("Covers", "/oncall/covers/"), Tab("Special periods", "/oncall/holidays/"),
    Tab("Would it wake?", "/oncall/proof"),
)  # fmt: skip


@dataclass(frozen=True)
class WhoCard:
    """One holder now."""

    label: str
    name: str
    line: str
    face: Avatar | None
    is_red: bool


@dataclass(frozen=True)
class FairRow:
    """One person in the table of fairness."""

    name: str
    face: Avatar
    nights: int
    weekend: str
    points: str
    balance: str
    share: str
    bar: str
    own_holidays: int
    majors: str


def find_rota(request: HttpRequest, slug: str) -> Rota:
    """The visible rota; raises `NotVisible`."""
    found: Rota | None = listed_rotas(request.user).filter(slug=slug).first()
    if found is None:
        raise NotVisible
    return found


class NowView(PageView):
    """`/oncall/`: every rota with who answers now."""

    page_title = "Who is on call"
    nav_key = "oncall"
    template_name = "oncall/now.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        chosen = filtered(RotaFilter, listed_rotas(viewer), self.request)
        page = keyset(chosen.qs, order=("name",), cursor=self.request.GET.get("cursor", ""))
        rotas = list(page.rows)
        grid = grid_of(at, viewer.zone)
        facts = facts_of(rotas, grid.start, max(grid.end, at + AHEAD), widen=True)
        answers = answers_in(rotas, facts, at)
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        return {
            "lead": "Everywhere, at this minute. Times are yours.", "tabs": TABS, "form": chosen.form,
            "clear": self.request.path, "is_long": len(rotas) > FEW or bool(self.request.GET),
            "download": f"{reverse('oncall_now_export')}?{self.request.GET.urlencode()}",
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "rows": [now_row(rota, answers[rota.pk], viewer.zone, at) for rota in rotas],
            "banners": missing(rotas, facts, viewer.zone, at), "days": days_of(grid, at),
            "lanes": everywhere(rotas, facts, grid), "now_at": f"p{grid.percent(at)}",
            "empty": Empty("No rota yet", "A lead makes the first one.", "siren", NEW), "actions": [NEW],
        }  # fmt: skip


@require_GET
def export_now(request: HttpRequest) -> StreamingHttpResponse:
    """Who answers now in the chosen rotas, as CSV."""
    at = clock.now()
    rotas = list(filtered(RotaFilter, listed_rotas(request.user), request).qs)
    lines = [_now_line(each.rota, each.answer) for each in now_everywhere(rotas, at)]
    return csv_response("on-call", NOW_HEADER, lines, count=len(lines))


def _now_line(rota: Rota, answer: OnCallAnswer) -> tuple[object, ...]:
    first, second = answer.holder(DutyRole.PRIMARY), answer.holder(DutyRole.SECONDARY)
    until = answer.next_change_at.isoformat() if answer.next_change_at else ""
    said: tuple[object, ...] = ("", "nobody", "", "", "")
    if first is not None:
        said = (first.handle, first.name, first.source.value, first.provisional, first.reachable)
    return (
        rota.slug, rota.name, rota.team.slug, rota.kind, answer.coverage, *said, second.handle if second else "", until
    )  # fmt: skip


def now_row(rota: Rota, answer: OnCallAnswer, zone: str, at: datetime) -> Row:
    """A rota on the list: who answers, who comes next, or what is missing."""
    url = reverse("oncall_rota", args=[rota.slug])
    facts: list[Any] = [rota.team.name, KIND_WORDS[RotaKind(rota.kind)]]
    if not answer.is_covered:
        opens = f"opens {when(answer.next_change_at, zone, at).text}" if answer.next_change_at else "not planned"
        return Row(rota.name, url, icon="moon-star", facts=[*facts, opens], side="not covered")
    first = answer.holder(DutyRole.PRIMARY)
    second = answer.holder(DutyRole.SECONDARY)
    if second is not None:
        facts.append(f"then {second.name}")
    if first is None or first.person_id is None:
        return Row(rota.name, url, dot="bad", facts=[*facts, "nobody is on call"], side="gap", side_css="text-bad")
    badges = [] if first.reachable else [Badge("cannot be woken", "bad")]
    badges += [Badge("provisional", "warn")] if first.provisional else []
    facts.append(f"until {when(first.until, zone, at).text}")
    face = avatar(Face(first.person_id, first.name))
    return Row(f"{first.name}", url, avatar=face, number=rota.name, badges=badges, facts=facts, side="now")


class RotaView(PageView):
    """`/oncall/rotas/<slug>`: who now, gaps with a named candidate, two weeks of lanes, fairness, notes."""

    nav_key = "oncall"
    crumbs = ONCALL
    template_name = "oncall/rota.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        rota = find_rota(self.request, str(self.kwargs["slug"]))
        grid, reads = grid_of(at, rota.zone), can_read_points(viewer, rota, at)
        book = open_book(rota, at - WINDOW, at + AHEAD + DAY)
        rows, people = book.facts(grid.start, grid.end)
        hues = hues_in(rows)
        answer = answer_known(rota, (book.worked.rows, book.worked.people), at, book.opens_after(at))
        firm = firm_in(book.worked.planned, book.worked.laid, grid.start, grid.end)
        majors = majors_of(rota, at - HISTORY, at + FAR)
        return {
            "page_title": rota.name,
            "rota": rota,
            "lead": f"{rota.team.name} · {KIND_WORDS[RotaKind(rota.kind)]} · times in {rota.zone}",
            "actions": _actions(rota, viewer, at, serves=viewer.pk in people),
            "more": _rules(rota) if can_manage_rota(viewer, rota.team, at).allowed else [],
            "cards": _cards(answer, viewer.zone, at, hues),
            "banners": [
                *(_edit_banner(edit, names) for edit, names in waiting_edits(rota)),
                *(_gap_banner(gap, rota, at) for gap in joined_gaps(named_gaps(book, at, at + AHEAD, at, FEW))[:3]),
            ],
            "days": days_of(grid, at),
            "lanes": lanes_of(rows, firm, book.worked.laid, people, grid),
            "behind": behind_words(book, at),
            "now_at": f"p{grid.percent(at)}",
            "agenda": agenda_of(rows, people, rota.zone, at),
            "notes": fresh_notes(rota, at),
            "fair": _fair(fairness_in(book, majors, at - WINDOW, at), hues) if reads else [],
            "may_note": reads or viewer.pk in people,
            "verdict": verdict_words(verdict_in(book, majors, at)),
        }


def _actions(rota: Rota, viewer: Any, at: datetime, *, serves: bool) -> list[Link]:
    """What the viewer can do with shifts here; nothing for others than its people and leads."""
    links = [
        Link("I take it", reverse("oncall_change", args=[rota.slug, "take"]), "hand"),
        Link("Swap a shift", reverse("oncall_change", args=[rota.slug, "swap"]), "repeat"),
        Link("Ask for cover", reverse("oncall_change", args=[rota.slug, "cover"]), "hand-helping"),
    ]
    if can_manage_rota(viewer, rota.team, at).allowed:
        give = Link("Override", reverse("oncall_change", args=[rota.slug, "override"]), "user-round-plus")
        return [give, *(links if serves else links[1:])]
    return links if serves else []


def _rules(rota: Rota) -> list[Link]:
    """What a lead settles now and then."""
    return [
        Link("Edit rules", reverse("oncall_rota_edit", args=[rota.slug]), "settings-2"),
        Link("Special period", reverse("oncall_period_new", args=[rota.slug]), "calendar"),
        Link("Other rotas", reverse("oncall_rota_ties", args=[rota.slug]), "link"),
        Link("Merge or split?", reverse("oncall_what_if", args=[rota.slug]), "repeat"),
    ]


def _cards(answer: OnCallAnswer, zone: str, at: datetime, hues: Mapping[int, int]) -> list[WhoCard]:
    if not answer.is_covered:
        line = f"opens {when(answer.next_change_at, zone, at).text}" if answer.next_change_at else "nothing is planned"
        return [WhoCard("Now", "Not covered", line, None, is_red=False)]
    return [_card(held, zone, at, hues) for held in answer.entries]


def _card(held: Held, zone: str, at: datetime, hues: Mapping[int, int]) -> WhoCard:
    label = ROLE_WORDS[held.role].capitalize()
    if held.person_id is None:
        return WhoCard(label, "Nobody", f"until {when(held.until, zone, at).text}", None, is_red=True)
    line = f"until {when(held.until, zone, at).text}" + (", provisional" if held.provisional else "")
    if not held.reachable and held.role in (DutyRole.PRIMARY, DutyRole.SECONDARY):
        line += "; no verified way to wake them"
    face = avatar(Face(held.person_id, held.name), hues.get(held.person_id))
    return WhoCard(label, held.name, line, face, is_red=not held.reachable)


def _edit_banner(edit: RotaEdit, names: str) -> Banner:
    """A change that waits for somebody's yes."""
    link = Link("See it", reverse("oncall_edit", args=[edit.pk]))
    return Banner(
        "A change of this rota waits for a yes.", f"Not answered yet: {names}.", "note", "repeat", action=link
    )


def _gap_banner(gap: Gap, rota: Rota, at: datetime) -> Banner:
    role = ROLE_WORDS[DutyRole(gap.role)]
    span = f"{when(gap.start, rota.zone, at).text} to {when(gap.end, rota.zone, at).text}"
    title = f"No {role} from {span}." if gap.is_empty else f"The {role} from {span} stands in provisionally."
    away = f"Away: {gap.away}. " if gap.away else ""
    best = gap.candidate
    free = (
        f"Free and least loaded: {best.name} (balance {points_text(best.balance, signed=True)})."
        if best
        else ("Nobody of the rota is free.")
    )
    zone = ZoneInfo(rota.zone)
    start, end = (f"{instant.astimezone(zone):%Y-%m-%dT%H:%M}" for instant in (gap.start, gap.end))
    query = urlencode({"start": start, "end": end, "role": gap.role})
    link = Link("Ask for cover", f"{reverse('oncall_change', args=[rota.slug, 'cover'])}?{query}")
    return Banner(title, away + free, "bad" if gap.is_empty else "", action=link)


def missing(rotas: Sequence[Rota], facts: Mapping[int, Facts], zone: str, at: datetime) -> list[Banner]:
    """The next stretches of two weeks at which a rota has nobody to ring first; at most three."""
    found = []
    for rota in rotas:
        rows, people = facts[rota.pk]
        open_now = gaps_in((cut(rows, at, at + AHEAD), people), at)
        found += [(gap, rota) for gap in joined_gaps(open_now) if gap.is_empty and gap.role == DutyRole.PRIMARY]
    found.sort(key=lambda each: (each[0].start, each[1].slug))
    return [
        Banner(
            f"{rota.name}: nobody from {when(gap.start, zone, at).text} to {when(gap.end, zone, at).text}.",
            f"Away: {gap.away}." if gap.away else "", "bad",
            action=Link("Fill it", reverse("oncall_rota", args=[rota.slug])),
        )
        for gap, rota in found[:MOST_BANNERS]
    ]  # fmt: skip


def _fair(people: Sequence[Carried], hues: Mapping[int, int]) -> list[FairRow]:
    """Points by person, for the team of the rota; others see the verdict alone."""
    total = sum(each.primary for each in people) or 1
    return [_fair_row(each, total, hues) for each in people]


def _fair_row(each: Carried, total: int, hues: Mapping[int, int]) -> FairRow:
    share, face = each.primary / total, avatar(Face(each.person_id, each.name), hues.get(each.person_id))
    return FairRow(
        each.name, face, each.nights, points_text(each.weekend),
        points_text(each.primary), points_text(each.combined, signed=True), f"{share * 100:.0f} %",
        pct_class(min(1.0, share * 2)), len(each.own_holidays), ", ".join(each.majors),
    )  # fmt: skip


class TargetView(PageView):
    """`/oncall/rotas/<slug>/target`: can the target be met, and what would make it possible."""

    page_title = "Can the target be met?"
    nav_key = "oncall"
    template_name = "oncall/target.html"

    def context(self, at: datetime) -> dict[str, Any]:
        rota = find_rota(self.request, str(self.kwargs["slug"]))
        self.crumbs = (*ONCALL, (rota.name, reverse("oncall_rota", args=[rota.slug])))
        verdict = explained_target(rota, at)
        bound = percent_text(verdict.bound)
        return self.shell_context() | {
            "lead": verdict_words(verdict),
            "bound": f"{verdict.blocks} equal blocks for {verdict.people} people cannot be nearer than {bound}.",
            "rows": [
                Row(f"Q{quarter} {year}", "", side=percent_text(deviation))
                for (year, quarter), deviation in verdict.quarters
            ],
            "ways": [Row(way.words, "", side=percent_text(way.worst), dot="ok" if way.meets else "bad")
                     for way in verdict.ways],
        }  # fmt: skip
