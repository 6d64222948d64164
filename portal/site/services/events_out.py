"""Events to the endpoints of teams: a notice an event and endpoint, so that sending has one path for everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.models import Endpoint
from portal.accounts.policies import can_manage_team
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.models import Setting
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import Subject
from portal.engine.services.notices import raise_notices
from portal.site.domain.topics import BY_VERB, matching
from portal.site.queries.events import KEPT, event_of, newest_position, public_acts, settled_after

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from portal.accounts.models import Person
    from portal.core.models import AuditEntry

EVENTS_JOB, KIND = "site.events_out", "site.event"
CURSOR = "events.cursor"
BATCH = 500
MOST_AGAIN = 1_000


def run_events_out(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """Every few seconds: hand what is settled to the endpoints that asked for it. Repeatable: told once an endpoint."""
    del args, progress
    at, told = clock.now(), 0
    while (count := hand_out(at=at)) is not None:
        told += count
    return {"told": told}


@transaction.atomic
def hand_out(*, at: datetime) -> int | None:
    """One batch under the cursor's lock; how many notices, or None when nothing is left.

    Without a subscriber the cursor goes to the end: an endpoint hears of what happens from its first topic on.
    """
    row, is_new = Setting.objects.select_for_update().get_or_create(key=CURSOR, defaults={"value": [0, 0]})
    endpoints = list(Endpoint.objects.filter(is_active=True, kind="webhook").exclude(topics=[]).order_by("pk"))
    if is_new or not endpoints:
        _go(row, newest_position())
        return None
    wanted = matching([topic for endpoint in endpoints for topic in endpoint.topics])
    entries = list(settled_after([verb for topic in wanted for verb in topic.verbs], tuple(row.value))[:BATCH])
    if not entries:
        return None
    told = _tell(entries, endpoints, at, suffix="")
    _go(row, (entries[-1].transaction_number, entries[-1].pk))
    return told


@transaction.atomic
def redeliver_events(*, actor: Person, endpoint: Endpoint, after: datetime, until: datetime, at: datetime) -> int:
    """Send the events of a span again, under their own ids, at most 1,000; returns how many. The lead or an admin may.

    Raises `DomainError` for a span that is empty, older than 30 days or too full.
    """
    require(can_manage_team(actor, endpoint.team, at))
    if not endpoint.is_active or not endpoint.topics:
        raise DomainError("site.no_subscription", "This endpoint is switched off or has no topics.")
    if not at - KEPT <= after < until <= at:
        raise DomainError("site.bad_span", "Choose a span that ends now or before, within the last 30 days.", "after")
    verbs = [verb for topic in matching(endpoint.topics) for verb in topic.verbs]
    entries = list(public_acts(verbs).filter(at__gte=after, at__lt=until).order_by("pk")[: MOST_AGAIN + 1])
    if len(entries) > MOST_AGAIN:
        raise DomainError("site.too_many_events", f"More than {MOST_AGAIN} events. Choose a shorter span.", "until")
    told = _tell(entries, [endpoint], at, suffix=f":again.{at.isoformat()}")
    facts = {"after": after.isoformat(), "until": until.isoformat(), "events": told}
    record_audit(actor=actor, verb="site.events_redelivered", subject=endpoint, after=facts, at=at)
    return told


def _tell(entries: Sequence[AuditEntry], endpoints: Sequence[Endpoint], at: datetime, *, suffix: str) -> int:
    wishes = [(endpoint, {topic.name for topic in matching(endpoint.topics)}) for endpoint in endpoints]
    planned = [
        Planned(
            NoticeDraft(
                KIND, f"{KIND}:{entry.pk}:endpoint.{endpoint.pk}{suffix}", Subject(KIND, entry.pk),
                Recipient(endpoint=f"endpoint:{endpoint.pk}"), "info",
                {"topic": BY_VERB[entry.verb].name, "event": event_of(entry)},
            )
        )
        for entry in entries
        for endpoint, names in wishes
        if BY_VERB[entry.verb].name in names
    ]  # fmt: skip
    raise_notices(planned=planned, at=at)
    return len(planned)


def _go(row: Setting, position: tuple[int, int]) -> None:
    if list(position) != row.value:
        row.value = list(position)
        row.save(update_fields=["value"])
