"""Somebody acts in place of a leaver: told at once, and asked to confirm or hand on within 10 working days.

Spec ownership 10. The deadline asks; nobody becomes the owner for good by keeping silent.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ownership.domain.impact import asset_words
from ownership.domain.states import Origin, State
from ownership.models import Ownership
from portal.accounts.models import Person, Team
from portal.accounts.queries.teams import calendar_of_person, leads_of_person, responsible_leads, team_calendar
from portal.core.domain.working_time import add
from portal.core.queries.calendars import load_calendar
from portal.core.web.presentation import count_words
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import DeadlineDraft, FireResult, NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadlines
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from portal.engine.domain.drafts import DueDeadline

ACTING_DUE = "ownership.acting_due"
ACTS, STILL_ACTS, LEFT_OPEN = "ownership.acts_for", "ownership.still_acts", "ownership.left_open"
WORKING_DAYS = 10
NAMES = 5


def arrange_acting(*, leaver: Person, rows: Sequence[Ownership], at: datetime) -> None:
    """Tell each heir once what they act for, and arm one deadline each. The caller holds the assets.

    `rows` were written by one sweep at `at`; each carries its `asset`.
    """
    by_party: dict[int, list[Ownership]] = defaultdict(list)
    for row in rows:
        by_party[_key(row)].append(row)
    drafts, notices = [], []
    for key in sorted(by_party):
        held = by_party[key]
        party = _party(held[0])
        due = _answer_by(party, at)
        payload = {"party": key, "swept_at": at.isoformat(), "leaver": leaver.name}
        drafts.append(DeadlineDraft(ACTING_DUE, subject_of(held[0]), due, payload=payload))
        until = f"{due:%d %B}"
        notices += [_notice(ACTS, held, person, leaver.name, {"until": until}) for person in _people(party, at)]
    arm_deadlines(drafts=drafts, at=at)
    raise_notices(planned=[Planned(each) for each in notices], at=at)


def tell_left_open(*, leaver: Person, rows: Sequence[Ownership], at: datetime) -> None:
    """Nobody is left for these: the lead of each domain hears of it, without a domain the leads of the leaver."""
    by_lead: dict[int, list[Ownership]] = defaultdict(list)
    people: dict[int, Person] = {}
    for row in rows:
        team = row.asset.domain.lead_team if row.asset.domain else None
        for lead in responsible_leads(team, at.date()) if team else leads_of_person(leaver, at.date()):
            people[lead.pk] = lead
            by_lead[lead.pk].append(row)
    notices = [_notice(LEFT_OPEN, held, people[pk], leaver.name, {}) for pk, held in sorted(by_lead.items())]
    raise_notices(planned=[Planned(each) for each in notices], at=at)


def fire_acting(*, deadlines: Sequence[DueDeadline], at: datetime) -> dict[int, FireResult]:
    """Ten working days on: who still acts, and their leads, hear of it once. Set-based, in the engine."""
    free = Ownership.objects.select_for_update(of=("self",), skip_locked=True)
    known = free.in_bulk([deadline.subject.id for deadline in deadlines])
    return {deadline.id: _still(deadline, at) for deadline in deadlines if deadline.subject.id in known}


def acting_rows() -> QuerySet[Ownership]:
    """Who stands in for somebody who left and has not said yes for good."""
    return Ownership.objects.filter(
        acting=True, origin=Origin.SWEEP.value, state=State.ACCEPTED.value, valid__upper_inf=True
    )


def _still(deadline: DueDeadline, at: datetime) -> FireResult:
    told = deadline.payload
    rows = acting_rows().filter(party_key=told["party"], recorded_at=datetime.fromisoformat(told["swept_at"]))
    held = list(rows.select_related("asset", "person", "team").order_by("asset__tier", "asset__name"))
    if not held:
        return FireResult("nothing", "all of it is confirmed or handed on")
    party = _party(held[0])
    leads = leads_of_person(party, at.date()) if isinstance(party, Person) else []
    people = {person.pk: person for person in [*_people(party, at), *leads]}
    extra = {"party": party.name}
    notices = tuple(_notice(STILL_ACTS, held, person, told["leaver"], extra) for person in people.values())
    return FireResult("done", f"{len(held)} wait", notices=notices)


def _notice(kind: str, held: Sequence[Ownership], person: Person, leaver: str, more: dict[str, str]) -> NoticeDraft:
    subject, to = subject_of(held[0]), Recipient(person_id=person.pk)
    names = list(dict.fromkeys(row.asset.name for row in held))
    context = {
        "leaver": leaver,
        "count": count_words(len(names), "asset"),
        "assets": asset_words(names, NAMES),
        "url": _url(held),
    }
    key = f"{kind}:{subject.key}:{held[0].recorded_at.isoformat()}:{to.key}"
    return NoticeDraft(kind, key, subject, to, "info", context | more)


def _url(held: Sequence[Ownership]) -> str:
    """The one asset, or all that the party holds."""
    first = held[0]
    if len({row.asset_id for row in held}) == 1:
        return f"/assets/{first.asset.slug}#owners"
    if first.person is not None:
        return f"/assets/?owner={first.person.handle}"
    return f"/assets/?team={first.team.slug}" if first.team is not None else "/gaps/"


def _answer_by(party: Person | Team, at: datetime) -> datetime:
    """10 of the party's working days; a calendar that is never open asks at once."""
    version = team_calendar(party) if isinstance(party, Team) else calendar_of_person(party, at.date())
    return add(load_calendar(version.pk), at, WORKING_DAYS * version.nominal_day_seconds) or at


def _people(party: Person | Team, at: datetime) -> Iterable[Person]:
    return responsible_leads(party, at.date()) if isinstance(party, Team) else [party]


def _party(row: Ownership) -> Any:
    """The person, else the team: one of the two is set, by a constraint."""
    return row.person or row.team


def _key(row: Ownership) -> int:
    return row.person_id if row.person_id is not None else -(row.team_id or 0)
