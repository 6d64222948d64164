"""View models of the room: ready strings, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from portal.core.web.presentation import (
    Avatar,
    Badge,
    Fact,
    Link,
    Step,
    When,
    avatar,
    duration_words,
    left_class,
    left_words,
    when,
)
from requests_queue.domain.letters import work_words
from requests_queue.queries.attainment import attainment
from requests_queue.queries.budget import minutes_of
from requests_queue.services.broken import JOINED
from requests_queue.services.editing import EDIT_WITHIN
from requests_queue.web.markdown import CleanHtml, clean_html

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from requests_queue.models import DataRequest, RequestMessage, SlaClock
    from requests_queue.queries.dry_runs import Effect
    from requests_queue.queries.listing import Line
    from requests_queue.queries.promises import Expected, History

PROMISES = {
    "first_response": "First reply", "decision": "Decision", "resolution": "Result", "next_update": "Next word",
}  # fmt: skip
MOVES = {
    "triage": "read at the desk", "accepted": "accepted", "in_progress": "work began", "declined": "declined",
    "waiting_on_requester": "a question to the requester", "waiting_on_upstream": "waiting for somebody upstream",
    "answered": "answered", "resolved": "resolved", "closed": "closed", "withdrawn": "withdrawn",
    "new": "back at the desk", "awaiting_approval": "waits for the lead's approval", "queued": "waits for room",
    "deferred": "put off to the plan",
    "duplicate": "continued in another request",
}  # fmt: skip
EVENTS = {
    "filed": "asked", "joined": "joined", "assigned": "handed over", "made_private": "made it private",
    "token_returned": "the urgency token went back", "override_asked": "proposed to pull it in",
    "override_refused": "left it in the plan", "exemption_confirmed": "confirmed the exemption",
    "exemption_lapsed": "nobody confirmed the exemption in time", "approval_waits": "still waits for the lead",
    "paused_late": "said that it had waited", "incident": "part of",
}  # fmt: skip


@dataclass(frozen=True)
class TimelineRow:
    """A line of the timeline; a message has `body`, an event has `title` alone."""

    face: Avatar | None
    title: str
    at: When
    body: CleanHtml | None = None
    badge: Badge | None = None
    change: Link | None = None


@dataclass(frozen=True)
class Promise:
    """A promise on the page; `url` says why this date."""

    name: str
    line: str
    css: str
    when: When | None
    url: str


@dataclass(frozen=True)
class ExpectedStep(Step):
    """A promise before it is given: `iso` is its instant to the second."""

    iso: str = ""


def expected_steps(
    expected: Expected, history: History, zone: str, at: datetime, *, who: str = ""
) -> list[ExpectedStep]:
    """When you will hear: in the viewer's zone, and the owners' clock beside it where it differs.

    `who` says who answers first, where that is known.
    """
    past = "the first ones of this kind: no history yet"
    if history.median_seconds is not None and history.p85_seconds is not None:
        past = (
            f"last {history.n} like this: half within {duration_words(history.median_seconds)}, "
            f"85 % within {duration_words(history.p85_seconds)} of working time"
        )
    lines = {"first_response": who or "a person replies, not a robot", "decision": "taken in, or a reasoned no"}
    theirs = expected.calendar_version.zone
    return [
        ExpectedStep(
            "Done" if promise.kind == "resolution" else PROMISES[promise.kind],
            lines.get(promise.kind, past) + _there(promise.due_at, theirs, zone),
            f"by {when(promise.due_at, zone, at).text}", "current" if promise.kind == "first_response" else "",
            when(promise.due_at, zone, at).iso,
        )
        for promise in expected.promises
    ]  # fmt: skip


def promises_of(clocks: Sequence[SlaClock], zone: str, at: datetime) -> list[Promise]:
    """The newest cycle of each promise."""
    newest = {clock.kind: clock for clock in sorted(clocks, key=lambda clock: clock.cycle)}
    return [_promise(clock, zone, at) for clock in newest.values()]


def timeline_rows(lines: Iterable[Line], viewer: Any, at: datetime) -> list[TimelineRow]:
    """The timeline in words, as this person reads it."""
    return [_row(line, viewer, at) for line in lines]


def clock_facts(clock: SlaClock) -> list[Fact]:
    """What a clock promised and where it stands."""
    return [
        Fact("Promised", duration_words(clock.target_seconds)),
        Fact("Allowed", duration_words(clock.allowance_seconds)),
        Fact("Policy", str(clock.policy_version)),
        Fact("Calendar", f"{clock.calendar_version} ({clock.calendar_version.zone})"),
    ]


def attainment_rows(start: datetime, end: datetime) -> list[tuple[str, str, str, str]]:
    """Promises kept in a period by kind of promise: raw, without the excused breaches, and the list of its cycles."""
    window = {"decided_from": start.isoformat(), "decided_to": end.isoformat()}
    return [
        (PROMISES[cell.key[0]], cell.words(),
         "" if cell.without_excused is None else f"{cell.without_excused * 100:.1f} %",
         f"/sla/cycles/?{urlencode({'kind': cell.key[0]} | window)}")
        for cell in attainment(start=start, end=end, at=end)
    ]  # fmt: skip


def effect_table(effects: Iterable[Effect]) -> list[tuple[str | int, ...]]:
    """The rows of a preview: promise, cycles, late then and late with the change, moved, told then and with it."""
    return [
        (PROMISES[one.kind], one.cycles, one.late, one.would_be_late, one.moved, one.told, one.would_be_told)
        for one in effects
    ]


def minutes_facts(shown: DataRequest) -> list[Fact]:
    """Minutes against the estimate; nothing before somebody estimated it."""
    if shown.estimate_minutes is None:
        return []
    spent, reserved, exempt = minutes_of(shown)
    facts = [
        Fact("Estimate", f"{work_words(shown.estimate_minutes)}, {shown.size or 'not sized'}"),
        Fact("Worked", work_words(spent + exempt), "text-warn" if spent > shown.estimate_minutes else ""),
    ]
    return [*facts, Fact("Still reserved", work_words(reserved))] if reserved else facts


def _promise(clock: SlaClock, zone: str, at: datetime) -> Promise:
    url = f"/requests/{clock.request.number}/clock?clock={clock.pk}"
    name = PROMISES[clock.kind] if clock.cycle == 1 else f"{PROMISES[clock.kind]} ({clock.cycle})"
    ended = {"met": ("kept", "text-ok"), "breached_closed": ("late", "text-bad"), "cancelled": ("taken back", "muted")}
    if clock.state in ended:
        line, css = ended[clock.state]
        return Promise(name, line, css, None, url)
    if clock.due_at is None:
        left = duration_words(clock.allowance_seconds - clock.elapsed_seconds)
        return Promise(name, f"stands still, {left} left", "text-warn", None, url)
    seconds = (clock.due_at - at).total_seconds()
    return Promise(name, left_words(seconds), left_class(seconds), when(clock.due_at, zone, at), url)


def _there(instant: datetime, owner_zone: str, zone: str) -> str:
    """The owners' clock, where it differs from the viewer's."""
    theirs = instant.astimezone(ZoneInfo(owner_zone))
    same = instant.astimezone(ZoneInfo(zone)).utcoffset() == theirs.utcoffset()
    return "" if same else f" · {theirs:%a %H:%M} there"


def _change(message: RequestMessage, viewer: Any, at: datetime) -> Link | None:
    """For a while the author may change a message; afterwards an edited one says so and leads to what it said."""
    url = f"/requests/{message.request.number}/messages/{message.pk}"
    if message.author_id == viewer.pk and at - message.created_at <= EDIT_WITHIN:
        return Link("Edit", url)
    return Link("Edited", url) if message.edited_at is not None else None


def _row(line: Line, viewer: Any, at: datetime) -> TimelineRow:
    moment = when(line.at, getattr(viewer, "zone", "UTC"), at)
    if line.message is not None:
        message = line.message
        badge = None if message.is_public else Badge("Only the team sees this", "warn", "lock")
        if message.is_question:
            badge = Badge("Question", "info", "message-circle-question-mark")
        author: Any = message.author
        face = avatar(author) if author else None
        name = author.name if author else "Headwater"
        if message.deleted_at is not None:
            return TimelineRow(face, f"{name} deleted a message", moment)
        return TimelineRow(face, name, moment, clean_html(message.body), badge, _change(message, viewer, at))
    event: Any = line.event
    words = MOVES.get(event.to_state, event.to_state) if event.kind == "moved" else EVENTS.get(event.kind, event.kind)
    who = event.actor.name if event.actor else "Headwater"
    if event.kind == JOINED:
        words = f"{words} {event.data['incident']} {event.data['title']}"
    if found := event.data.get("findings"):
        words = f"{words}. {' '.join(found)}"
    return TimelineRow(avatar(event.actor) if event.actor else None, f"{who}: {words}", moment)
