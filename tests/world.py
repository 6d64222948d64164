"""The cast and their teams, made through the services, so that tests stand on what the product writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from portal.accounts.services.memberships import Place
from portal.accounts.services.people import create_person, set_flags
from portal.accounts.services.teams import TeamProfile, create_team

if TYPE_CHECKING:
    from portal.accounts.models import Person, Team

LONG_AGO = date(2020, 1, 1)
BEFORE = datetime(2020, 1, 1, 9, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


def make_team(slug: str, *, discipline: str = "", name: str = "", at: datetime = BEFORE) -> Team:
    """A team on office hours; its name is the slug in words unless given."""
    words = name or slug.replace("-", " ").title()
    return create_team(actor=None, slug=slug, profile=TeamProfile(name=words, discipline=discipline), at=at)


def make_person(
    handle: str, *, team: Team | None = None, discipline: str = "", role: str = "member", zone: str = "UTC",
    name: str = "", at: datetime = BEFORE,
) -> Person:  # fmt: skip
    """An active person who signs in as `<handle>@example.com` with `PASSWORD`, in `team` since 2020."""
    place = Place(discipline=discipline, role=role, since=LONG_AGO)
    return create_person(
        actor=None, handle=handle, name=name or f"{handle.title()} Example", email=f"{handle}@example.com", zone=zone,
        password=PASSWORD, home=(team, place) if team else None, at=at,
    )  # fmt: skip


def make_admin(handle: str = "root") -> Person:
    return set_flags(actor=None, person=make_person(handle), is_admin=True, is_auditor=False, reason="test", at=BEFORE)


def make_auditor(handle: str = "audit") -> Person:
    return set_flags(actor=None, person=make_person(handle), is_admin=False, is_auditor=True, reason="test", at=BEFORE)


@dataclass(frozen=True)
class World:
    """Data Platform (alice leads), Analytics (bob), Checkout (carol), and dave, who belongs to none of them."""

    data_platform: Team
    analytics: Team
    checkout: Team
    alice: Person
    bob: Person
    carol: Person
    dave: Person


def make_world() -> World:
    data_platform = make_team("data-platform", discipline="DE")
    analytics = make_team("analytics", discipline="DA")
    checkout = make_team("checkout", discipline="SE")
    return World(
        data_platform=data_platform,
        analytics=analytics,
        checkout=checkout,
        alice=make_person("alice", team=data_platform, discipline="DE", role="lead"),
        bob=make_person("bob", team=analytics, discipline="DA"),
        carol=make_person("carol", team=checkout, discipline="SE"),
        dave=make_person("dave", team=make_team("marketing"), discipline=""),
    )
