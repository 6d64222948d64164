"""Blocks of incidents and agreements on other pages, what waits for somebody, and search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from oncall.domain.agreements import CLASS_WORDS, NightClass
from oncall.domain.incident_states import OPEN, State
from oncall.queries.agreements import agreements_of_asset, to_sign
from oncall.queries.helping import pleas_to
from oncall.queries.impact import to_say_whether_it_mattered
from oncall.queries.incidents import listed_incidents
from oncall.queries.on_assets import bus_factor_words, tonight_of
from oncall.queries.runbooks import runbook_for
from oncall.queries.tickets import tickets_of
from portal.accounts.models import Membership
from portal.accounts.queries.people import local_day
from portal.core.registries import Hit, Need
from portal.core.web.presentation import Badge, Banner, Empty, Link, ListBlock, Row, count_words, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.queries.agreements import OfAsset

SHOWN = 8
COLOURS = {
    "agreed": "ok", "ends soon": "warn", "waits for a signature": "warn", "not agreed": "bad", "team archived": "gray",
}  # fmt: skip


@dataclass(frozen=True)
class NightBlock:
    """What was agreed for 3 am about an asset, and whether it is broken now."""

    title: str
    lead: str
    line: str
    rows: Sequence[Row]
    banner: Banner | None
    action: Link
    icon: str = "moon-star"
    end: str = ""


def asset_night(subject: Any, viewer: Any, at: datetime) -> NightBlock:
    """The night card of an asset page."""
    agreements = agreements_of_asset(subject.pk, viewer, at.date())
    tonight = tonight_of(subject.pk, viewer, at)
    agreed = sum(row.standing.active is not None for row in agreements)
    live = [row for row in agreements if row.agreement.downstream_team.archived_at is None]
    if not live:
        lead, line = "Nobody downstream has registered.", "Until then the owner's default decides what may wait."
    else:
        lead = f"{agreed} of {count_words(len(live), 'team')} agreed what may wait at night."
        line = "The pager obeys what is signed; the rest falls to the owner's default."
    banner = None
    for incident, told in tonight.incidents[:1]:
        words = told or incident.title
        banner = Banner(f"{incident.number} is open", words, "bad", "siren", Link("Open", incident.get_absolute_url()))
    rows = [_agreement_row(row) for row in agreements]
    action = Link("Register a team", f"/agreements/new?asset={subject.slug}")
    line = f"{line} {bus_factor_words(tonight.menders)}"
    return NightBlock("If it breaks at night", lead, line, rows, banner, action)


def asset_runbook(subject: Any, viewer: Any, at: datetime) -> ListBlock:
    """The runbook of an asset page."""
    del viewer, at
    version = runbook_for(subject.pk, None)
    if version is None:
        empty = Empty("No runbook yet", "Begin with the template of a failure you know.", "book-open-check",
                      Link("Write one", f"/runbooks/new?asset={subject.slug}"))  # fmt: skip
        return ListBlock("asset-runbook", "Runbook", (), None, empty)
    row = Row(version.runbook.title, version.runbook.get_absolute_url(), icon="book-open-check",
              badges=[Badge(f"Version {version.number}", "ok")],
              facts=[count_words(len(version.issues), "known failure")])  # fmt: skip
    return ListBlock("asset-runbook", "Runbook", [row])


def my_incidents(subject: Any, viewer: Any, at: datetime) -> ListBlock | None:
    """Open incidents of the viewer and of their teams; None while nothing burns."""
    del subject
    teams = Membership.objects.filter(person=viewer, during__contains=local_day(viewer, at)).values("team")
    mine = Q(acknowledged_by=viewer) | Q(team__in=teams)
    rows = list(listed_incidents(viewer).filter(mine, state__in=sorted(OPEN)).order_by("act_at", "pk")[:SHOWN])
    if not rows:
        return None
    words = count_words(len(rows), "open incident")
    shown = [
        Row(row.title, row.get_absolute_url(), "bad" if row.state == State.TRIGGERED else "warn", number=row.number,
            facts=[row.team.name], side=when(row.opened_at, viewer.zone, at).text)
        for row in rows
    ]  # fmt: skip
    return ListBlock("my-incidents", "Broken now", shown, Link("All", "/incidents/?state=open"), headline=words)


def my_tickets(subject: Any, viewer: Any, at: datetime) -> ListBlock | None:
    """What downstream teams wait for from the viewer."""
    del subject
    rows = list(tickets_of(viewer, at)[:SHOWN])
    if not rows:
        return None
    shown = [
        Row(row.title, row.get_absolute_url(), icon="ticket", number=row.number,
            side=f"by {when(row.unblock_due if row.state == 'open' else row.fix_due, viewer.zone, at).text}")
        for row in rows
    ]  # fmt: skip
    words = count_words(len(rows), "ticket") + " from downstream"
    return ListBlock("my-tickets", "Downstream waits for you", shown, Link("All", "/upstream/?state=live"), None, words)


def needs(viewer: Any, at: datetime) -> list[Need]:
    """Help that is asked, agreements to sign, tickets that wait on the viewer, and whether a wait mattered."""
    signing = [
        Need(
            row.agreement.asset.name, f"{row.agreement.downstream_team.name} is asked to sign what may wait at night.",
            "Read and sign", row.agreement.get_absolute_url(), None, row.drafted_at,
        )
        for row in to_sign(viewer, at)
    ]  # fmt: skip
    waiting = [
        Need(row.title, f"{row.number}: a downstream team waits.", "Answer", row.get_absolute_url(), row.unblock_due,
             row.opened_at)
        for row in tickets_of(viewer, at).filter(state="open")[:SHOWN]
    ]  # fmt: skip
    mattered = [
        Need(row.title, f"{row.number}: it had to wait. Did it matter to your team?", "Say so", row.get_absolute_url(),
             None, row.resolved_at or at)
        for row in to_say_whether_it_mattered(viewer, at)
    ]  # fmt: skip
    helping = [
        Need(
            row.incident.title, f"{row.asked_by.name} asks for your help: {row.text}", "Say yes or no",
            row.incident.get_absolute_url(), None, row.asked_at,
        )
        for row in pleas_to(viewer)
    ]  # fmt: skip
    return helping + signing + waiting + mattered


def open_count(viewer: Any, at: datetime) -> int | None:
    """How many incidents page somebody now, for the side navigation."""
    del at
    return listed_incidents(viewer).filter(state=State.TRIGGERED).order_by().count() or None


def find_incidents(query: str, viewer: Any, limit: int) -> list[Hit]:
    """By number, then by the words of the title."""
    text = query.strip()
    pk = text.upper().removeprefix("INC-")
    number = Q(pk=int(pk)) if pk.isdecimal() and len(pk) < 18 else Q(pk=None)  # noqa: PLR2004 (bigint)
    rows = listed_incidents(viewer).filter(number | Q(title__icontains=text)).order_by("-opened_at")[:limit]
    return [
        Hit(f"incident:{row.pk}", row.title, f"{row.number} · {row.state.replace('_', ' ')} · {row.team.name}",
            row.get_absolute_url(), "siren", (3, 0), "incidents")
        for row in rows
    ]  # fmt: skip


def _agreement_row(row: OfAsset) -> Row:
    word, signed = row.standing.word, row.signed
    facts = [CLASS_WORDS[NightClass(signed.night_class)]] if signed is not None else []
    if signed is not None and signed.shown_meanwhile:
        facts.append(f"meanwhile: {signed.shown_meanwhile[:80]}")
    return Row(
        row.agreement.downstream_team.name, row.agreement.get_absolute_url(), COLOURS[word],
        badges=[Badge(word.capitalize(), COLOURS[word])], facts=facts,
    )  # fmt: skip
