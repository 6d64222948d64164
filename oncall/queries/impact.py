"""Who is asked whether it mattered: those downstream of what was held, slept or late (spec additions, On-call)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, Q

from oncall.domain.incident_states import State
from oncall.models import Agreement, Incident, IncidentEvent, IncidentImpact
from oncall.policies import incidents_visible_to
from portal.accounts.models import Membership
from portal.accounts.queries.people import local_day

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team

ASKED_FOR = timedelta(days=14)
MOST = 10


def to_say_whether_it_mattered(viewer: Any, at: datetime) -> list[Incident]:
    """Resolved incidents of 14 days that a team led by this person reads, waited for, and has said nothing about."""
    led = Membership.objects.filter(person=viewer, role="lead", during__contains=local_day(viewer, at)).values("team")
    reads = Agreement.objects.filter(asset=OuterRef("root_asset"), downstream_team__in=led)
    said = IncidentImpact.objects.filter(incident=OuterRef("pk"), team__in=led)
    slept = IncidentEvent.objects.filter(incident=OuterRef("pk"), kind__in=["asleep", "waiting_upstream"])
    late = Q(fix_by__isnull=False, resolved_at__gt=F("fix_by"))
    rows = incidents_visible_to(viewer).filter(
        Q(act_at__gt=F("opened_at")) | Exists(slept) | late, Exists(reads), ~Exists(said), state=State.RESOLVED,
        resolved_at__gt=at - ASKED_FOR, resolved_at__lte=at,
    )  # fmt: skip
    return list(rows.order_by("resolved_at", "pk")[:MOST])


def impact_counts(team: Team, start: datetime, end: datetime) -> dict[str, int]:
    """How often teams downstream said that what was held, slept or late did nothing, was inconvenient or did harm.

    Of the team's incidents opened in the span, private ones left out; never by person. One query.
    """
    rows = IncidentImpact.objects.filter(
        incident__team=team, incident__is_private=False, incident__opened_at__gte=start, incident__opened_at__lt=end
    )
    return dict(rows.order_by().values_list("answer").annotate(Count("pk")))
