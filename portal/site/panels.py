"""The blocks the site itself puts on My day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from portal.accounts.policies import teams_visible_to
from portal.core.web.presentation import Badge, Empty, Link, Row, When, count_words, deadline_words, when
from portal.site.queries.checklist import lines_of, young_team
from portal.site.queries.day import MOST_NEEDS, need_key, needs_of, put_off_by
from portal.site.queries.inbox import inbox_rows, notices_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.core.registries import Need


MOST_NEWS = 4
MOST_LINES = 5


@dataclass(frozen=True)
class NeedsYou:
    rows: Sequence[Row]
    end: str
    empty: Empty | None
    headline: str
    more: Link | None


def needs_you(subject: Any, viewer: Any, at: datetime) -> NeedsYou:
    """Rows that go with their fact, never by being dismissed."""
    del subject
    needs = needs_of(viewer, at)
    rows = [_row(need, viewer.zone, at) for need in needs[:MOST_NEEDS]]
    count, off = len(needs), len(put_off_by(viewer, at))
    return NeedsYou(
        rows=rows,
        end=str(count) if count else "",
        empty=None if count else Empty("Nothing waits for you", "What only you can move appears here.", "check"),
        headline=f"{count_words(count, 'thing needs', 'things need')} a word from you" if count else "",
        more=Link(f"{off} put off", reverse("later")) if off else None,
    )


@dataclass(frozen=True)
class Checklist:
    """What a young team has left, and how much is done."""

    title: str
    rows: Sequence[Row]
    end: str


def checklist(subject: Any, viewer: Any, at: datetime) -> Checklist | None:
    """For the lead of a team of less than 30 days, until all is done; for an admin while there is no team at all."""
    del subject
    team = young_team(viewer, at)
    if team is None and viewer.is_admin and not teams_visible_to(viewer).filter(is_system=False).exists():
        first = Row(
            "Make the first team", reverse("welcome_team"), icon="users", facts=["Then its assets, rota and promises"]
        )
        return Checklist("Nobody works here yet", [first], "five minutes")
    lines = lines_of(team) if team is not None else []
    left = [line for line in lines if not line.is_done]
    if team is None or not left:
        return None
    rows = [Row(line.words, line.url, icon="circle") for line in left[:MOST_LINES]]
    return Checklist(f"The first days of {team.name}", rows, f"{len(lines) - len(left)} of {len(lines)} done")


@dataclass(frozen=True)
class News:
    rows: Sequence[Row]
    more: Link


def news(subject: Any, viewer: Any, at: datetime) -> News | None:
    """The newest notices that the person has not read; None when all are read."""
    del subject
    unread = list(notices_of(viewer, "unread").order_by("-created_at")[:MOST_NEWS])
    rows = [
        Row(title=row.text or row.title, url=row.url, dot=row.dot, facts=[row.at])
        for row in inbox_rows(viewer, unread, at)
    ]
    return News(rows, Link("Inbox", reverse("inbox"))) if rows else None


def _row(need: Need, zone: str, at: datetime) -> Row:
    due = deadline_words(need.due_at, zone, at) if need.due_at else ""
    facts: list[str | When] = [need.sentence, when(need.since, zone, at, is_relative=True), *([due] if due else [])]
    late = bool(need.due_at and need.due_at < at)
    return Row(title=need.subject, url=need.url, dot="bad" if late else "warn" if due else "", facts=facts,
               badges=[Badge("Later", "line", "hourglass", reverse("later_day", args=[need_key(need)]))],
               action=Link(need.verb, need.url))  # fmt: skip
