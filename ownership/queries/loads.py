"""How much each person owns, against what is usual in their discipline (spec ownership 8)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from ownership.domain.load import Owned, judge, points_of
from ownership.domain.states import Duty, State
from ownership.models import Ownership
from portal.accounts.queries.teams import memberships_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ownership.domain.load import Load

HELD = Q(duty=Duty.TECHNICAL, state__in=[State.ACCEPTED.value, State.ENDED.value], person__isnull=False)


def owned_by(at: datetime, person_ids: Sequence[int] | None = None) -> dict[int, list[Owned]]:
    """The technical rows at an instant by person, of live assets; one query, counted in the database."""
    rows = Ownership.objects.filter(HELD, valid__contains=at, asset__retired_at=None)
    if person_ids is not None:
        rows = rows.filter(person_id__in=person_ids)
    counted = rows.values_list("person_id", "asset__tier", "asset__kind", "rank").annotate(count=Count("pk"))
    found: dict[int, list[Owned]] = defaultdict(list)
    for person, tier, kind, rank, count in counted.order_by("person_id", "asset__tier", "asset__kind", "rank"):
        found[person] += [Owned(tier, kind, rank)] * count
    return found


def loads_at(at: datetime) -> dict[int, Load]:
    """The load of every active person with a main place, judged against their discipline; two queries."""
    crafts = dict(memberships_on(at.date()).filter(is_main=True).values_list("person_id", "discipline"))
    owned = owned_by(at)
    points: dict[str, list[float]] = defaultdict(list)
    for person, craft in crafts.items():
        points[craft].append(points_of(owned[person]))
    return {person: judge(owned[person], points[craft]) for person, craft in crafts.items()}


def owned_points(person_ids: Sequence[int], since: datetime, until: datetime, viewer: Any) -> Mapping[int, int]:
    """Tier points of each person at the end of the span, rounded: what `/load/` shows."""
    del since, viewer
    return {person: round(points_of(rows)) for person, rows in owned_by(until, person_ids).items()}
