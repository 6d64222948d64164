"""Blocks, chip and answers of on-call on other pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from oncall.domain.words import KIND_WORDS, ROLE_WORDS, DutyRole, RotaKind
from oncall.models import PlannedShift, Rota
from oncall.models.spans import ends
from oncall.queries.board import covers_for, listed_rotas, now_everywhere, offers_for
from oncall.queries.edits import edits_for
from oncall.queries.resolving import resolve_oncall
from oncall.services.shift_news import rota_url
from portal.core.registries import Hit, Need
from portal.core.web.presentation import Link, Row, when
from portal.core.web.shell import OnCallChip

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence
    from datetime import datetime

AHEAD = timedelta(days=30)
MOST = 5


@dataclass(frozen=True)
class DutyBlock:
    """A list of a team's rotas or of one's own shifts."""

    key: str
    title: str
    rows: Sequence[Row]
    more: Link | None = None
    headline: str = ""


def my_shifts(subject: Any, viewer: Any, at: datetime) -> DutyBlock | None:
    """My day: the shifts that run or begin within 30 days; None for who has none."""
    del subject
    rows = (
        PlannedShift.objects.filter(person=viewer, during__overlap=(at, at + AHEAD))
        .select_related("rota").order_by("during")[:MOST]
    )  # fmt: skip
    found = [_shift_row(row, viewer.zone, at) for row in rows]
    if not found:
        return None
    running = bool(found and found[0].side == "now")
    return DutyBlock("duty", "Your shifts", found, Link("Who is on call", reverse("oncall_now")),
                     "you are on call" if running else "")  # fmt: skip


def _shift_row(row: PlannedShift, zone: str, at: datetime) -> Row:
    start, end = ends(row.during)
    span = f"{when(start, zone, at).text} to {when(end, zone, at).text}"
    title = f"{row.rota.name}, {ROLE_WORDS[DutyRole(row.role)]}"
    return Row(title, rota_url(row.rota), icon="siren", facts=[span], side="now" if start <= at < end else "")


def of_team(subject: Any, viewer: Any, at: datetime) -> DutyBlock | None:
    """The team page: its rotas with who answers now; None without a rota."""
    rotas = list(listed_rotas(viewer).filter(team=subject))
    if not rotas:
        return None
    rows = []
    for each in now_everywhere(rotas, at):
        first = each.answer.holder(DutyRole.PRIMARY)
        side = first.name if first is not None else "nobody" if each.answer.is_covered else "not covered"
        rows.append(Row(each.rota.name, rota_url(each.rota), icon="siren",
                        facts=[KIND_WORDS[RotaKind(each.rota.kind)]], side=side))  # fmt: skip
    plan = Link("Duty plan as Markdown", f"/api/v1/oncall/export.md?team={subject.slug}")
    return DutyBlock("team-duty", "On call", rows, plan)


def needs(viewer: Any, at: datetime) -> list[Need]:
    """Covers, swaps and changes of the rota that wait for this person's yes."""
    url = reverse("oncall_answers")
    found = [
        Need(f"Cover for {row.from_person.name}", f"{row.rota.name}, {row.role}", "Answer", url,
             ends(row.during)[0], row.opened_at)
        for row in covers_for(viewer, at)
    ]  # fmt: skip
    found += [
        Need("A swap is offered", f"{row.rota.name}, {row.role}", "Answer", url, row.expires_at, row.created_at)
        for row in offers_for(viewer)
    ]  # fmt: skip
    found += [
        Need("Your yes to a change of your shifts", row.rota.name, "Answer", reverse("oncall_edit", args=[row.pk]),
             row.begins_at, row.asked_at)
        for row in edits_for(viewer)
    ]  # fmt: skip
    return found


def chip(viewer: Any, at: datetime) -> OnCallChip | None:
    """The frame's chip: who answers for the rota nearest to the viewer."""
    if viewer is None:
        return None
    rows = Rota.objects.filter(is_archived=False, kind=RotaKind.PIPELINE).order_by("pk")
    own = rows.filter(team__memberships__person=viewer, team__memberships__during__contains=at.date()).first()
    rota = own or rows.first()
    if rota is None:
        return None
    answer = resolve_oncall(rota=rota, at=at)
    first = answer.holder(DutyRole.PRIMARY)
    url = rota_url(rota)
    if first is None:
        return OnCallChip("Nobody", url, "bad" if answer.is_covered else "")
    return OnCallChip(first.name, url, "ok" if first.reachable else "bad")


def who_is_on_call(match: re.Match[str], viewer: Any, at: datetime) -> Hit | None:
    """The palette: "who is on call", "who is on call for payments"."""
    asked = (match.groupdict().get("team") or "").strip().casefold()
    rows = listed_rotas(viewer).filter(kind=RotaKind.PIPELINE)
    found = [rota for rota in rows if not asked or asked in (rota.team.name.casefold(), rota.team.slug, rota.slug)]
    if not found:
        return None
    answer = resolve_oncall(rota=found[0], at=at)
    first = answer.holder(DutyRole.PRIMARY)
    said = first.name if first is not None else "Nobody" if answer.is_covered else "Not covered now"
    until = f"{found[0].name}, until {when(first.until, viewer.zone, at).text}" if first is not None else found[0].name
    return Hit(f"oncall.{found[0].pk}", said, until, rota_url(found[0]), "siren", (0, 0), "on-call")
