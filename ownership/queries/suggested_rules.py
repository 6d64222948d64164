"""Cells that people keep saying do not fit: what dismissed crossings teach a pattern (spec ownership 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q

from ownership.domain.crossing_states import DISMISSED
from ownership.domain.patterns import CROSSING, pattern_kinds
from ownership.models import Crossing

if TYPE_CHECKING:
    from ownership.models import Pattern

LEAST_DISMISSED = 3


@dataclass(frozen=True)
class RuleSuggestion:
    """A cell that was dismissed at least three times; it names domains, never people."""

    discipline: str
    kind: str
    kind_label: str
    dismissed: int
    kept: int
    domains: tuple[str, ...]

    @property
    def words(self) -> str:
        """How often, and where."""
        stands = f", left standing {self.kept} times" if self.kept else ""
        return f"dismissed {self.dismissed} times{stands}" + (f" in {', '.join(self.domains)}" if self.domains else "")


def suggested_rules(pattern: Pattern) -> list[RuleSuggestion]:
    """Cells to make fine, those dismissed most often first; one query. `kept` counts crossings that still stand."""
    kinds = {kind.code: kind for kind in pattern_kinds()}
    is_dismissed = Q(state=DISMISSED)
    rows = (
        Crossing.objects.filter(rule__pattern=pattern, rule__verdict=CROSSING, valid__upper_inf=True)
        .values("rule__discipline", "rule__kind")
        .annotate(
            dismissed=Count("pk", filter=is_dismissed), kept=Count("pk", filter=~is_dismissed),
            domains=ArrayAgg("asset__domain__name", filter=is_dismissed & ~Q(asset__domain=None), distinct=True,
                             default=[]),
        )
        .filter(dismissed__gte=LEAST_DISMISSED)
        .order_by("-dismissed", "rule__kind", "rule__discipline")
    )  # fmt: skip
    return [
        RuleSuggestion(
            row["rule__discipline"], kinds[row["rule__kind"]].name, kinds[row["rule__kind"]].label, row["dismissed"],
            row["kept"], tuple(row["domains"]),
        )
        for row in rows
        if row["rule__kind"] in kinds
    ]  # fmt: skip
