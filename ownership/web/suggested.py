"""`/teams/<slug>/suggested-owners`: the fairest matrix, and asking the people in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from ownership import policies
from ownership.domain.kinds import kind_of
from ownership.queries.parties import teams_led_by, teams_of_person
from ownership.queries.suggested import suggested_owners
from ownership.services.asking import ask_suggested
from ownership.shape_forms import AskForm
from ownership.web.shown import asset_badges, asset_url
from portal.accounts.policies import teams_visible_to
from portal.core import clock
from portal.core.policies import require
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import Empty, Link, Row, count_words
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

    from ownership.queries.suggested import Line, TeamMatrix
    from portal.accounts.models import Person, Team

HEADER = ("asset", "kind", "tier", "primary", "backup", "asked")
NOBODY = "nobody knows it enough"


def _team(request: HttpRequest, slug: str, at: datetime) -> Team:
    viewer: Any = request.user
    team = get_object_or_404(teams_visible_to(viewer), slug=slug, archived_at=None)
    require(policies.shapes.can_see(viewer, team, teams_of_person(viewer, at)))
    return team


class SuggestedOwnersView(DomainFormMixin):
    """Nothing is stored until the lead asks, and nobody owns anything until they say yes."""

    nav_key = "teams"
    template_name = "ownership/suggested_owners.html"
    form_class = AskForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.team = _team(request, str(self.kwargs["slug"]), clock.now())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.team = _team(request, str(self.kwargs["slug"]), clock.now())
        return super().post(request, *args, **kwargs)

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        asked = ask_suggested(actor=actor, team=self.team, slugs=form.cleaned_data["chosen"], at=at)
        messages.success(self.request, f"{count_words(asked, 'answer')} asked for. Nothing changes until they say yes.")
        return reverse("suggested_owners", args=[self.team.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at, viewer = clock.now(), self.request.user
        matrix = suggested_owners(self.team, at)
        may_ask = policies.shapes.can_suggest(viewer, self.team, teams_led_by(viewer, at)).allowed
        return super().get_context_data(**kwargs) | {
            "page_title": f"Suggested owners of {self.team.name}",
            "crumbs": (("Teams", "/teams/"), (self.team.name, f"/teams/{self.team.slug}")),
            "actions": [Link("Download CSV", reverse("suggested_owners_export", args=[self.team.slug]), "download")],
            "lines": [(line.asset.slug, _row(line), may_ask and _is_askable(line)) for line in matrix.lines],
            "tickable": may_ask and any(_is_askable(line) for line in matrix.lines),
            "heads": (("Person", False), ("Answers for", True), ("Load", True)),
            "loads": _loads(matrix),
            "is_cut": matrix.is_cut,
            "empty": Empty(
                "Nothing to suggest", "Every asset of the team has a person who answers for it.", "shield-check",
                Link("See the assets", f"{reverse('assets_list')}?team={self.team.slug}"),
            ),
        }  # fmt: skip


def _handle(person: Person | None) -> str:
    return person.handle if person else ""


def _is_askable(line: Line) -> bool:
    return line.primary is not None and not line.is_asked


def _row(line: Line) -> Row:
    primary = f"{line.primary.name} answers" if line.primary else NOBODY
    backup = f"{line.backup.name} steps in" if line.backup else "no backup"
    facts = [primary, backup] if line.primary else [primary]
    return Row(
        line.asset.name, asset_url(line.asset.slug), icon=kind_of(line.asset.kind).icon,
        badges=asset_badges(line.asset), facts=facts, side="asked, no answer yet" if line.is_asked else "proposed",
    )  # fmt: skip


def _loads(matrix: TeamMatrix) -> list[Any]:
    """Only what this matrix adds; what people hold already is for them and their leads."""
    return [
        ((person.name, False), (f"{matrix.points[person.handle]:g}", True), (f"{matrix.load[person.handle]:g}", True))
        for person in matrix.people
    ]


@require_safe
def export_suggested(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The matrix as CSV."""
    at = clock.now()
    lines = [
        (
            line.asset.slug, kind_of(line.asset.kind).name, line.asset.tier, *map(_handle, (line.primary, line.backup)),
            line.is_asked,
        )
        for line in suggested_owners(_team(request, slug, at), at).lines
    ]  # fmt: skip
    return csv_response("suggested-owners", HEADER, lines, count=len(lines))
