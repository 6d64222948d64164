"""The first five minutes of a team, by the rooms' own services (spec site 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from oncall.domain.words import RotaKind
from oncall.services.duties import set_team_duty
from oncall.services.rotas import NewRota, RulesDraft, Seat, create_rota
from ownership.models import Pattern
from ownership.services.domains import DomainDraft, create_domain
from ownership.services.patterns import assign_pattern
from portal.accounts.models import Person, Team
from portal.accounts.services.arriving import invite_people
from portal.accounts.services.memberships import Place, add_member
from portal.accounts.services.teams import TeamProfile, create_team
from portal.core.context import one_act
from portal.core.errors import Conflict, DomainError
from portal.core.services.undo import undo_group
from portal.site.queries.welcome import entries_of_step
from requests_queue.domain.ladder import DEFAULT_LADDER
from requests_queue.models import PolicyMatch, SlaPolicyVersion
from requests_queue.services.promising import PolicyDraft, promise_for_team

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, time

    from oncall.models import Rota
    from portal.accounts.services.arriving import Invited

HOUR = 3600
HANDOFF = {"dow": "tue", "time": "09:00"}
CATCH_ALL = 1000


@dataclass(frozen=True)
class TeamStart:
    """What the first page asks; `pattern` is the slug of a table of ownership."""

    name: str
    pattern: str
    discipline: str = "DE"
    model: str = "centralized"
    zone: str = "UTC"
    emails: Sequence[str] = ()


@one_act()
@transaction.atomic
def start_team(*, actor: Person, start: TeamStart, at: datetime) -> tuple[Team, list[Invited]]:
    """A team led by `actor`, its domain with the pattern, and invitations whose links the caller sends.

    Raises `Conflict` for a name in use, `DomainError` naming the field, `NotAllowed` for other than admins.
    """
    profile = TeamProfile(start.name, start.discipline, start.model if start.model == "centralized" else "embedded",
                          zone=start.zone)  # fmt: skip
    slug = slugify(start.name)[:60]
    if not slug:
        raise DomainError("accounts.required", "A name has letters or digits.", "name")
    team = create_team(actor=actor, slug=slug, profile=profile, at=at)
    add_member(actor=actor, team=team, person=actor, place=Place(discipline=start.discipline, role="lead"), at=at)
    domain = create_domain(actor=actor, draft=DomainDraft(name=team.name), at=at)
    pattern = Pattern.objects.get(slug=start.pattern)
    assign_pattern(actor=actor, domain=domain, pattern=pattern, since=at, at=at)
    made = invite_people(actor=actor, emails=list(start.emails), team=team, at=at) if start.emails else []
    return team, made


@one_act()
@transaction.atomic
def start_rota(*, actor: Person, team: Team, handles: Sequence[str], questions: str, at: datetime) -> Rota:
    """A weekly rota over the named people, from today on with handoffs on Tuesday at nine; questions by `questions`.

    Raises `DomainError` for a name nobody has, and what `create_rota` refuses.
    """
    people = {person.handle: person for person in Person.objects.filter(handle__in=handles, state="active")}
    missing = [handle for handle in handles if handle not in people]
    if missing or not people:
        raise DomainError("oncall.unknown_person", f"There is no person {', '.join(missing) or 'named'}.", "members")
    today = at.astimezone(ZoneInfo(team.zone)).date()
    rotation = {"kind": "weekly", "start": today.isoformat(), "handoffs": [HANDOFF]}
    roles = [{"role": "primary", "slots": 1, "factor": 1, "planner": "turns"}]
    seats = [Seat(people[handle]) for handle in dict.fromkeys(handles)]
    rules = RulesDraft(roles, rotation, seats, starts_at=at + timedelta(seconds=1))
    rota = NewRota(team, f"{team.slug}-pipelines"[:60], f"{team.name} pipelines", RotaKind.PIPELINE, team.zone)
    made = create_rota(actor=actor, rota=rota, rules=rules, at=at)
    set_team_duty(actor=actor, team=team, changes={"questions_duty": questions}, at=at)
    return made


@one_act()
@transaction.atomic
def start_promises(
    *, actor: Person, team: Team, reply_hours: int, answer_hours: int, quiet_until: time, at: datetime
) -> SlaPolicyVersion:
    """What the team promises to whoever asks a question, and until when a broken night may wait.

    Counted hours; urgent ones are a quarter of them. The lead's, and an administrator's.
    """
    targets: dict[str, Any] = {
        "first_response": _target(reply_hours), "decision": _target(answer_hours),
        "resolution": _target(answer_hours), "next_update": _target(answer_hours),
    }  # fmt: skip
    draft = PolicyDraft(targets, list(DEFAULT_LADDER))
    version = promise_for_team(
        actor=actor, team=team, name=f"Questions to {team.name}"[:120], kind="question", rank=_free_rank(), draft=draft,
        at=at,
    )  # fmt: skip
    changes = {"default_night_class": "wait_until", "default_until": quiet_until}
    set_team_duty(actor=actor, team=team, changes=changes, at=at)
    return version


def undo_step(*, actor: Person, team: Team, step: str, at: datetime) -> tuple[int, int]:
    """Take back what a step did, newest first; says how much went and how much stays, such as a mail that was sent.

    Raises `Conflict` (`site.nothing_to_undo`, `core.undo_blocked`).
    """
    entries = entries_of_step(team, step)
    if not entries:
        raise Conflict("site.nothing_to_undo", "There is nothing of this step to take back.")
    made = undo_group(actor=actor, entries=entries, partly=True, at=at)
    return len(made), len(entries) - len(made)


def _target(hours: int) -> dict[str, int]:
    return {"normal": hours * HOUR, "urgent": max(HOUR // 2, hours * HOUR // 4)}


def _free_rank() -> int:
    """The first free rank before the general rule for questions, which would win otherwise."""
    rules = PolicyMatch.objects.filter(team=None, size=None).filter(Q(kind="question") | Q(kind=None))
    general = rules.order_by("rank").values_list("rank", flat=True).first() or CATCH_ALL
    taken: set[int] = set(PolicyMatch.objects.values_list("rank", flat=True))
    for rank in range(1, general):
        if rank not in taken:
            return rank
    raise Conflict("sla.rank_taken", "No rank is free before the general rule for questions. Make room on /sla/.")
