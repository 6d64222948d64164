"""People: who exists, who is away, who stands in, who answers to a name."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, Subquery

from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import Absence, Deputy, FallbackRecipient, IdentityAlias, Membership, Person, Team

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from django.db.models import QuerySet

NEVER_A_PARTY = frozenset({"", "airflow", "root", "admin", "unknown", "n/a", "none", "null"})


def active_people() -> QuerySet[Person]:
    """Everybody who may act, programs included, by handle."""
    return Person.objects.filter(state=PersonState.ACTIVE).order_by("handle")


def local_day(person: Person, at: datetime) -> date:
    """The person's own calendar day at the instant."""
    return at.astimezone(ZoneInfo(person.zone)).date()


def absences_at(at: datetime) -> QuerySet[Absence]:
    """Live absences that cover the instant."""
    return Absence.objects.filter(during__contains=at, cancelled_at__isnull=True)


def is_away(person: Person, at: datetime) -> bool:
    """Whether a live absence of the person covers the instant."""
    return absences_at(at).filter(person=person).exists()


def away_among(person_ids: Iterable[int], at: datetime) -> set[int]:
    """The ids of those who are away at the instant; one query."""
    return set(absences_at(at).filter(person_id__in=list(person_ids)).values_list("person_id", flat=True))


def absences_during(person_ids: Iterable[int], start: datetime, end: datetime) -> list[Absence]:
    """Live absences that touch `[start, end)`, by beginning."""
    rows = Absence.objects.filter(
        person_id__in=list(person_ids), during__overlap=(start, end), cancelled_at__isnull=True
    )
    return list(rows.order_by("during", "pk"))


def deputized_by(person: Person, at: datetime) -> list[Person]:
    """For whom this person may act at the instant; no chains."""
    rows = Deputy.objects.filter(deputy=person, during__contains=at, ended_at__isnull=True)
    return list(Person.objects.filter(pk__in=rows.values("person"), state=PersonState.ACTIVE).order_by("handle"))


def fallback_recipients() -> list[FallbackRecipient]:
    """Whom a notice reaches when nobody else is found, in order."""
    return list(FallbackRecipient.objects.select_related("person", "endpoint").order_by("position"))


def fallback_names() -> list[str]:
    """The same as people write it: handles, and endpoints as `endpoint:<slug>`, in order."""
    return [
        row.person.handle if row.person else f"endpoint:{row.endpoint.slug}" if row.endpoint else ""
        for row in fallback_recipients()
    ]


def with_main_place(people: QuerySet[Person], on: date) -> QuerySet[Any]:
    """Each person with the day's main place: `place_team` (slug), `place_name`, `_discipline`, `_role`, `_share`."""
    main = Membership.objects.filter(person=OuterRef("pk"), is_main=True, during__contains=on)
    columns = {
        "team": "team__slug",
        "name": "team__name",
        "discipline": "discipline",
        "role": "role",
        "share": "fte_percent",
    }
    return people.annotate(**{f"place_{name}": Subquery(main.values(column)[:1]) for name, column in columns.items()})


def identity_key(raw: str) -> str:
    """How a foreign name is compared: NFKC, folded, trimmed."""
    return unicodedata.normalize("NFKC", raw).casefold().strip()


def resolve_identity(raw: str, system: str) -> Person | Team | None:
    """The party a foreign name stands for, or None: people decide about the rest (spec ownership 4)."""
    return resolve_identities([raw], system).get(raw)


def resolve_identities(raws: Iterable[str], system: str) -> dict[str, Person | Team | None]:
    """Each raw name with its party; at most 3 queries whatever the number.

    In order: a confirmed alias, a person's e-mail, an exact handle, a team's slug with `_`, `-` and space alike.
    """
    wanted = {raw: identity_key(raw) for raw in raws}
    keys = {key for key in wanted.values() if key not in NEVER_A_PARTY}
    aliases = _aliases(keys, system)
    people = _people(keys)
    teams = _teams(keys)
    found: dict[str, Person | Team | None] = {}
    for raw, key in wanted.items():
        if key in aliases:
            found[raw] = aliases[key]
        elif key in NEVER_A_PARTY:
            found[raw] = None
        else:
            found[raw] = people.get(_bare(key)) or teams.get(_slug(_bare(key)))
    return found


def nobodies_among(raws: Iterable[str]) -> set[str]:
    """The names that people, or common sense, decided to mean nobody: `airflow`, `root` and the like among them."""
    keys = {raw: identity_key(raw) for raw in raws}
    rows = IdentityAlias.objects.filter(key__in=set(keys.values()), state="confirmed", is_nobody=True)
    decided = set(rows.values_list("key", flat=True))
    return {raw for raw, key in keys.items() if key in decided or key in NEVER_A_PARTY}


def _aliases(keys: set[str], system: str) -> dict[str, Person | Team | None]:
    rows = IdentityAlias.objects.filter(system__in=[system, "any"], key__in=keys, state="confirmed")
    return {alias.key: alias.person or alias.team for alias in rows.select_related("person", "team")}


def _people(keys: set[str]) -> dict[str, Person]:
    names = {_bare(key) for key in keys}
    rows = active_people().filter(Q(email__in=names) | Q(handle__in=names))
    return {name: person for person in rows for name in (person.handle, (person.email or "").casefold()) if name}


def _teams(keys: set[str]) -> dict[str, Team]:
    if not keys:
        return {}
    return {_slug(team.slug): team for team in Team.objects.filter(archived_at__isnull=True, is_system=False)}


def _bare(key: str) -> str:
    """`@org/team`, `team:x`, `user:x`, `group:default/x` and `Name <mail>` without their dress."""
    if match := re.search(r"<([^<>]+@[^<>]+)>", key):
        return match.group(1)
    key = re.sub(r"^(user|team|group|urn:li:corpuser|urn:li:corpgroup):", "", key).lstrip("@")
    return key if "@" in key else key.rsplit("/", 1)[-1]


def _slug(key: str) -> str:
    return re.sub(r"[_\s]+", "-", key)
