"""Making and changing domains (spec ownership 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from ownership import policies
from ownership.domain.naming import clean, slug_of
from ownership.models import Domain
from ownership.queries.domains import ancestors_of
from ownership.queries.parties import teams_led_by
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person, Team

NAME_CHARACTERS = 120


@dataclass(frozen=True)
class DomainDraft:
    """What a domain is called, where it belongs, who leads it and who stands in for assets that nobody owns."""

    name: str
    parent: Domain | None = None
    lead_team: Team | None = None
    default_team: Team | None = None


@transaction.atomic
def create_domain(*, actor: Person, draft: DomainDraft, at: datetime) -> Domain:
    """A new domain. Raises `Conflict` for a name in use."""
    require(policies.domains.can_create(actor, teams_led_by(actor, at)))
    name = _name(draft.name)
    slug = slug_of(name)[:NAME_CHARACTERS].replace(".", "-")
    if Domain.objects.filter(name__iexact=name).exists() or Domain.objects.filter(slug=slug).exists():
        raise Conflict("ownership.domain_taken", f"There is a domain {name} already.", "name")
    domain = Domain.objects.create(
        name=name, slug=slug, parent=draft.parent, lead_team=draft.lead_team, default_team=draft.default_team
    )
    record_audit(actor=actor, verb="ownership.domain_created", subject=domain, after=_facts(domain), at=at)
    return domain


@transaction.atomic
def update_domain(*, actor: Person, domain: Domain, draft: DomainDraft, at: datetime) -> Domain:
    """Change name, place and teams; the address stays. Raises `DomainError` for a place below itself."""
    locked = Domain.objects.select_for_update().get(pk=domain.pk)
    require(policies.domains.can_change(actor, locked, teams_led_by(actor, at)))
    name = _name(draft.name)
    if Domain.objects.filter(name__iexact=name).exclude(pk=locked.pk).exists():
        raise Conflict("ownership.domain_taken", f"There is a domain {name} already.", "name")
    if draft.parent is not None and locked.pk in {draft.parent.pk, *ancestors_of(draft.parent)}:
        raise DomainError("ownership.domain_loop", "A domain cannot stand below itself.", "parent")
    before = _facts(locked)
    locked.name, locked.parent = name, draft.parent
    locked.lead_team, locked.default_team = draft.lead_team, draft.default_team
    locked.save(update_fields=["name", "parent", "lead_team", "default_team"])
    record_audit(
        actor=actor, verb="ownership.domain_changed", subject=locked, before=before, after=_facts(locked), at=at
    )
    return locked


def _name(given: str) -> str:
    name = given.strip()
    if not name or name != clean(name) or len(name) > NAME_CHARACTERS:
        raise DomainError("ownership.bad_name", f"A name has 1 to {NAME_CHARACTERS} characters of plain text.", "name")
    return name


def _facts(domain: Domain) -> dict[str, str]:
    return {
        "name": domain.name,
        "parent": domain.parent.slug if domain.parent else "",
        "lead_team": domain.lead_team.slug if domain.lead_team else "",
        "default_team": domain.default_team.slug if domain.default_team else "",
    }
