"""One person of each role, a team of theirs and a token with and without scopes: the columns of the matrix."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.test import Client
from rest_framework.test import APIClient

from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import ApiToken, Person
from tests.world import make_admin, make_auditor, make_person, make_team

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.accounts.models import Team
    from tests.contract.doors import Door

ROLES = (
    "anon", "analyst", "member", "other_member", "lead", "other_lead", "admin", "auditor", "deactivated",
    "token", "bare_token",
)  # fmt: skip
MATRIX: dict[str, Any] = tomllib.loads(Path(__file__).with_name("matrix.toml").read_text(encoding="utf-8"))
TOKENS = ("token", "bare_token")


@dataclass(frozen=True)
class Cast:
    """Who may knock, by role; `team` is that of member and lead, `other_team` that of the others."""

    people: Mapping[str, Person]
    team: Team
    other_team: Team
    tokens: Mapping[str, ApiToken]
    objects: dict[str, str] = field(default_factory=dict)

    def url(self, door: Door) -> str:
        """The address of a door; `matrix.toml` names what stands in its path, `@kind` an object of this cast."""
        names = MATRIX["names"].get(door.name, {})
        return door.url(
            {name: self.objects.get(value, "0") if value[0] == "@" else value for name, value in names.items()}
        )

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
    team, other = make_team("matrix-orders"), make_team("matrix-users")
    people = {
        "analyst": make_person("matrix-analyst"),
        "member": make_person("matrix-member", team=team),
        "lead": make_person("matrix-lead", team=team, role="lead"),
        "other_member": make_person("matrix-other-member", team=other),
        "other_lead": make_person("matrix-other-lead", team=other, role="lead"),
        "admin": make_admin("matrix-admin"),
        "auditor": make_auditor("matrix-auditor"),
        "deactivated": make_person("matrix-deactivated"),
    }
    gone = Person.objects.filter(handle="matrix-deactivated")
    gone.update(state=PersonState.INACTIVE, deactivated_at=at)
    tokens = {
        "token": _token("full", people["lead"], scopes, at),
        "bare_token": _token("bare", people["lead"], ["nothing:read"], at),
    }
    return Cast(people | {"deactivated": gone.get()}, team, other, tokens)


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
