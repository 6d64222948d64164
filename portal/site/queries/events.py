"""Events out: what the audit says, without anything private, in an order that skips no late commit (spec site 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast

from oncall.models import Incident, UpstreamTicket
from oncall.queries.tickets import open_tickets
from portal.accounts.models import Follow
from portal.core.errors import BadRequest, DomainError
from portal.core.models import AuditEntry
from portal.site.domain.topics import BY_VERB, TOPICS, Act, envelope, matching, read_cursor
from requests_queue.models import DataRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

KEPT = timedelta(days=30)
MOST = 500
# Nothing that commits later can stand before a row whose transaction ended before every one that still runs.
SETTLED = "transaction_number < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
AFTER = "(transaction_number, core_auditentry.id) > (%s, %s)"
NEWEST = (
    f"SELECT transaction_number, id FROM core_auditentry WHERE {SETTLED}"  # noqa: S608 (constants of this module)
    " ORDER BY transaction_number DESC, id DESC LIMIT 1"
)


class Gone(DomainError):
    """The cursor is older than what is kept."""

    status = 410


@dataclass(frozen=True)
class Feed:
    """Some events in order, the cursor after them, and whether there are more."""

    events: Sequence[dict[str, Any]]
    cursor: str
    has_more: bool


def feed(*, after: str, topics: Sequence[str], limit: int, at: datetime) -> Feed:
    """At most `limit` (1 to 500) events of these topics or globs (none: all) after a cursor, "" for 30 days ago.

    Raises `BadRequest` for a cursor or topic that is none, `Gone` (410) for a cursor older than 30 days.
    """
    wanted = matching(topics) if topics else list(TOPICS)
    if not wanted:
        raise BadRequest("core.bad_filter", "There is no such topic; GET /api/v1/topics/ lists them.", "topic")
    position = _position(after, at)
    verbs = [verb for topic in wanted for verb in topic.verbs]
    rows = list(_settled(public_acts(verbs), position).filter(at__gte=at - KEPT)[: limit + 1])
    shown = rows[:limit]
    cursor = f"{shown[-1].transaction_number}.{shown[-1].pk}" if shown else after
    return Feed([event_of(row) for row in shown], cursor, has_more=len(rows) > limit)


def public_acts(verbs: Sequence[str]) -> QuerySet[AuditEntry]:
    """Acts on what everybody signed in may see; what became private later is not told any more."""
    rows = AuditEntry.objects.filter(verb__in=verbs, compartment="").select_related("actor")
    hidden = {
        "requests_queue.datarequest": DataRequest.objects.filter(is_private=True),
        "oncall.incident": Incident.objects.filter(is_private=True),
        "oncall.upstreamticket": UpstreamTicket.objects.exclude(pk__in=open_tickets().values("pk")),
    }
    for label, secret in hidden.items():
        keys = secret.order_by().annotate(audit_key=Cast("pk", CharField())).values("audit_key")
        rows = rows.exclude(object_type=label, object_id__in=keys)
    return rows


def settled_after(verbs: Sequence[str], position: tuple[int, int]) -> QuerySet[AuditEntry]:
    """Public acts after a position, oldest first, none of which can be overtaken any more."""
    return _settled(public_acts(verbs), position)


def followed_after(position: tuple[int, int]) -> QuerySet[AuditEntry]:
    """Acts after a position on what somebody follows, oldest first; none of a compartment."""
    followed = Follow.objects.annotate(audit_key=Cast("subject_id", CharField())).filter(
        subject_type=OuterRef("object_type"), audit_key=OuterRef("object_id")
    )
    rows = AuditEntry.objects.filter(Exists(followed), compartment="").select_related("actor")
    return _settled(rows, position)


def newest_position() -> tuple[int, int]:
    """The position after everything that is settled now."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        row = cursor.fetchone()
    return (row[0], row[1]) if row else (0, 0)


def event_of(entry: AuditEntry) -> dict[str, Any]:
    """The envelope of an act."""
    known = BY_VERB[entry.verb]
    fields = [] if known.name.startswith("accounts.") else [*{**entry.before, **entry.after}]
    actor = entry.actor.handle if entry.actor else None
    return envelope(Act(entry.pk, entry.verb, entry.at, entry.object_type, entry.object_id, actor, fields))


def _settled(rows: QuerySet[AuditEntry], position: tuple[int, int]) -> QuerySet[AuditEntry]:
    ahead = rows.extra(where=[SETTLED, AFTER], params=position)  # noqa: S610 (constants; a row comparison has no ORM form)
    return ahead.order_by("transaction_number", "pk")


def _position(after: str, at: datetime) -> tuple[int, int]:
    try:
        position = read_cursor(after)
    except ValueError as error:
        raise BadRequest("core.bad_cursor", f"{error}.", "after") from None
    then = AuditEntry.objects.filter(pk=position[1]).values_list("at", flat=True).first()
    if then is not None and then < at - KEPT:
        raise Gone("site.events_gone", "Events are kept for 30 days. Begin without `after`.", "after")
    return position
