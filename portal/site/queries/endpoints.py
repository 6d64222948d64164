"""The pages of endpoints: what goes where, and how it went. No address is ever shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.accounts.models import Membership, Team
from portal.accounts.policies import can_administer
from portal.accounts.queries.people import local_day
from portal.core.web.presentation import Badge, Row, count_words, when
from portal.engine.models import Delivery

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Endpoint

KINDS = {"webhook": ("Webhook", "webhook"), "slack": ("Chat", "message-square"), "mail": ("Mailbox", "mail")}
STATES = {"sent": "ok", "delivered": "ok", "dead": "bad", "cancelled": "line", "queued": "line", "sending": "line"}
MOST = 100


def managed_teams(viewer: Any, at: datetime) -> QuerySet[Team]:
    """The teams whose endpoints this person may make."""
    teams = Team.objects.filter(is_system=False, archived_at__isnull=True).order_by("name")
    if can_administer(viewer, at).allowed:
        return teams
    led = Membership.objects.filter(person=viewer, role="lead", during__contains=local_day(viewer, at))
    return teams.filter(pk__in=led.values("team"))


def endpoint_row(row: Endpoint, url: str) -> Row:
    """An endpoint in a list."""
    label, icon = KINDS[row.kind]
    facts = [label, row.team.name]
    if row.kind == "webhook":
        facts.append(count_words(len(row.topics), "topic") if row.topics else "no topics: alerts only")
    return Row(row.slug, url, icon=icon, badges=[state_badge(row)], facts=facts)


def state_badge(row: Endpoint) -> Badge:
    """Whether something goes there."""
    return Badge("on", "ok", "check") if row.is_active else Badge("off", "line")


def recent_deliveries(row: Endpoint, zone: Any, at: datetime) -> Sequence[tuple[str, Badge, Any, str]]:
    """The newest 100: (what, how it went, when, the last error)."""
    rows = Delivery.objects.filter(destination_ref=f"endpoint:{row.pk}").select_related("notice").order_by("-run_at")
    return [
        (str(each.notice.context.get("topic") or each.notice.kind), Badge(each.state, STATES.get(each.state, "line")),
         when(each.sent_at or each.run_at, zone, at), each.last_error[:120])
        for each in rows[:MOST]
    ]  # fmt: skip
