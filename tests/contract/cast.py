"""One person of each role, a team of theirs and a token with and without scopes: the columns of the matrix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.test import Client
from rest_framework.test import APIClient

from portal.accounts.models import ApiToken, Membership, Person, Team
from portal.core.models import BusinessCalendar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ROLES = (
    "anon", "analyst", "member", "other_member", "lead", "other_lead", "admin", "auditor", "deactivated",
    "token", "bare_token",
)  # fmt: skip
TOKENS = ("token", "bare_token")


@dataclass(frozen=True)
class Cast:
    """Who may knock, by role; `team` is that of member and lead, `other_team` that of the others."""

    people: Mapping[str, Person]
    team: Team
    other_team: Team
    tokens: Mapping[str, ApiToken]

    def client(self, role: str) -> Client:
        """A browser signed in as this role, or a program with its token."""
        if role in TOKENS:
            api = APIClient()
            api.force_authenticate(self.tokens[role].person, self.tokens[role])  # type: ignore[arg-type]  # our token
            return api
        client = Client()
        if role != "anon":
            client.force_login(self.people[role])
        return client


def make_cast(scopes: list[str], *, at: datetime) -> Cast:
    """`token` has all `scopes`; `bare_token` has one that opens nothing."""
    calendar, _ = BusinessCalendar.objects.get_or_create(name="Matrix hours")
    team, other = (Team.objects.create(slug=slug, name=slug.title(), calendar=calendar) for slug in ("orders", "users"))
    people = {role: _person(role, at) for role in ROLES if role not in {"anon", "token", "bare_token"}}
    Person.objects.filter(handle="matrix-admin").update(is_admin=True)
    Person.objects.filter(handle="matrix-auditor").update(is_auditor=True)
    Person.objects.filter(handle="matrix-deactivated").update(state="inactive", deactivated_at=at)
    for role, where, rank in (
        ("member", team, "member"),
        ("lead", team, "lead"),
        ("other_member", other, "member"),
        ("other_lead", other, "lead"),
    ):
        _join(people[role], where, rank, at)
    people = {role: Person.objects.get(pk=person.pk) for role, person in people.items()}
    tokens = {
        "token": _token("full", people["lead"], scopes, at),
        "bare_token": _token("bare", people["lead"], ["nothing:read"], at),
    }
    return Cast(people, team, other, tokens)


def _person(role: str, at: datetime) -> Person:
    handle = f"matrix-{role.replace('_', '-')}"
    return Person.objects.create(handle=handle, name=f"Matrix {role}", email=f"{handle}@example.com", joined_at=at)


def _join(person: Person, team: Team, role: str, at: datetime) -> Any:
    since = at.date() - timedelta(days=100)
    return Membership.objects.create(person=person, team=team, role=role, during=(since, None))


def _token(name: str, person: Person, scopes: list[str], at: datetime) -> ApiToken:
    return ApiToken.objects.create(
        person=person,
        name=name,
        prefix=f"hwt_{name}",
        secret_hash="0" * 64,
        scopes=scopes,
        created_at=at,
        expires_at=at + timedelta(days=30),
    )
