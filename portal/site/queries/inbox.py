"""The engine's notices to one person, newest first (spec site 3)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from portal.core.web.presentation import When, in_zone, when
from portal.engine.domain.messages import fill
from portal.engine.models import Notice
from portal.engine.registries import notice_kinds, subject_handlers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

TABS = {"open": "To acknowledge", "unread": "Unread", "all": "All"}
# Every page asks it, and building such a query costs more than asking it.
UNREAD = "SELECT count(*) FROM engine_notice WHERE recipient_id = %s AND read_at IS NULL"
DOTS = {"page": "bad", "warn": "warn"}


@dataclass(frozen=True)
class InboxRow:
    """One notice as it stands; a subject the person may not see any more has no title and no link."""

    id: UUID
    title: str
    text: str
    url: str
    dot: str
    at: When
    is_unread: bool
    may_acknowledge: bool
    outcome: str


def notices_of(viewer: Any, tab: str) -> QuerySet[Notice]:
    """Own notices of a tab; anything but a known tab is "all"."""
    rows = Notice.objects.filter(recipient=viewer).select_related("acknowledged_by")
    if tab == "open":
        return rows.filter(state="open", is_acknowledgeable=True)
    return rows.filter(read_at=None) if tab == "unread" else rows


def unread_count(viewer: Any) -> int:
    """How many notices the person has not read."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [viewer.pk])
        return int(cursor.fetchone()[0])


def inbox_rows(viewer: Any, notices: Sequence[Notice], at: datetime) -> list[InboxRow]:
    """The rows of a page; one query a type of subject asks its room what the person still sees."""
    lost = _lost(viewer, notices)
    return [_row(notice, viewer.zone, at, is_lost=notice.pk in lost) for notice in notices]


def _lost(viewer: Any, notices: Sequence[Notice]) -> set[UUID]:
    by_type: dict[str, set[int]] = defaultdict(set)
    for notice in notices:
        by_type[notice.subject_type].add(notice.subject_id)
    handlers = {kind: subject_handlers.get(kind) for kind in by_type}
    seen = {kind: own.visible_to(viewer, by_type[kind]) for kind, own in handlers.items() if own is not None}
    return {row.pk for row in notices if row.subject_id not in seen.get(row.subject_type, {row.subject_id})}


def _row(notice: Notice, zone: str, at: datetime, *, is_lost: bool) -> InboxRow:
    kind = notice_kinds.get(notice.kind)
    context = {name: in_zone(str(value), zone, at) for name, value in notice.context.items()}
    title, text = (fill(kind.title, context), fill(kind.text, context)) if kind else (notice.kind, "")
    is_open = notice.state == "open" and notice.is_acknowledgeable
    return InboxRow(
        id=notice.pk,
        title="No longer available" if is_lost else title,
        text="" if is_lost else text,
        url="" if is_lost else str(notice.context.get("url", "")),
        dot=DOTS.get(notice.severity, "gray") if notice.read_at is None or is_open else "",
        at=when(notice.created_at, zone, at, is_relative=True),
        is_unread=notice.read_at is None,
        may_acknowledge=is_open and not is_lost,
        outcome=_outcome(notice, zone, at),
    )


def _outcome(notice: Notice, zone: str, at: datetime) -> str:
    """What already happened, in words."""
    if notice.acknowledged_at is not None:
        name = notice.acknowledged_by.name if notice.acknowledged_by else "a link"
        return f"acknowledged {when(notice.acknowledged_at, zone, at).text} by {name}"
    return f"settled: {notice.settled_reason}" if notice.settled_reason else ""
