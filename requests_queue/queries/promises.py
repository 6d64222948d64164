"""What is promised to a request filed now; the form, the API and the clocks read the same (spec requests 5, sla 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from portal.accounts.queries.teams import team_calendar
from portal.core.errors import DomainError
from requests_queue.models import PolicyMatch, SlaClock, SlaPolicyVersion
from requests_queue.queries.clocks import promise

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team
    from portal.core.models import CalendarVersion

FIRST_CLOCKS = ("first_response", "decision", "resolution")
SAMPLE = 20
LEAST_SAMPLE = 3


@dataclass(frozen=True)
class Promise:
    """One clock before it exists: its target and the instants it leads to."""

    kind: str
    target_seconds: int
    due_at: datetime
    breach_at: datetime


@dataclass(frozen=True)
class Expected:
    """All promises of a request filed at one instant, with the versions they are frozen to."""

    policy_version: SlaPolicyVersion
    calendar_version: CalendarVersion
    promises: tuple[Promise, ...]

    def due(self, kind: str) -> datetime:
        return next(promise.due_at for promise in self.promises if promise.kind == kind)

    @property
    def first_due(self) -> datetime:
        return min(promise.due_at for promise in self.promises)


@dataclass(frozen=True)
class History:
    """How long the last ones like this took, in counted seconds; None below three."""

    median_seconds: int | None
    p85_seconds: int | None
    n: int


def policy_version_for(*, kind: str, team_id: int, urgency: str = "normal", size: str = "") -> SlaPolicyVersion:
    """The newest version of the first policy that fits; raises `DomainError` if even the catch-all is missing.

    A row with a size fits after triage alone, when the size is known.
    """
    match = (
        PolicyMatch.objects.filter(
            Q(kind=None) | Q(kind=kind),
            Q(team=None) | Q(team_id=team_id),
            Q(urgency=None) | Q(urgency=urgency),
            Q(size=None) | Q(size=size),
        )
        .order_by("rank")
        .first()
    )
    if match is None:
        raise DomainError("sla.no_catch_all", "No policy fits this request. An admin has to add a catch-all.")
    return SlaPolicyVersion.objects.select_related("calendar_version").filter(policy_id=match.policy_id).latest("n")


def expected_for(*, kind: str, team: Team, urgency: str = "normal", at: datetime) -> Expected:
    """The promises of a request filed at `at`; raises `DomainError` (`sla.unreachable`) if no time is ever open."""
    version = policy_version_for(kind=kind, team_id=team.pk, urgency=urgency)
    calendar = version.calendar_version or team_calendar(team)
    made = tuple(
        Promise(
            clock, target_of(version, clock, urgency), *promise(calendar.pk, target_of(version, clock, urgency), at)
        )
        for clock in FIRST_CLOCKS
    )
    return Expected(version, calendar, made)


def target_of(version: SlaPolicyVersion, clock: str, urgency: str) -> int:
    """The counted seconds that a policy version promises."""
    return int(version.targets[clock][urgency])


def history_of(*, kind: str, team: Team) -> History:
    """The last 20 public requests of this kind and team that were done: half within, 85 % within."""
    done = SlaClock.objects.filter(
        request__team=team, request__kind=kind, request__is_private=False, kind="resolution",
        state__in=["met", "breached_closed"],
    )  # fmt: skip
    seconds = sorted(done.order_by("-stopped_at").values_list("elapsed_seconds", flat=True)[:SAMPLE])
    if len(seconds) < LEAST_SAMPLE:
        return History(None, None, len(seconds))
    return History(_at_share(seconds, 50), _at_share(seconds, 85), len(seconds))


def _at_share(ordered: list[Any], percent: int) -> int:
    """The smallest value that at least `percent` of the values do not exceed (nearest rank)."""
    return int(ordered[-(-len(ordered) * percent // 100) - 1])
