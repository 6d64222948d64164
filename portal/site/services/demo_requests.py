"""Requests of the demo, played through the services of their room."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

from ownership.models import Asset
from portal.accounts.models import Person, Team
from portal.engine.domain.subjects import subject_of
from portal.engine.models import Delivery, Notice
from portal.site.demo.requests import PARTNER, UPSTREAM_TEAM, WATCHED, Story
from requests_queue.services.clocks import change_target
from requests_queue.services.concluding import answer_request, decline_request
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.desks import name_partner
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.time_log import log_time
from requests_queue.services.triage import claim_for_triage
from requests_queue.services.upstream import wait_for_team
from requests_queue.services.working import ask_requester, resolve_request, start_work

if TYPE_CHECKING:
    from requests_queue.models import DataRequest

# Steps are whole minutes: with eight of them each step of the ladder has an instant of its own.
ALLOWED = timedelta(minutes=8)
ALREADY_USED = timedelta(minutes=5)
OPEN = {"accepted", "in_progress", "waiting", "resolved"}
HOUR = timedelta(hours=1)


def keep_desk(*, at: datetime) -> None:
    """The analyst who watches the questions of Core Data."""
    lead, partner = (Person.objects.get(handle=handle) for handle in (WATCHED.triager, PARTNER))
    name_partner(actor=lead, team=Team.objects.get(slug=WATCHED.team), partner=partner, at=at)


def play(*, story: Story, at: datetime) -> DataRequest:
    """File the request as long ago as its story says, and bring it as far as it came."""
    filed_at = min(at - timedelta(days=story.days_ago), at - 2 * HOUR) if story.end != "new" else at - HOUR / 2
    request = _file(story, filed_at)
    triager = Person.objects.get(handle=story.triager)
    if story.end == "new":
        return request
    decided_at = filed_at + HOUR / 2
    if story.end == "declined":
        claim_for_triage(actor=triager, request=request, at=decided_at)
        return decline_request(
            actor=triager, request=request, reason=story.note, alternative="Ask for it in the plan of next quarter.",
            at=decided_at,
        )  # fmt: skip
    claim_for_triage(actor=triager, request=request, at=decided_at)
    if story.end == "answered":
        request = answer_request(actor=triager, request=request, body=story.note, at=decided_at + HOUR / 4)
        log_worked(request, triager, story.worked, decided_at + HOUR)
        return request
    return _work(story, request, triager, decided_at)


def _work(story: Story, request: DataRequest, triager: Person, decided_at: datetime) -> DataRequest:
    assignee = Person.objects.get(handle=story.assignee)
    estimate = Estimate(story.lane, story.minutes, assignee, is_structural=story.is_structural)
    request = decide_request(actor=triager, request=request, estimate=estimate, at=decided_at)
    if story.end in {"accepted", "deferred"}:
        return request
    request = start_work(actor=assignee, request=request, at=decided_at + HOUR / 2)
    if story.end == "upstream":
        team = Team.objects.get(slug=UPSTREAM_TEAM)
        return wait_for_team(actor=assignee, request=request, team=team, reason=story.note, at=decided_at + HOUR)
    if story.end == "waiting":
        return ask_requester(actor=assignee, request=request, question=story.note, at=decided_at + HOUR)
    if story.end == "resolved":
        log_worked(request, assignee, story.worked, decided_at + HOUR)
        return resolve_request(actor=assignee, request=request, result=story.note, at=decided_at + HOUR)
    return request


def log_worked(request: DataRequest, person: Person, minutes: int, at: datetime) -> None:
    """The time that somebody says it took."""
    if minutes:
        day = at.astimezone(ZoneInfo(person.zone)).date()
        log_time(actor=person, request=request, minutes=minutes, work_date=day, idem_key=uuid4(), at=at)


def file_watched(*, at: datetime) -> tuple[str, datetime]:
    """A request whose promise has three minutes left; returns its number and when that breaks."""
    started, at = at, at - ALREADY_USED
    request = _file(WATCHED, at)
    lead = Person.objects.get(handle=WATCHED.triager)
    claim_for_triage(actor=lead, request=request, at=at)
    estimate = Estimate(WATCHED.lane, None, Person.objects.get(handle=WATCHED.assignee))
    decide_request(actor=lead, request=request, estimate=estimate, at=at)
    promise = request.clocks.get(kind="resolution")
    change_target(
        actor=lead, clock=promise, target_seconds=int(ALLOWED.total_seconds()), at=at,
        reason="Demo: a promise that breaks while you watch",
    )  # fmt: skip
    told = Notice.objects.filter(subject_type=subject_of(request).type, subject_id=request.pk)
    # Due now: mails that waited since the past would look to the engine like a standstill.
    Delivery.objects.filter(notice__in=told, state="queued").update(run_at=started)
    return request.number, at + ALLOWED


def _file(story: Story, at: datetime) -> DataRequest:
    assets = Asset.objects.filter(name__in=story.assets).order_by("pk")
    filing = Filing(
        kind=story.kind,
        title=story.title,
        team=Team.objects.get(slug=story.team),
        body=story.body,
        assets=tuple(assets),
    )
    return file_request(actor=Person.objects.get(handle=story.requester), filing=filing, at=at)
