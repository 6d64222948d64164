"""Blocks of this room on other rooms' pages, its hits in search, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.core.registries import Hit, Need
from portal.core.web.presentation import Empty, Link, count_words
from requests_queue.domain.states import State
from requests_queue.queries.listing import (
    asked_by,
    late_of_led,
    listed_requests,
    moved_by,
    open_about,
    waiting_at_desk,
    work_of,
)
from requests_queue.rows import request_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.core.web.presentation import Row
    from requests_queue.models import DataRequest

SHOWN = 6
MOST_WORDS = 8


@dataclass(frozen=True)
class RequestsBlock:
    """A card of requests; `headline` is a clause for the head of My day."""

    key: str
    title: str
    rows: Sequence[Row] = ()
    more: Link | None = None
    empty: Empty | None = None
    headline: str = ""


@dataclass(frozen=True)
class AskBlock:
    """The box that begins a request."""

    url: str


def ask(subject: Any, viewer: Any, at: datetime) -> AskBlock | None:
    """Everybody but auditors asks."""
    del subject, at
    return None if viewer.is_auditor else AskBlock("/requests/new")


def my_requests(subject: Any, viewer: Any, at: datetime) -> RequestsBlock | None:
    """What the viewer asked and still waits for."""
    rows = list(asked_by(subject)[: SHOWN + 1])
    if not rows:
        return None
    shown = request_rows(rows[:SHOWN], viewer.zone, at)
    return RequestsBlock("my-requests", "You asked", shown, Link("All", "/requests/?requester=me"))


def my_work(subject: Any, viewer: Any, at: datetime) -> RequestsBlock | None:
    """What the viewer has in hand."""
    rows = list(work_of(subject)[: SHOWN + 1])
    if not rows:
        return None
    shown = request_rows(rows[:SHOWN], viewer.zone, at)
    more = Link("All", "/requests/?assignee=me&state=open")
    return RequestsBlock(
        "my-work", "In your hands", shown, more, headline=count_words(len(rows[:SHOWN]), "request") + " in hand"
    )


def desk(subject: Any, viewer: Any, at: datetime) -> RequestsBlock | None:
    """What waits at the viewer's desk."""
    rows = list(waiting_at_desk(subject, at)[: SHOWN + 1])
    if len(rows) <= SHOWN:
        viewer.desk_counted = len(rows)  # the frame of the same page shows it again
    if not rows:
        return None
    return RequestsBlock("desk", "At the desk", request_rows(rows[:SHOWN], viewer.zone, at), Link("Triage", "/triage/"))


def late_in_teams(subject: Any, viewer: Any, at: datetime) -> RequestsBlock | None:
    """What the lead's teams promised and did not keep in time."""
    rows = list(late_of_led(subject, at)[: SHOWN + 1])
    if not rows:
        return None
    words = count_words(len(rows[:SHOWN]), "promise") + (" is late" if len(rows) == 1 else " are late")
    more = Link("All late ones", "/requests/?due=breached")
    return RequestsBlock("late", "Late in your team", request_rows(rows[:SHOWN], viewer.zone, at), more, headline=words)


def of_asset(subject: Any, viewer: Any, at: datetime) -> RequestsBlock | None:
    """Open requests about an asset."""
    shown = request_rows(open_about(subject, viewer)[:SHOWN], viewer.zone, at)
    more = Link("Ask about it", f"/requests/new?assets={subject.slug}")
    empty = None if shown else Empty("No open requests", "Nobody waits for anything here.", "inbox")
    return RequestsBlock("asset-requests", "Open requests", shown, more, empty)


def needs(viewer: Any, at: datetime) -> list[Need]:
    """Questions to answer, approvals to give, and work that is the viewer's alone; one query, as every page counts."""
    return [_need(row, viewer) for row in moved_by(viewer, at)[: 3 * SHOWN]]


def _need(row: DataRequest, viewer: Any) -> Need:
    url = row.get_absolute_url()
    if row.state == State.WAITING_ON_REQUESTER and row.requester_id == viewer.pk:
        return Need(row.title, "The team asks you something; the clock stands still.", "Reply", url, None, row.filed_at)
    if getattr(row, "is_asked", False):
        return Need(row.title, f"Somebody asks you by name on {row.number}.", "Answer", url, None, row.filed_at)
    if row.state == State.AWAITING_APPROVAL:
        return Need(row.title, f"{row.number} waits for your approval.", "Decide", url, None, row.filed_at)
    return Need(row.title, f"{row.number} is yours.", "Go on", url, row.due_at, row.filed_at)


def find_requests(query: str, viewer: Any, limit: int) -> list[Hit]:
    """By number, then by the words of the title."""
    text = query.strip()
    rows = listed_requests(viewer)
    exact = list(rows.filter(number__iexact=text)[:1])
    for word in text.split()[:MOST_WORDS]:
        rows = rows.filter(title__icontains=word)
    found = exact + [row for row in rows.order_by("-filed_at")[:limit] if row not in exact]
    return [
        Hit(
            f"request:{row.number}", row.title, f"{row.number} · {row.state.replace('_', ' ')} · {row.team.name}",
            row.get_absolute_url(), "inbox", (1 if row in exact else 3, 0), "requests",
        )
        for row in found[:limit]
    ]  # fmt: skip


def at_desk(viewer: Any, at: datetime) -> int | None:
    """How many wait for triage, for the side navigation."""
    counted: int | None = getattr(viewer, "desk_counted", None)
    return (waiting_at_desk(viewer, at).order_by().count() if counted is None else counted) or None
