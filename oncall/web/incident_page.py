"""`/incidents/INC-<n>`: the night card, the runbook that fits, who is hurt, one's own shift and load."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.failure_kinds import KIND_WORDS, FailureKind
from oncall.domain.incident_states import OPEN, State
from oncall.domain.runbooks import issue_for, read_issues
from oncall.domain.words import ROLE_WORDS, DutyRole
from oncall.forms.incidents import AGAIN, CAUSES, DIALECTS, KINDS
from oncall.policies import can_answer
from oncall.queries.buddies import buddy_of
from oncall.queries.burden import own_load
from oncall.queries.incident_page import SUBJECT, aside_of, before, hours_of_incident
from oncall.queries.incidents import ladder_of, timeline_of
from oncall.queries.resolving import outlook
from oncall.queries.runbooks import runbook_with_uses
from oncall.queries.targets import Duty
from oncall.services.paging import next_people
from oncall.web.ladder_card import ladder_card
from oncall.web.shown import affected_rows, incident_rows, night_card, state_badge, timeline
from portal.accounts.queries.changes import FollowState
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import teams_of
from portal.core.web.presentation import Avatar, avatar, count_words, duration_words, pct_class, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.domain.answers import Held
    from oncall.models import Incident, IncidentEvent
    from oncall.queries.incident_page import Before
    from oncall.queries.incidents import Ladder
    from oncall.queries.resolving import Outlook
    from oncall.queries.runbooks import Used

AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class ShiftCard:
    """Who serves the rota now: the viewer's own shift, else the primary's."""

    title: str
    face: Avatar
    name: str
    line: str
    css: str
    since: str
    left: str


@dataclass(frozen=True)
class _Face:
    pk: int
    name: str


def incident_context(shown: Any, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything on the page of an incident; at most 15 reads with those of the frame."""
    events, is_open = timeline_of(shown), shown.state in OPEN
    may = bool(can_answer(viewer, shown, at))
    ahead = outlook(rota=shown.rota, at=at, ahead=AHEAD) if is_open and shown.rota is not None else None
    ladder = ladder_of(shown)
    coming = next_steps(shown, ladder, ahead, events, at)
    night = night_card(shown, coming, hours_of_incident(shown), viewer.zone, at)
    like = before(shown, viewer, at)
    return {
        "shown": shown, "page_title": f"{shown.number} {shown.title}",
        "crumbs": (("Incidents", "/incidents/"),),
        "night": night, "badge": state_badge(shown), "can_act": may, "is_open": is_open,
        "ladder": ladder_card(ladder, shown, viewer.zone, at),
        "affected": affected_rows(shown, viewer.zone, at), "events": timeline(events, viewer.zone, at),
        "shift": shift_card(ahead, viewer, at), "load": own_load(viewer, at) if may else None,
        "past": incident_rows(like.past, viewer.zone, at), "colleagues": _colleagues(like),
        "buddy": buddy_of(shown.rota, at) if is_open else None,
        "aside": aside_of(shown, at), "kinds": KINDS, "causes": CAUSES, "me": viewer.handle,
        "dialects": DIALECTS, "promises": AGAIN,
        "follow": None if shown.is_private else FollowState(SUBJECT, shown.pk, is_on=shown.is_followed),
        "own_teams": [] if is_open else _readers(shown, viewer, at), **_runbook(shown),
    }  # fmt: skip


def next_steps(
    incident: Incident, ladder: Ladder | None, ahead: Outlook | None, events: Sequence[IncidentEvent], at: datetime
) -> list[tuple[datetime, list[str]]]:
    """The names of the next two steps of the ladder with their instants; nothing while nobody is being paged."""
    if ladder is None or not ladder.is_climbing or incident.state != State.TRIGGERED:
        return []
    duty = Duty(incident, at, ahead.answer if ahead is not None else None, is_preview=True)
    return [(due, [each.name for each in people]) for due, people in next_people(duty, ladder, events)]


def shift_card(ahead: Outlook | None, viewer: Any, at: datetime) -> ShiftCard | None:
    """The card of one's own shift in the incident's rota, else of its primary's; None where nobody holds it."""
    if ahead is None:
        return None
    held = [each for each in ahead.answer.entries if each.person_id is not None]
    own = next((each for each in held if each.person_id == viewer.pk), None)
    first = own or next(iter(held), None)
    return _shift(first, ahead.following.get(first), viewer, at) if first is not None else None


def _shift(held: Held, after: Held | None, viewer: Any, at: datetime) -> ShiftCard:
    until = f"until {when(held.until, viewer.zone, at).text}"
    line = f"{until}, then {after.name}" if after is not None and after.person_id is not None else until
    is_own = held.person_id == viewer.pk
    role = ROLE_WORDS[DutyRole(held.role)].capitalize()
    return ShiftCard(
        "Your shift" if is_own else "On call", avatar(_Face(held.person_id or 0, held.name)),
        role if is_own else f"{held.name}, {role.lower()}", line,
        pct_class((at - held.since) / (held.until - held.since)), f"since {when(held.since, viewer.zone, at).text}",
        f"{duration_words((held.until - at).total_seconds())} left",
    )  # fmt: skip


def _colleagues(like: Before) -> list[dict[str, Any]]:
    return [
        {"handle": each.handle, "name": each.name, "line": f"ended {count_words(each.times, 'one')} like it",
         "last": each.last}
        for each in like.colleagues
    ]  # fmt: skip


def _readers(shown: Incident, viewer: Any, at: datetime) -> list[Any]:
    """The viewer's teams that read the asset: they are asked whether it mattered."""
    told = {verdict["team"] for verdict in shown.decision.get("verdicts", [])}
    return [team for team in teams_of(viewer, local_day(viewer, at)) if team.name in told]


def _runbook(shown: Incident) -> dict[str, Any]:
    version, uses = runbook_with_uses(shown.root_asset_id, shown.team_id)
    words = KIND_WORDS[FailureKind(shown.failure_kind)]
    return {"runbook": version, "book": _book(shown, version, uses), "kind_words": words}


def _book(shown: Incident, version: Any, uses: Sequence[Used]) -> dict[str, Any] | None:
    """The part of the runbook that fits, with what was tried in this incident and how often the whole has worked."""
    if version is None:
        return None
    issues = read_issues(version.issues)
    index = issue_for(issues, shown.failure_kind)
    if index is None:
        return {"issue": None, "title": version.runbook.title}
    fitting = [use for use in uses if use.issue == index]
    here = {use.step: use.outcome for use in reversed(fitting) if use.incident_id == shown.pk}
    steps = [
        {"n": n, "text": step.text, "command": step.command, "is_loan": step.is_loan, "outcome": here.get(n, "")}
        for n, step in enumerate(issues[index].steps)
    ]
    current = next((step["n"] for step in steps if not step["outcome"]), -1)
    worked = len([use for use in fitting if use.outcome == "worked"])
    tried = len([use for use in fitting if use.outcome != "skipped"])
    return {
        "issue": issues[index], "index": index, "steps": steps, "current": current, "title": version.runbook.title,
        "record": f"worked {worked} of {tried} times" if tried else "never used",
    }  # fmt: skip
