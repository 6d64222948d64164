"""`/oncall/proof`: would the pager work tonight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from oncall.domain.words import ROLE_WORDS, DutyRole
from oncall.queries.board import listed_rotas
from oncall.queries.readiness import nights_of, readiness
from oncall.web.rotas import ONCALL
from portal.core.web.presentation import Empty, Fact, Row, Tab, duration_words, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from oncall.queries.readiness import Finding, NextGap, Readiness

EMPTY = Empty("Nothing is wrong", "Everybody can be woken, and what may wait is signed.", "shield-check")


class ProofView(PageView):
    """The engine's own sign of life, who can be woken, and what would go wrong."""

    page_title = "Would the pager work tonight?"
    nav_key = "oncall"
    crumbs = ONCALL
    template_name = "oncall/proof.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        rotas, team = list(listed_rotas(viewer)), self.request.GET.get("team", "")
        teams = list(dict.fromkeys(rota.team for rota in rotas))
        chosen = [rota for rota in rotas if not team or rota.team.slug == team]
        show = "agreements" if self.request.GET.get("show") == "agreements" else ""
        facts = {"team": team, "teams": teams, "show": show, "tabs": _tabs(team, show), "empty": EMPTY}
        if show:
            return facts | {"findings": _rows(nights_of(chosen, at))}
        found = readiness(chosen, at)
        verified = sum(holder.is_verified for holder in found.holders)
        return facts | {
            "lead": f"{verified} of {len(found.holders)} people on duty in the next 60 days can be woken.",
            "facts": _facts(found, viewer.zone, at), "findings": _rows(found.findings),
            "holders": [
                Row(holder.name, "", dot="ok" if holder.is_tested else "warn" if holder.is_verified else "bad",
                    side="tested" if holder.is_tested else "verified" if holder.is_verified else "cannot be woken")
                for holder in found.holders
            ],
        }  # fmt: skip


def _tabs(team: str, show: str) -> list[Tab]:
    of = f"&team={team}" if team else ""
    return [Tab("People and rotas", f"?show={of}", not show),
            Tab("Agreements and runbooks", f"?show=agreements{of}", bool(show))]  # fmt: skip


def _rows(findings: Iterable[Finding]) -> list[Row]:
    return [
        Row(each.sentence, each.url or reverse("oncall_rota", args=[each.rota.slug]), dot=each.css,
            facts=[each.rota.name])
        for each in findings
    ]  # fmt: skip


def _facts(found: Readiness, zone: str, at: datetime) -> list[Fact]:
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
        _gap(found.next_gap, zone, at),
        Fact("Verified ways", f"{sum(holder.is_verified for holder in found.holders)} of {len(found.holders)}"),
    ]


def _gap(gap: NextGap | None, zone: str, at: datetime) -> Fact:
    if gap is None:
        return Fact("Next gap", "none in 90 days")
    said = f"{when(gap.start, zone, at).text}: nobody is {ROLE_WORDS[DutyRole(gap.role)]} of {gap.rota.name}"
    return Fact("Next gap", said, "text-bad", f"/oncall/rotas/{gap.rota.slug}")
