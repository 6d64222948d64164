"""How often a team's rotas page, on its page; and the question to its leads on My day (spec oncall 10, G4, G5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from oncall.policies import can_manage_rota
from oncall.queries.strain import listed_reviews, rotas_that_page, strain_of
from portal.core.registries import Need
from portal.core.web.presentation import Badge, Link, ListBlock, Row, count_words

if TYPE_CHECKING:
    from datetime import datetime

MOST = 20


def of_team(subject: Any, viewer: Any, at: datetime) -> ListBlock | None:
    """Pages of 90 days with the share out of hours, and of four weeks a shift; None where nothing paged."""
    found = [each for each in strain_of(list(rotas_that_page(viewer, subject.slug)), at) if each.pages]
    if not found:
        return None
    url = f"{reverse('guardrails')}?team={subject.slug}"
    rows = [
        Row(each.rota.name, url, icon="siren",
            badges=[Badge(f"{each.percent} % out of hours", each.colour),
                    *([Badge("More than two pages a shift", "bad")] if each.is_over else [])],
            facts=[f"{count_words(each.pages, 'page')} in 90 days", f"{each.mean:.1f} a shift in four weeks"])
        for each in found
    ]  # fmt: skip
    return ListBlock("team-strain", "Pages", rows, Link("Guardrails", url))


def needs(viewer: Any, at: datetime) -> list[Need]:
    """Rotas of the teams this person leads that page too often."""
    rows = listed_reviews(viewer).filter(answer="").order_by("opened_at")[:MOST]
    return [
        Need(f"{row.rota.name} pages too often", f"{row.pages} pages in {row.shifts} shifts", "Say what is done",
             reverse("guardrails"), None, row.opened_at)
        for row in rows
        if not viewer.is_admin and can_manage_rota(viewer, row.rota.team, at)
    ]  # fmt: skip
