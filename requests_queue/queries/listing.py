"""Requests as lists and pages read them; everything starts from what the viewer may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, IntegerField, OuterRef, Prefetch, Q, Subquery, When

from ownership.models import Ownership
from portal.accounts.models import Follow, Membership
from portal.accounts.queries.people import local_day
from portal.core.errors import NotVisible
from requests_queue.domain.kinds import KINDS
from requests_queue.domain.states import OPEN, UNDECIDED, State
from requests_queue.models import (
    DataRequest,
    OverrideProposal,
    RequestAsset,
    RequestEvent,
    RequestMessage,
    SlaClock,
    Watcher,
)
from requests_queue.policies import can_see_notes, desk_teams, visible_clocks, visible_to

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from ownership.models import Asset
    from portal.accounts.models import Team

MOST_LINES = 200
SUBJECT = DataRequest._meta.label_lower  # noqa: SLF001 (Django's public name for model facts)
ABOUT = Prefetch("assets", RequestAsset.objects.select_related("asset").order_by("id"))
# What is small as a rule stands first at the desk, then by promise (spec additions, quick wins).
SMALL_KINDS = [code for code, kind in KINDS.items() if kind.lane]


@dataclass(frozen=True)
class Line:
    """A line of the timeline: what happened, or what was said."""

    at: datetime
    event: RequestEvent | None = None
    message: RequestMessage | None = None


def listed_requests(viewer: Any) -> QuerySet[DataRequest]:
    """Rows of a list with what a line shows; three queries whatever the size."""
    running = SlaClock.objects.filter(request=OuterRef("pk"), state="running")
    rows = visible_to(viewer).select_related("team", "requester", "assignee", "requester_team", "exemption")
    return rows.prefetch_related(ABOUT).annotate(has_running_clock=Exists(running))


def open_about(asset: Asset, viewer: Any) -> QuerySet[DataRequest]:
    """Open requests about an asset, those due first, with the names of what each is about; one query."""
    about = RequestAsset.objects.filter(request=OuterRef("pk")).order_by("id").values("asset__name")[:2]
    rows = listed_requests(viewer).prefetch_related(None).annotate(about_names=ArraySubquery(about))
    return rows.filter(assets__asset=asset, state__in=sorted(OPEN)).order_by("due_at", "pk")


def about_data_of(handle: str) -> QuerySet[RequestAsset]:
    """The links of requests to data that this person answers for now, as primary or backup."""
    held = Ownership.objects.filter(person__handle=handle, state="accepted", valid__upper_inf=True)
    return RequestAsset.objects.filter(asset__in=held.values("asset"))


def whole_requests(viewer: Any) -> QuerySet[DataRequest]:
    """Requests with their clocks, for the page and the API.

    `is_muted` is whether the viewer keeps it quiet, None for who does not follow it.
    """
    clocks = Prefetch("clocks", SlaClock.objects.select_related("policy_version").order_by("id"))
    followed = Watcher.objects.filter(request=OuterRef("pk"), person=viewer).values("is_muted")[:1]
    rows = listed_requests(viewer).annotate(is_muted=Subquery(followed))
    return rows.select_related("backup", "merged_into").prefetch_related(clocks)


def shown_requests(viewer: Any) -> QuerySet[DataRequest]:
    """The same with `is_followed`, by the viewer, and `has_override_proposal`, which nobody has decided yet."""
    follows = Follow.objects.filter(person=viewer, subject_type=SUBJECT, subject_id=OuterRef("pk"))
    proposed = OverrideProposal.objects.filter(request=OuterRef("pk"), decided_at=None)
    return whole_requests(viewer).annotate(is_followed=Exists(follows), has_override_proposal=Exists(proposed))


def listed_clocks(viewer: Any) -> QuerySet[SlaClock]:
    """Clocks with their request, soonest due first."""
    return visible_clocks(viewer).select_related("request", "request__team", "policy_version__policy")


def waiting_at_desk(person: Any, at: datetime) -> QuerySet[DataRequest]:
    """What the teams of this person have to triage: small things first, then the oldest promise."""
    rows = listed_requests(person).filter(team__in=desk_teams(person, at), state__in=sorted(UNDECIDED))
    first = Case(When(kind__in=SMALL_KINDS, is_structural=False, then=0), default=1, output_field=IntegerField())
    return rows.annotate(is_larger=first).order_by("is_larger", "due_at", "pk")


def asked_by(person: Any) -> QuerySet[DataRequest]:
    """The person's own open requests."""
    return listed_requests(person).filter(requester=person, state__in=sorted(OPEN)).order_by("due_at", "pk")


