"""Swaps as people made them: one row a swap, whatever became of its changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Subquery, Value, When

from oncall.domain.words import ChangeKind, ChangeState
from oncall.models import ShiftChange
from oncall.policies import rotas_visible_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from oncall.models import Rota
    from portal.accounts.models import Person


@dataclass(frozen=True)
class SwapShown:
    """An offer of two shifts for each other; `lines` say who gives which stretch to whom."""

    group: UUID
    rota: Rota
    state: str
    requested_by: Person | None
    to_person: Person
    reason: str
    created_at: datetime
    expires_at: datetime | None
    lines: Sequence[ShiftChange]


def listed_swaps(viewer: Any) -> QuerySet[ShiftChange]:
    """The first row of each swap in the rotas the viewer sees, with what became of the swap as `swap_state`."""
    same = ShiftChange.objects.filter(group=OuterRef("group"), kind=ChangeKind.SWAP).order_by("pk")
    state = Case(
        *(When(Exists(same.filter(state=each)), then=Value(each.value))
          for each in (ChangeState.ACTIVE, ChangeState.PROPOSED, ChangeState.WITHDRAWN)),
        default=Value(ChangeState.SUPERSEDED.value), output_field=CharField(),
    )  # fmt: skip
    rows = ShiftChange.objects.filter(kind=ChangeKind.SWAP, rota__in=rotas_visible_to(viewer))
    rows = rows.annotate(first=Subquery(same.values("pk")[:1]), swap_state=state).filter(pk=F("first"))
    return rows.select_related("rota__team", "requested_by", "to_person")


def swaps_shown(rows: Iterable[Any]) -> list[SwapShown]:
    """The swaps with the stretches that were offered; one read."""
    first = list(rows)
    groups = [row.group for row in first]
    offered = ShiftChange.objects.filter(group__in=groups, kind=ChangeKind.SWAP, expires_at__isnull=False)
    lines: dict[UUID, list[ShiftChange]] = {}
    for line in offered.select_related("from_person", "to_person").order_by("pk"):
        lines.setdefault(line.group, []).append(line)
    return [
        SwapShown(
            row.group, row.rota, row.swap_state, row.requested_by, row.to_person, row.reason, row.created_at,
            row.expires_at, lines.get(row.group, []),
        )
        for row in first
    ]  # fmt: skip
