"""What people hear about their shifts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, reverse

from oncall.domain.words import ROLE_WORDS, DutyRole
from portal.accounts.models import Person
from portal.accounts.queries.teams import responsible_leads
from portal.core.web.presentation import when
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import Subject
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from oncall.domain.diff import Diff
    from oncall.models import Rota

CHANGED, ASKED, GAP, LEAD = "oncall.shift_changed", "oncall.asked", "oncall.gap", "oncall.lead_told"
SHIFT_STARTS, DIFFERS = "oncall.shift_starts", "oncall.plan_differs"
MOST_LINES = 12


def shift_line(role: str, start: datetime, end: datetime, zone: str, at: datetime) -> str:
    """A stretch in words: "primary, Fri 30 Jul 15:00 to Mon 2 Aug 15:00"."""
    return f"{ROLE_WORDS[DutyRole(role)]}, {when(start, zone, at).text} to {when(end, zone, at).text}"


def tell(rota: Rota, kind: str, people: Iterable[int], line: str, *, key: str, at: datetime, **more: Any) -> None:
    """One notice to each person about the rota; told once a `key`."""
    subject = Subject("oncall.rota", rota.pk)
    severity = "warn" if kind in (ASKED, GAP, DIFFERS) else "info"
    context = {"rota": rota.name, "line": line, "url": more.get("url") or rota_url(rota)}
    planned = [
        Planned(NoticeDraft(kind, f"{kind}:{key}:user.{person}", subject, Recipient(person), severity, context))  # type: ignore[arg-type]  # one of two literals
        for person in dict.fromkeys(people)
    ]
    raise_notices(planned=planned, at=at)


def rota_url(rota: Rota) -> str:
    """Where the rota stands; the front page while the room is not mounted."""
    try:
        return reverse("oncall_rota", args=[rota.slug])
    except NoReverseMatch:
        return "/"


def tell_moved(rota: Rota, diff: Diff, reason: str, at: datetime) -> None:
    """Everyone affected gets one notice with old and new times."""
    people = {person.handle: person for person in Person.objects.filter(handle__in=diff.people)}
    for handle, person in people.items():
        lines = [
            ("no longer " if row.before == handle else "new: ")
            + shift_line(row.role, row.start, row.end, rota.zone, at)
            for row in diff.moved
            if handle in (row.before, row.after)
        ]
        more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
        said = "; ".join(lines[:MOST_LINES]) + more + (f". Why: {reason}" if reason else "")
        tell(rota, CHANGED, [person.pk], said[:1500], key=f"rota.{rota.pk}:{diff.sha256[:16]}", at=at)


def tell_leads(rota: Rota, line: str, *, key: str, at: datetime, kind: str = LEAD) -> None:
    """The leads of the rota's team."""
    leads = [lead.pk for lead in responsible_leads(rota.team, at.date())]
    tell(rota, kind, leads, line, key=key, at=at)
