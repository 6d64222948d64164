"""Special periods and major holidays as lists and pages read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.models import MajorHoliday, PlannedShift, SpecialPeriod
from oncall.policies import is_reader, rotas_visible_to

if TYPE_CHECKING:
    from django.db.models import QuerySet


def listed_periods(viewer: Any) -> QuerySet[SpecialPeriod]:
    """The special periods of every rota in use that the viewer sees."""
    rotas = rotas_visible_to(viewer).filter(is_archived=False)
    return SpecialPeriod.objects.filter(rota__in=rotas).select_related("rota__team")


def listed_majors(viewer: Any) -> QuerySet[MajorHoliday]:
    """The major holidays of every team; who held them is no secret, as who is on call is none."""
    rows = MajorHoliday.objects.select_related("team", "last_held_by")
    return rows if is_reader(viewer) else rows.none()


def planned_in(period: SpecialPeriod) -> list[PlannedShift]:
    """Who is planned in the period, in order; one query."""
    rows = PlannedShift.objects.filter(rota=period.rota_id, during__overlap=period.during)
    return list(rows.select_related("person").order_by("during", "role", "slot"))
