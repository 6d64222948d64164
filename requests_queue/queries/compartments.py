"""What members see of their compartment, and what administrators see through a broken glass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Q
from django.db.models.functions import Cast

from portal.core.errors import NotVisible
from portal.core.models import AuditEntry
from requests_queue.models import BreakGlass, CompartmentMember, DataRequest, RequestUpstream
from requests_queue.policies import visible_to

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from django.db.models import QuerySet

MOST_ROWS = 100
REQUEST, TICKET = "requests_queue.datarequest", "oncall.upstreamticket"


def members_inside(request: DataRequest) -> QuerySet[CompartmentMember]:
    """The people of a compartment, with those who left, oldest first."""
    rows = CompartmentMember.objects.filter(request=request).select_related("person", "added_by")
    return rows.order_by("removed_at", "at", "pk")


def audit_of(request: DataRequest) -> QuerySet[AuditEntry]:
    """Every act and every look in the compartment, newest first; for members alone."""
    return AuditEntry.objects.filter(compartment=request.number).select_related("actor").order_by("-pk")[:MOST_ROWS]


def open_asks(at: datetime, within: timedelta) -> QuerySet[BreakGlass]:
    """What the other administrators asked for and nobody answered yet."""
    rows = BreakGlass.objects.filter(approved_at=None, asked_at__gte=at - within)
    return rows.select_related("asked_by").order_by("-asked_at")


def broken_glass(viewer: Any, key: str, at: datetime) -> BreakGlass | None:
    """The opened compartment of this id while its hour runs, for the two who opened it; None reads 404."""
    if not viewer.is_admin or not key.isdecimal():
        return None
    rows = BreakGlass.objects.filter(pk=int(key), ends_at__gt=at, request__isnull=False)
    return rows.filter(Q(asked_by=viewer) | Q(approved_by=viewer)).select_related("request__team").first()


def hidden_changes(viewer: Any) -> Q:
    """Audit rows that are nobody's business outside: also those from before a request was made private."""
    secret = DataRequest.objects.filter(is_private=True).exclude(pk__in=visible_to(viewer).values("pk"))
    asked = RequestUpstream.objects.filter(request__in=secret)
    ids = secret.annotate(key=Cast("pk", CharField())).values("key")
    tickets = asked.annotate(key=Cast("ticket_id", CharField())).values("key")
    return Q(object_type=REQUEST, object_id__in=ids) | Q(object_type=TICKET, object_id__in=tickets)


def hidden_tickets() -> Q:
    """What was asked upstream before a request was made private: nobody reads it while it is."""
    return Q(waiting_requests__request__is_private=True)


def visible_changes(viewer: Any) -> Q:
    """The rows of the compartments a person is in."""
    own = visible_to(viewer).filter(is_private=True).values("number")
    return Q(compartment__in=own) & ~Q(compartment="")


def glass_called(key: int) -> BreakGlass:
    """The ask of this id; raises `NotVisible`."""
    found = BreakGlass.objects.filter(pk=key).first()
    if found is None:
        raise NotVisible
    return found
