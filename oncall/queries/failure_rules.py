"""The kinds that a team's own words mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Value
from django.db.models.functions import Length, StrIndex

from oncall.models import FailureRule
from oncall.policies import is_reader

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.accounts.models import Team

LONGEST_SEARCHED = 4000


def listed_rules(viewer: Any) -> QuerySet[FailureRule]:
    """Every rule with its team and who made it; they hold words of alerts that everybody signed in may read."""
    rows = FailureRule.objects.select_related("team", "made_by")
    return rows if is_reader(viewer) else rows.none()


def kind_by_rule(team: Team, text: str) -> str:
    """The kind of the longest phrase of the team that the text holds, whatever its case; "" without one. One read."""
    said = Value(text[:LONGEST_SEARCHED].casefold())
    rows = FailureRule.objects.filter(team=team).annotate(at=StrIndex(said, F("phrase"))).filter(at__gt=0)
    return rows.order_by(-Length("phrase"), "pk").values_list("failure_kind", flat=True).first() or ""
