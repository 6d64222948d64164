"""`/oncall/rotas/<slug>/what-if`: what merging or splitting a rota would mean, before anything changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from oncall.domain.balance import points_text
from oncall.forms.reshaping import WhatIfRotaForm
from oncall.policies import can_manage_rota
from oncall.queries.board import listed_rotas
from oncall.queries.reshaping import may_join, seated, what_if
from oncall.web.rotas import ONCALL, find_rota
from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.web.presentation import Empty, Fact, duration_words, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.domain.reshaping import Outlook
    from oncall.models import Rota
    from oncall.queries.reshaping import WhatIf

LEAD = "One rota for two teams, or one more for some of this: nights and points of the next 13 weeks. Nothing is saved."
EMPTY = Empty("Nobody takes turns here", "A rota with rules and members can be tried in another shape.", "users")
Cell = tuple[str, bool]


class WhatIfView(PageView):
    """A form whose answer stands beside it; for who manages the rota."""

    page_title = "What if it were merged or split?"
    nav_key = "oncall"
    template_name = "oncall/what_if.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        rota = find_rota(self.request, str(self.kwargs["slug"]))
        require(can_manage_rota(viewer, rota.team, at))
        self.crumbs = (*ONCALL, (rota.name, reverse("oncall_rota", args=[rota.slug])))
        others = may_join(listed_rotas(viewer), rota)
        chosen = [rota, *(other for other in others if other.slug == self.request.GET.get("merge"))]
        seats = seated(chosen, at)
        people = [(place.person.handle, place.person.name) for place in seats[rota.pk].places] if seats else []
        form = WhatIfRotaForm(
            self.request.GET, rotas=[(other.slug, other.name) for other in others], people=people
        )  # fmt: skip
        return self.shell_context() | {"lead": LEAD, "form": form, "empty": EMPTY, **_answer(form, rota, seats, at)}


def _answer(form: Any, rota: Rota, seats: Any, at: datetime) -> dict[str, Any]:
    """The table and its facts; an answer that cannot be worked out stands at the field that asked."""
    is_asked = form.is_valid()
    if rota.pk not in seats or not seats[rota.pk].places:
        return {}
    leaving = form.cleaned_data.get("split", ()) if is_asked else ()
    try:
        found = what_if(list(seats.values()) if is_asked else [seats[rota.pk]], at, leaving=leaving)
    except DomainError as error:
        form.add_error(error.field, error.message)
        found = what_if([seats[rota.pk]], at)
    heads, table = _table(found)
    until = when(found.until, rota.zone, at).text
    return {"heads": heads, "table": table, "facts": _facts(found), "until": until, "moves": found.then is not None}


def _table(found: WhatIf) -> tuple[list[Cell], list[tuple[Cell, ...]]]:
    sides: list[tuple[str, Outlook]] = [("now", found.now), *([("then", found.then)] if found.then else [])]
    heads = [("Person", False)]
    heads += [(f"{what}, {word}", True) for what in ("Nights", "Points") for word, _ in sides]
    by_side = [{each.handle: each for each in side.people} for _, side in sides]
    rows: list[tuple[Cell, ...]] = []
    for handle in sorted({each for side in by_side for each in side}):
        mine = [side[handle] for side in by_side]
        rows.append((
            (found.names[handle], False), *((str(each.nights), True) for each in mine),
            *((points_text(each.milli), True) for each in mine),
        ))  # fmt: skip
    return heads, rows


def _facts(found: WhatIf) -> list[Fact]:
    now, then = found.now, found.then
    if then is None:
        return [Fact("Points in all", points_text(now.milli)), Fact("Turns nobody can take", str(now.gaps)),
                Fact("Rotas of one person", ", ".join(now.islands) or "none")]  # fmt: skip
    facts = [
        Fact("Points in all", f"{points_text(now.milli)} now, {points_text(then.milli)} then"),
        Fact("Turns nobody can take", f"{now.gaps} now, {then.gaps} then", "text-bad" if then.gaps > now.gaps else ""),
        Fact("Rotas of one person", f"{', '.join(now.islands) or 'none'} now, {', '.join(then.islands) or 'none'} then",
             "text-bad" if len(then.islands) > len(now.islands) else ""),
    ]  # fmt: skip
    if found.lost:
        facts.append(Fact("Covered now and not then", duration_words(found.lost.total_seconds()), "text-bad"))
    return facts
