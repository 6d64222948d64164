"""One person of each role, a team of theirs and a token with and without scopes: the columns of the matrix."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import record_authentication
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from rest_framework.test import APIClient

from portal.accounts.domain.secrets import digest, new_token
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
HERE = Path(__file__).parent
MATRIX: dict[str, Any] = tomllib.loads((HERE / "matrix.toml").read_text(encoding="utf-8"))
BODIES: dict[str, Any] = tomllib.loads((HERE / "bodies.toml").read_text(encoding="utf-8"))
TOKENS = ("token", "bare_token")
INSTANT = re.compile(r"@(day)?([+-]\d+)(T\d\d:\d\d)?")


@dataclass(frozen=True)
class Cast:
    """Who may knock, by role; `team` is that of member and lead, `other_team` that of the others."""

    people: Mapping[str, Person]
    team: Team
    other_team: Team
    tokens: Mapping[str, str]
    at: datetime
    objects: dict[str, str] = field(default_factory=dict)

    def url(self, door: Door) -> str:
        """The address of a door; `matrix.toml` names what stands in its path, `@kind` an object of this cast."""
        return door.url(self.names(door))

    def names(self, door: Door) -> dict[str, str]:
        """What stands in the path of a door."""
        return {name: self.named(value) for name, value in MATRIX["names"].get(door.name, {}).items()}

    def named(self, value: str) -> str:
        """What stands in a path for a word of the matrix."""
        return self.objects.get(value, MATRIX["absent"].get(value, "0")) if value[0] == "@" else value

    def body(self, door: Door) -> tuple[bytes, str]:
        """What is sent to a door, with its type; `bodies.toml` names what has to be said before anything is refused."""
        given = BODIES["api" if door.is_api else "pages"].get(door.name, {}).get(door.method, {})
        filled = self._filled(given)
        if isinstance(filled, dict) and any(isinstance(part, SimpleUploadedFile) for part in filled.values()):
            return encode_multipart(BOUNDARY, filled), MULTIPART_CONTENT
        if door.is_api:
            return json.dumps(filled).encode(), "application/json"
        return urlencode(filled, doseq=True).encode(), "application/x-www-form-urlencoded"

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict) and "file_called" in value:
            return SimpleUploadedFile(value["file_called"], value["text"].encode())
        if isinstance(value, dict):
            return {name: self._filled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._filled(part) for part in value]
        if isinstance(value, str) and value[:1] == "@":
            return self.objects[value] if value in self.objects else self._instant(value)
        return value

    def _instant(self, value: str) -> str:
        sort, days, hour = INSTANT.fullmatch(value).groups()  # type: ignore[union-attr]  # a wrong name fails here
        instant = self.at + timedelta(days=int(days))
        return f"{instant.date().isoformat()}{hour or ''}" if sort else instant.isoformat()

    def client(self, role: str) -> Client:
        """A browser signed in as this role, or a program with its token."""
        if role in TOKENS:
            return APIClient(HTTP_AUTHORIZATION=f"Bearer {self.tokens[role]}")
        client = Client()
        if role != "anon":
            client.force_login(self.people[role])
            session = client.session  # they have said their password a moment ago: the right itself is asked
            record_authentication(SimpleNamespace(session=session), self.people[role], "password")
            session.save()
        return client


def token_client(cast: Cast, scopes: list[str]) -> Client:
    """A program with a token of the lead for these scopes alone."""
    secret = _token("cut", cast.people["lead"], scopes, cast.at)
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")


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
    stored = {role: Person.objects.get(pk=person.pk) for role, person in people.items()}  # as a session finds them
    return Cast(stored, team, other, tokens, at)


def _token(name: str, person: Person, scopes: list[str], at: datetime) -> str:
    """The secret of a token; its row is made past the service, which refuses a scope that there is not."""
    secret, prefix = new_token()
    ApiToken.objects.create(
        person=person, name=name, prefix=prefix, secret_hash=digest(secret), scopes=scopes, created_at=at,
        expires_at=at + timedelta(days=30),
    )  # fmt: skip
    return secret
