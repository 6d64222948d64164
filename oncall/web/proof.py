"""`/oncall/proof`: would the pager work tonight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from oncall.queries.board import listed_rotas
from oncall.queries.readiness import readiness
from oncall.web.rotas import ONCALL
from portal.core.web.presentation import Empty, Fact, Row, duration_words
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.queries.readiness import Readiness

MOST_ROTAS = 3


class ProofView(PageView):
    """The engine's own sign of life, who can be woken, and what would go wrong."""

    page_title = "Would the pager work tonight?"
    nav_key = "oncall"
    crumbs = ONCALL
    template_name = "oncall/proof.html"

    def context(self, at: datetime) -> dict[str, Any]:
        rotas = listed_rotas(self.request.user)
        if "team" in self.request.GET:
            rotas = rotas.filter(team__slug=self.request.GET["team"])
        found = readiness(list(rotas[:MOST_ROTAS]), at)
        verified = sum(holder.is_verified for holder in found.holders)
        return {
            "lead": f"{verified} of {len(found.holders)} people on duty in the next 60 days can be woken.",
            "facts": _facts(found),
            "findings": [
                Row(finding.sentence, finding.url or reverse("oncall_rota", args=[finding.rota.slug]), dot=finding.css,
                    facts=[finding.rota.name])
                for finding in found.findings
            ],
            "holders": [
                Row(holder.name, "", dot="ok" if holder.is_tested else "warn" if holder.is_verified else "bad",
                    side="tested" if holder.is_tested else "verified" if holder.is_verified else "cannot be woken")
                for holder in found.holders
            ],
            "empty": Empty("Nothing is wrong", "Everybody can be woken, and what may wait is signed.", "shield-check"),
        }  # fmt: skip


def _facts(found: Readiness) -> list[Fact]:
    figures = found.health.figures
    age = duration_words(figures.canary_age) + " ago" if figures.canary_age is not None else "never yet"
    lag = f"{figures.canary_lag:.1f} s" if figures.canary_lag is not None else "not known"
    state = "keeps its promise" if found.health.is_well else f"fails: {', '.join(found.health.reasons)}"
    return [
        Fact("Engine", state, "" if found.health.is_well else "text-bad"),
        Fact("Last canary", age),
        Fact("Its lag", lag),
        Fact("Overdue deadlines", str(figures.deadlines_overdue)),
        Fact("Pages that found nobody", str(figures.unrouted)),
    ]
