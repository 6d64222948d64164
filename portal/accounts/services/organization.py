"""What no team decides: the name of the house, its hours, who is told last, and how scarce urgency is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.domain import checks
from portal.accounts.models import Endpoint, FallbackRecipient, Organization, Person
from portal.accounts.policies import can_administer
from portal.accounts.queries.people import fallback_names
from portal.accounts.services.changing import apply_changes, locked
from portal.core.errors import DomainError
from portal.core.models import BusinessCalendar
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

FIELDS = frozenset({"name", "calendar_id", "head_of_data_id", "urgency_tokens"})
MOST_TOKENS, MOST_FALLBACKS = 20, 10
ENDPOINT = "endpoint:"


@transaction.atomic
def update_organization(
    *, actor: Person | None, changes: Mapping[str, Any], fallback: Sequence[str] | None = None, at: datetime
) -> Organization:
    """Change what `FIELDS` names, and whom a notice reaches when nobody else is found; admins only.

    `fallback` holds handles, and endpoints as `endpoint:<slug>`, in order; at least one. Raises `DomainError` with the
    field; nothing is changed then.
    """
    if actor is not None:
        require(can_administer(actor, at))
    unknown = sorted(set(changes) - FIELDS)
    if unknown:
        raise DomainError("accounts.unknown_field", f"This cannot be changed here: {unknown[0]}.", unknown[0])
    row: Organization = locked(Organization, 1)
    apply_changes(row, _checked(changes), actor=actor, verb="accounts.organization_changed", at=at)
    if fallback is not None:
        _set_fallback(row, fallback, actor, at)
    return row


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(changes)
    if "name" in kept:
        kept["name"] = checks.clean_text(kept["name"], "name", longest=120)
    if not 1 <= kept.get("urgency_tokens", 1) <= MOST_TOKENS:
        message = f"1 to {MOST_TOKENS} a team and quarter: more would make everything urgent."
        raise DomainError("accounts.bad_tokens", message, "urgency_tokens")
    if "calendar_id" in kept and not BusinessCalendar.objects.filter(pk=kept["calendar_id"], is_archived=False):
        raise DomainError("accounts.unknown_calendar", "There is no such calendar.", "calendar")
    head = kept.get("head_of_data_id")
    if head is not None and not Person.objects.filter(pk=head, kind="person", state="active").exists():
        raise DomainError("accounts.person_inactive", "Name somebody who is here.", "head_of_data")
    return kept


def _set_fallback(house: Organization, names: Sequence[str], actor: Person | None, at: datetime) -> None:
    wanted = list(dict.fromkeys(name.strip().lower().removeprefix("@") for name in names if name.strip()))
    if not 1 <= len(wanted) <= MOST_FALLBACKS:
        message = f"Name 1 to {MOST_FALLBACKS}: somebody must hear what nobody else can be told."
        raise DomainError("accounts.fallback_needed", message, "fallback")
    before = fallback_names()
    if wanted == before:
        return
    rows = [_recipient(position, name) for position, name in enumerate(wanted, start=1)]
    FallbackRecipient.objects.all().delete()
    FallbackRecipient.objects.bulk_create(rows)
    record_audit(
        actor=actor, verb="accounts.fallback_changed", subject=house, before={"fallback": before},
        after={"fallback": wanted}, at=at,
    )  # fmt: skip


def _recipient(position: int, name: str) -> FallbackRecipient:
    if name.startswith(ENDPOINT):
        endpoint = Endpoint.objects.filter(slug=name.removeprefix(ENDPOINT), is_active=True).first()
        if endpoint is None:
            raise DomainError("accounts.unknown_endpoint", f"There is no live endpoint {name[:60]}.", "fallback")
        return FallbackRecipient(position=position, endpoint=endpoint)
    person = Person.objects.filter(handle=name, kind="person", state="active").first()
    if person is None:
        raise DomainError("accounts.unknown_person", f"Nobody here is called {name[:40]}.", "fallback")
    return FallbackRecipient(position=position, person=person)
