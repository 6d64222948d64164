"""How pipelines are called: their triggers, the webhooks that may be named, the newest calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.models import PipelineTrigger, PlanTrigger
from ownership.queries.parties import teams_led_by
from portal.accounts.models import Endpoint

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from ownership.models import Asset
    from portal.accounts.models import Person

NEWEST = 10


def trigger_of(asset: Asset) -> PipelineTrigger | None:
    """The trigger with its endpoint; None where people run it by hand."""
    return PipelineTrigger.objects.select_related("endpoint").filter(pipeline=asset).first()


def webhooks_for(viewer: Person, at: datetime) -> QuerySet[Endpoint]:
    """Active webhooks of the teams that the viewer leads; an admin names any."""
    rows = Endpoint.objects.filter(kind="webhook", is_active=True).order_by("slug")
    return rows if viewer.is_admin else rows.filter(team__in=teams_led_by(viewer, at))


def newest_calls(asset: Asset) -> list[PlanTrigger]:
    """The runs that plans asked of it, newest first."""
    rows = PlanTrigger.objects.filter(asset=asset).exclude(sent_at=None).select_related("plan")
    return list(rows.order_by("-sent_at")[:NEWEST])