def work_of(person: Any) -> QuerySet[DataRequest]:
    """What the person has in hand; what was put off is the plan's."""
    states = sorted(OPEN - {State.DEFERRED})
    return listed_requests(person).filter(assignee=person, state__in=states).order_by("due_at", "pk")


def late_of_led(person: Any, at: datetime) -> QuerySet[DataRequest]:
    """Late requests of the teams the person leads, the longest late first; what has no running promise is not late."""
    led = Membership.objects.filter(person=person, role="lead", during__contains=local_day(person, at))
    running = SlaClock.objects.filter(request=OuterRef("pk"), state="running")
    rows = listed_requests(person).filter(team__in=led.values("team_id"), state__in=sorted(OPEN), due_at__lt=at)
    return rows.filter(Exists(running)).order_by("due_at", "pk")


def waiting_for_lead(viewer: Any, team: Team) -> QuerySet[DataRequest]:
    """What waits for the lead's approval or for room in the budget, oldest first."""
    states = [State.AWAITING_APPROVAL, State.QUEUED]
    return listed_requests(viewer).filter(team=team, state__in=states).order_by("filed_at", "pk")


def moved_by(person: Any, at: datetime) -> QuerySet[DataRequest]:
    """What only this person can move: a reply they owe, an approval they give, work in hand, a question by name.

    One query; `is_asked` marks the last kind.
    """
    led = Membership.objects.filter(person=person, role="lead", during__contains=local_day(person, at))
    rows = (
        visible_to(person)
        .annotate(is_asked=_asked_by_name(person))
        .filter(
            Q(is_asked=True, state__in=sorted(OPEN))
            | Q(requester=person, state=State.WAITING_ON_REQUESTER)
            | Q(assignee=person, state__in=[State.ACCEPTED, State.IN_PROGRESS])
            | Q(team__in=led.values("team_id"), state=State.AWAITING_APPROVAL)
        )
    )
    return rows.order_by("due_at", "pk")


def _asked_by_name(person: Any) -> Exists:
    """Whether somebody asked this person by name and they have not written on the request since."""
    later = RequestMessage.objects.filter(request=OuterRef("request"), author=person, pk__gt=OuterRef("pk"))
    asked = RequestMessage.objects.filter(request=OuterRef("pk"), asked_of=person)
    return Exists(asked.exclude(Exists(later)))


def messages_of(request: DataRequest, viewer: Any, at: datetime) -> QuerySet[RequestMessage]:
    """The conversation as this person may read it."""
    return _said(request, with_notes=can_see_notes(viewer, request, at))


def message_called(request: DataRequest, pk: int, viewer: Any, at: datetime) -> RequestMessage:
    """One message of the request as this person may read it; raises `NotVisible`."""
    found = messages_of(request, viewer, at).select_related("request", "request__team").filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found


def _said(request: DataRequest, *, with_notes: bool) -> QuerySet[RequestMessage]:
    rows = RequestMessage.objects.filter(request=request).select_related("author", "asked_of").order_by("id")
    return rows if with_notes else rows.filter(is_public=True)


def timeline_of(request: DataRequest, *, with_notes: bool) -> list[Line]:
    """The newest 200 events and messages, in order, what happened before what was said with it.

    Internal notes for who may read them.
    """
    newest = RequestEvent.objects.filter(request=request).select_related("actor").order_by("-seq")[:MOST_LINES]
    events = list(newest)[::-1]
    said = list(_said(request, with_notes=with_notes).order_by("-id")[:MOST_LINES])[::-1]
    for one in said:
        one.request = request
    lines = [Line(event.at, event=event) for event in events] + [Line(one.created_at, message=one) for one in said]
    return sorted(lines, key=lambda line: line.at)[-MOST_LINES:]
