"""The blocks the site itself puts on My day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from portal.accounts.policies import teams_visible_to
from portal.accounts.queries.people import absences_during
from portal.accounts.queries.teams import has_team
from portal.core.queries.seals import newest_seal
from portal.core.web.presentation import (
    Badge,
    Empty,
    Link,
    ListBlock,
    Row,
    When,
    count_words,
    deadline_words,
    when,
)
from portal.site.queries.changes import acts_since
from portal.site.queries.checklist import lines_of, young_team
from portal.site.queries.checks import noted_checks
from portal.site.queries.day import MOST_NEEDS, need_key, needs_of, put_off_by
from portal.site.queries.inbox import inbox_rows, notices_of
from portal.site.queries.load import people_led_by

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.accounts.models import Absence
    from portal.core.registries import Need


MOST_NEWS = 4
MOST_LINES = 5
DAY, WEEK = timedelta(days=1), timedelta(days=7)
# What an auditor is told the number of: the verb, and what it is called.
AUDITED = (
    ("accounts.sign_in_failed", "wrong password", "wrong passwords"),
    ("core.downloaded", "download", "downloads"),
    ("accounts.flags_changed", "change of an admin or auditor", "changes of admins and auditors"),
    ("accounts.token_issued", "new token", "new tokens"),
)


@dataclass(frozen=True)
class NeedsYou:
    rows: Sequence[Row]
    end: str
    empty: Empty | None
    headline: str
    more: Link | None


def needs_you(subject: Any, viewer: Any, at: datetime) -> NeedsYou:
    """Rows that go with their fact, never by being dismissed."""
    del subject
    needs = needs_of(viewer, at)
    rows = [_row(need, viewer.zone, at) for need in needs[:MOST_NEEDS]]
    count, off = len(needs), len(put_off_by(viewer, at))
    return NeedsYou(
        rows=rows,
        end=str(count) if count else "",
        empty=None if count else Empty("Nothing waits for you", "What only you can move appears here.", "check"),
        headline=f"{count_words(count, 'thing needs', 'things need')} a word from you" if count else "",
        more=Link(f"{off} put off", reverse("later")) if off else None,
    )


@dataclass(frozen=True)
class Checklist:
    """What a young team has left, and how much is done."""

    title: str
    rows: Sequence[Row]
    end: str


def checklist(subject: Any, viewer: Any, at: datetime) -> Checklist | None:
    """For the lead of a team of less than 30 days, until all is done; for an admin while there is no team at all."""
    del subject
    team = young_team(viewer, at)
    if team is None and viewer.is_admin and not teams_visible_to(viewer).filter(is_system=False).exists():
        first = Row(
            "Make the first team", reverse("welcome_team"), icon="users", facts=["Then its assets, rota and promises"]
        )
        return Checklist("Nobody works here yet", [first], "five minutes")
    lines = lines_of(team) if team is not None else []
    left = [line for line in lines if not line.is_done]
    if team is None or not left:
        return None
    rows = [Row(line.words, line.url, icon="circle") for line in left[:MOST_LINES]]
    return Checklist(f"The first days of {team.name}", rows, f"{len(lines) - len(left)} of {len(lines)} done")


@dataclass(frozen=True)
class News:
    rows: Sequence[Row]
    more: Link


def news(subject: Any, viewer: Any, at: datetime) -> News | None:
    """The newest notices that the person has not read; None when all are read."""
    del subject
    unread = list(notices_of(viewer, "unread").order_by("-created_at")[:MOST_NEWS])
    rows = [
        Row(title=row.text or row.title, url=row.url, dot=row.dot, facts=[row.at])
        for row in inbox_rows(viewer, unread, at)
    ]
    return News(rows, Link("Inbox", reverse("inbox"))) if rows else None


def which_team(subject: Any, viewer: Any, at: datetime) -> ListBlock | None:
    """The first question to whoever is in no team yet: until it is answered nothing can be owned by them. One query."""
    del subject
    if viewer.is_admin or viewer.is_auditor or has_team(viewer, at):
        return None
    row = Row("Which team are you in?", reverse("me_team"), icon="users",
              facts=["You can read and ask; its lead takes you in"])  # fmt: skip
    return ListBlock("which_team", "Welcome", [row])


def team_week(subject: Any, viewer: Any, at: datetime) -> ListBlock | None:
    """For a lead: who of the team is away within a week, never why; two queries."""
    del subject
    people = {person.pk: person for person in people_led_by(viewer, at)}
    if not people:
        return None
    away: dict[int, Absence] = {}
    for absence in absences_during(people, at, at + WEEK):
        away.setdefault(absence.person_id, absence)
    rows = [_away_row(people[pk], absence, viewer, at) for pk, absence in list(away.items())[:MOST_LINES]]
    more = Link(f"All {len(away)}", reverse("people_list")) if len(away) > MOST_LINES else None
    calm = Empty("Everybody is here this week", "Whoever goes away within a week stands here.", "users")
    return ListBlock("team_week", "Your team this week", rows, more, None if rows else calm)


def system(subject: Any, viewer: Any, at: datetime) -> ListBlock | None:
    """For an admin: what the doctor found at its last look, the worst first; one query."""
    del subject
    if not viewer.is_admin:
        return None
    noted = sorted(noted_checks().items(), key=lambda item: (item[1].colour != "bad", item[1].since))
    wrong = [(name, seen) for name, seen in noted if seen.colour != "ok"]
    rows = [
        Row(name.capitalize(), reverse("setup"), dot=seen.colour, facts=[when(seen.since, viewer.zone, at)])
        for name, seen in wrong[:MOST_LINES]
    ]
    bad = sum(seen.colour == "bad" for _, seen in wrong)
    sound = Empty("Sound", "The doctor looks every five minutes.", "check")
    more = Link("All checks", reverse("setup"))
    headline = f"{count_words(bad, 'check')} of the house {'is' if bad == 1 else 'are'} red" if bad else ""
    return ListBlock("system", "This installation", rows, more, None if rows else sound, headline)


def auditor(subject: Any, viewer: Any, at: datetime) -> ListBlock | None:
    """For an auditor: the seal, and what was tried, taken and given in a day; nothing of compartments; two queries."""
    del subject
    if not viewer.is_auditor:
        return None
    changes = reverse("changes")
    seal, counts = newest_seal(), acts_since(at - DAY, tuple(verb for verb, _, _ in AUDITED))
    sealed = Row(f"History is sealed up to {seal.day}" if seal else "Nothing is sealed yet", reverse("status"),
                 icon="shield-check")  # fmt: skip
    rows = [
        Row(
            f"{count_words(counts.get(verb, 0), one, many)} in 24 h",
            f"{reverse('changes')}?verb={verb}",
            icon="history",
        )
        for verb, one, many in AUDITED
    ]
    return ListBlock("auditor", "For the audit", [sealed, *rows], Link("Changes", changes))


def _away_row(person: Any, absence: Absence, viewer: Any, at: datetime) -> Row:
    begins, ends = absence.during.lower, absence.during.upper
    facts: list[str | When] = ["away"] if begins is None or begins <= at else ["from", when(begins, viewer.zone, at)]
    facts += ["until", when(ends, viewer.zone, at)] if ends is not None else []
    return Row(person.name, reverse("people_detail", args=[person.handle]), icon="plane", facts=facts)


def _row(need: Need, zone: str, at: datetime) -> Row:
    due = deadline_words(need.due_at, zone, at) if need.due_at else ""
    facts: list[str | When] = [need.sentence, when(need.since, zone, at, is_relative=True), *([due] if due else [])]
    late = bool(need.due_at and need.due_at < at)
    return Row(title=need.subject, url=need.url, dot="bad" if late else "warn" if due else "", facts=facts,
               badges=[Badge("Later", "line", "hourglass", reverse("later_day", args=[need_key(need)]))],
               action=Link(need.verb, need.url))  # fmt: skip
