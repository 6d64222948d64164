"""What stands behind a crossing: the acts that its party did, and the days on which it is brought up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import DateField, Exists, OuterRef
from django.db.models.functions import Cast

from ownership.domain.marks import marks_of
from ownership.domain.shadow import ACTS
from ownership.models import Evidence
from portal.accounts.models import Membership

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from ownership.domain.marks import Mark
    from ownership.models import Crossing, CrossingStep

MOST_ACTS = 100


def acts_behind(row: Crossing) -> QuerySet[Evidence]:
    """The acts on the asset since it opened, newest first, at most 100; a team's are those of its members then."""
    acts = Evidence.objects.filter(asset_id=row.asset_id, kind__in=ACTS, at__gte=row.opened_at)
    if row.valid.upper is not None:
        acts = acts.filter(at__lt=row.valid.upper)
    if row.person_id is not None:
        acts = acts.filter(person_id=row.person_id)
    else:
        that_day = Cast(OuterRef("at"), DateField())
        members = Membership.objects.filter(team=row.team, person=OuterRef("person"), during__contains=that_day)
        acts = acts.filter(Exists(members))
    return acts.order_by("-at", "-pk")[:MOST_ACTS]


def marks_behind(row: Crossing, steps: Sequence[CrossingStep], at: datetime) -> list[Mark]:
    """The days on which it is brought up, from its log in order of time."""
    return marks_of(row.opened_at, [(step.at, step.state) for step in steps], row.valid.upper, at)
