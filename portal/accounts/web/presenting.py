"""Ready rows for the pages of people and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.urls import reverse

from portal.accounts.domain.vocabulary import DISCIPLINE_LABELS, Discipline, PersonState
from portal.core.web.presentation import Badge, Row, avatar, count_words, day_words, when

if TYPE_CHECKING:
    from datetime import date, datetime

    from allauth.usersessions.models import UserSession

    from portal.accounts.models import Absence, ApiToken, ContactMethod, Deputy, Membership, Person, Team

CSS = {"SE": "se", "DE": "de", "AE": "ae", "DA": "an", "DS": "an"}
CHANNEL_ICONS = {"email": "mail", "webhook": "webhook", "sms": "phone", "voice": "phone", "push": "smartphone"}
STATE_BADGES = {"verified": ("verified", "ok"), "unverified": ("not verified", "warn"), "disabled": ("off", "bad")}


def discipline_badge(discipline: str) -> Badge | None:
    """The colour of a craft beside its name; none for people without one."""
    if discipline not in CSS:
        return None
    return Badge(DISCIPLINE_LABELS[Discipline(discipline)].capitalize(), CSS[discipline])


def _badges(*badges: Badge | None) -> list[Badge]:
    return [badge for badge in badges if badge is not None]


def method_row(method: ContactMethod, zone: str, at: datetime) -> Row:
    label, css = STATE_BADGES[method.state]
    facts = [f"since {when(method.verified_at, zone, at).text}"] if method.verified_at else []
    return Row(
        method.label or method.channel.capitalize(), reverse("me_notifications"),
        icon=CHANNEL_ICONS.get(method.channel, "bell"), badges=[Badge(label, css)], facts=facts,
    )  # fmt: skip


def team_row(team: Team, members: int | None = None) -> Row:
    side = count_words(members, "person", "people") if members is not None else ""
    return Row(
        team.name, reverse("teams_detail", args=[team.slug]), icon="users",
        badges=_badges(discipline_badge(team.discipline)), facts=[team.zone], side=side,
    )  # fmt: skip


def person_row(person: Person, *, badges: list[Badge] | None = None, side: str = "") -> Row:
    shown = list(badges or [])
    if person.state != PersonState.ACTIVE:
        shown.append(Badge("left", "gray"))
    if person.is_service:
        shown.append(Badge("program", "line", "code"))
    return Row(
        person.name, reverse("people_detail", args=[person.handle]), avatar=avatar(person), badges=shown,
        facts=[person.handle], side=side,
    )  # fmt: skip


def member_row(membership: Membership, *, is_away: bool) -> Row:
    badges = _badges(
        Badge("Lead", "info", "crown") if membership.role == "lead" else None,
        discipline_badge(membership.discipline),
        Badge("away", "warn", "plane") if is_away else None,
    )
    share = f"{membership.fte_percent} %" if membership.fte_percent < 100 else ""  # noqa: PLR2004 (percent)
    return person_row(membership.person, badges=badges, side=share)


def token_facts(token: ApiToken, zone: str, at: datetime) -> list[str]:
    """When it ends, when it was used, what it may."""
    used = f"used {when(token.last_used_at, zone, at).text}" if token.last_used_at else "never used"
    return [f"ends {when(token.expires_at, zone, at).text}", used, ", ".join(token.scopes)]


def session_row(session: UserSession, zone: str, at: datetime, *, is_here: bool) -> Row:
    badges = [Badge("this one", "ok")] if is_here else []
    facts = [f"since {when(session.created_at, zone, at).text}", str(session.ip)]
    return Row(session.user_agent[:80] or "Unknown browser", "", icon="globe", badges=badges, facts=facts)


def absence_days(absence: Absence) -> str:
    """The days of an absence as people say them."""
    first, last = absence.first_on, absence.last_on
    if first is None or last is None:
        return "some hours"
    return full_day(first) if first == last else f"{full_day(first)} to {full_day(last)}"


def full_day(day: date) -> str:
    """A day with its year: "Wed 18 Nov 2026"."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def deputy_line(row: Deputy, at: datetime) -> str:
    """Who acts for the person, and until when: "Bob Example until Fri 4 Dec 00:00"."""
    ends_at = row.during.upper
    return f"{row.deputy.name} until {when(ends_at, row.person.zone, at).text}" if ends_at else row.deputy.name


def back_on(absence: Absence, zone: str, at: datetime) -> str:
    """When the person is back, without saying why: "away until 3 Aug"."""
    ends_at = absence.during.upper
    if ends_at is None:
        return "away"
    here = ends_at.astimezone(ZoneInfo(zone))
    return f"away until {day_words(here.date(), at.astimezone(ZoneInfo(zone)).date())}"
