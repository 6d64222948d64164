"""A lead's look at what a person carries is a row that the person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.models import AuditEntry
from portal.core.services.audit import record_audit
from portal.site.queries.load import VIEWED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.accounts.models import Person


@transaction.atomic
def note_load_views(*, actor: Any, people: Sequence[Person], at: datetime) -> int:
    """One row a person, lead and day; returns how many are new."""
    keys = [str(person.pk) for person in people]
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    known = set(
        AuditEntry.objects.filter(
            verb=VIEWED, object_type="accounts.person", object_id__in=keys, actor=actor, at__gte=today
        ).values_list("object_id", flat=True)
    )
    fresh = [person for person in people if str(person.pk) not in known]
    for person in fresh:
        record_audit(actor=actor, verb=VIEWED, subject=person, at=at)
    return len(fresh)
