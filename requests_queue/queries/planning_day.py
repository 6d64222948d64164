"""What of planning waits for one person: at most two queries a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Value, When

from portal.accounts.models import Grant, Membership, Person, Team
from portal.accounts.queries.people import local_day
from portal.core.domain.quarter import quarter_of
from requests_queue.domain.budget import cap_of
from requests_queue.domain.clustering import RECURRING_ASKS
from requests_queue.models import (
    BudgetPeriod,
    DataRequest,
    PlanCandidate,
    PlanNeed,
    PlanVote,
    PlanVoter,
    QuarterPlan,
    RequestCluster,
)
from requests_queue.queries.budget import seen_balance, terms_of
from requests_queue.queries.unseen import with_private

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Waiting:
    """Whether anything of planning concerns the person: a quiet day asks one question for four blocks."""

    leads_open: bool
    may_vote: bool
    is_asked: bool
    has_books: bool


def waiting_for(person: Any, at: datetime) -> Waiting:
    """One query, and none when the same request asks again."""
    known: Waiting | None = getattr(person, "planning_waiting", None)
    if known is not None:
        return known
    led = _led(person, at)
    running = BudgetPeriod.objects.filter(quarter_start=quarter_of(local_day(person, at)).starts_on)
    row = Person.objects.filter(pk=person.pk).annotate(
        leads_open=Exists(QuarterPlan.objects.filter(state="open_for_input", team__in=led)),
        may_vote=Exists(QuarterPlan.objects.filter(state="open_for_input", input_closes_at__gt=at)),
        is_asked=Exists(PlanNeed.objects.filter(state="asked", team__in=led)),
        has_books=Exists(running),
    )  # fmt: skip
    found = Waiting(*row.values_list("leads_open", "may_vote", "is_asked", "has_books").get())
    person.planning_waiting = found
    return found


def open_plans_led_by(person: Any, at: datetime) -> list[Any]:
    """Plans open for input of the teams the person leads, with the number of `lines`, the soonest lock first."""
    if not waiting_for(person, at).leads_open:
        return []
    rows = QuarterPlan.objects.filter(state="open_for_input", team__in=_led(person, at)).select_related("team")
    lines = Count("items", filter=Q(items__rank__isnull=False))
    return list(rows.annotate(lines=lines).order_by("lock_due_at"))


def plans_to_vote_in(person: Any, at: datetime) -> list[QuarterPlan]:
    """Plans open for input that a team of the person's vote depends on and has given no point."""
    if not waiting_for(person, at).may_vote:
        return []
    teams = Team.objects.filter(
        Q(pk__in=_led(person, at))
        | Q(pk__in=PlanVoter.objects.filter(person=person).values("team_id"))
        | Q(pk__in=_granted(person, at)),
        archived_at=None,
    )
    asks = DataRequest.objects.filter(team=OuterRef("team"), requester_team__in=teams, is_private=False)
    wishes = PlanCandidate.objects.filter(Q(sponsor_team__in=teams) | Q(invited__in=teams), plan=OuterRef("pk"))
    voted = PlanVote.objects.filter(candidate__plan=OuterRef("pk"), team__in=teams)
    rows = QuarterPlan.objects.filter(state="open_for_input", input_closes_at__gt=at).exclude(team__in=teams)
    found = rows.filter(Exists(asks) | Exists(wishes)).exclude(Exists(voted)).select_related("team")
    return list(found.order_by("input_closes_at")[:6])


def needs_asked_of(person: Any, at: datetime) -> list[PlanNeed]:
    """Commitments that the person, as a lead, has not answered."""
    if not waiting_for(person, at).is_asked:
        return []
    rows = PlanNeed.objects.filter(state="asked", team__in=_led(person, at)).exclude(item__plan__state="closed")
    return list(rows.select_related("team", "item__plan__team").order_by("asked_at")[:6])


@dataclass(frozen=True)
class Band:
    """The books of a team with its next open plan and the theme asked most."""

    team: Team
    used: int
    capacity: int
    floor_bp: int
    cap_bp: int
    cap: int
    plan: QuarterPlan | None
    theme: Any


def band_for(person: Any, at: datetime) -> Band | None:
    """The running books of the person's main team, else of the team it asks most; three queries."""
    if not waiting_for(person, at).has_books:
        return None
    on = local_day(person, at)
    home = Membership.objects.filter(person=person, is_main=True, during__contains=on).values("team_id")
    asked = DataRequest.objects.filter(requester_team__in=home, is_private=False).values("team_id")
    running = BudgetPeriod.objects.filter(quarter_start=quarter_of(on).starts_on).select_related("team")
    own = Case(When(team__in=home, then=Value(0)), default=Value(1), output_field=IntegerField())
    period = with_private(running.filter(Q(team__in=home) | Q(team__in=asked))).order_by(own, "team_id").first()
    if period is None:
        return None
    balance, terms = seen_balance(period, person), terms_of(period)
    plans = QuarterPlan.objects.filter(team=period.team, state="open_for_input", input_closes_at__gt=at)
    themes = RequestCluster.objects.filter(team=period.team, state="live").annotate(asks=Count("members"))
    return Band(
        period.team, balance.used, balance.capacity, period.floor_bp, period.cap_bp, cap_of(balance.capacity, terms),
        plans.select_related("team").order_by("quarter_start").first(),
        themes.filter(asks__gte=RECURRING_ASKS).order_by("-asks", "pk").first(),
    )  # fmt: skip


def _led(person: Any, at: datetime) -> Any:
    on = local_day(person, at)
    return Membership.objects.filter(person=person, role="lead", during__contains=on).values("team_id")


def _granted(person: Any, at: datetime) -> Any:
    on = local_day(person, at)
    rows = Grant.objects.filter(person=person, name="vote", revoked_at=None, during__contains=on)
    return rows.exclude(team=None).values("team_id")
