"""Whom a step of a ladder means at the instant it fires (spec oncall 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oncall.queries.resolving import behind_at, organization_fallbacks, resolve_oncall
from portal.accounts.models import Endpoint, Person
from portal.accounts.queries.routing import has_waking_way
from portal.accounts.queries.teams import responsible_leads

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from oncall.domain.answers import OnCallAnswer
    from oncall.domain.escalation import Target
    from oncall.models import Incident


@dataclass(frozen=True)
class Meant:
    """A person or endpoint to page; `wakes` is false for somebody without a verified way that wakes."""

    person_id: int | None
    name: str
    wakes: bool = True
    endpoint: str = ""


@dataclass(frozen=True)
class Duty:
    """The resolver's answer for an incident, asked once a firing."""

    incident: Incident
    at: datetime
    answer: OnCallAnswer | None
    # A preview prints names: whether each can be woken is asked when a step fires.
    is_preview: bool = False

    def meant(self, targets: Sequence[Target], told: Collection[int]) -> list[Meant]:
        """Each target's people, each once; `told` are those the ladder has paged already."""
        found: dict[tuple[int | None, str], Meant] = {}
        for target in targets:
            for each in self._one(target, told):
                found.setdefault((each.person_id, each.endpoint), each)
        return list(found.values())

    def _one(self, target: Target, told: Collection[int]) -> list[Meant]:
        match target.kind:
            case "primary" | "secondary":
                return self._holder(target.kind)
            case "next_in_cascade":
                return self._cascade(told)
            case "lead":
                leads = responsible_leads(self.incident.team, self.at.date())
                return self._people([(lead.pk, lead.name) for lead in leads])
            case "organization":
                return self._people([(each.person_id, each.name) for each in organization_fallbacks()])
            case "person":
                return self._people(list(Person.objects.filter(handle=target.ref).values_list("pk", "name")))
        rows = Endpoint.objects.filter(slug=target.ref, is_active=True).values_list("pk", "slug")
        return [Meant(None, slug, endpoint=f"endpoint:{pk}") for pk, slug in rows]

    def _holder(self, role: str) -> list[Meant]:
        held = self.answer.holder(role) if self.answer is not None else None
        return [Meant(held.person_id, held.name, held.reachable)] if held is not None else []

    def _cascade(self, told: Collection[int]) -> list[Meant]:
        if self.answer is None:
            return []
        holders = {held.person_id for held in self.answer.entries if held.role in ("primary", "secondary")}
        rest = [each for each in self.answer.fallbacks if each.kind == "cascade"]
        busy = {*holders, *told}
        fresh = [(each.person_id, each.name) for each in rest if each.person_id not in busy]
        if not fresh and self.incident.rota is not None:
            fresh = [named for named in behind_at(self.incident.rota, self.at) if named[0] not in busy]
        return self._people(fresh[:1])

    def _people(self, named: Sequence[tuple[int, str]]) -> list[Meant]:
        if self.is_preview:
            return [Meant(pk, name) for pk, name in named]
        return _people([pk for pk, _ in named])


def duty_of(incident: Incident, at: datetime) -> Duty:
    """Who is on call for the incident's rota now; nobody where it has none."""
    answer = resolve_oncall(rota=incident.rota, at=at) if incident.rota is not None else None
    return Duty(incident, at, answer)


def _people(person_ids: Sequence[int]) -> list[Meant]:
    """Active people in the order of their ids; one who is away is still asked: the ladder has nobody better."""
    rows = {person.pk: person for person in Person.objects.filter(pk__in=person_ids, state="active")}
    people = [rows[pk] for pk in person_ids if pk in rows]
    return [Meant(person.pk, person.name, has_waking_way(person)) for person in people]
