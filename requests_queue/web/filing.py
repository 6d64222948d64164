"""`/requests/new` and the parts that htmx asks for while somebody types."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from ownership.queries.assets import search_assets
from portal.accounts.queries.people import local_day
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.queries.drafts import draft_of
from portal.core.services.drafts import save_draft
from portal.core.web.presentation import when
from portal.core.web.views import DomainFormMixin
from requests_queue.domain.intake import NAMES
from requests_queue.domain.kinds import KINDS
from requests_queue.forms import AsksForm, FilingForm
from requests_queue.queries.audience import on_duty
from requests_queue.queries.promises import expected_for, history_of
from requests_queue.queries.targets import (
    assets_called,
    exempt_kind_called,
    people_called,
    team_called,
)
from requests_queue.services.filing import DRAFT, Filing, file_request
from requests_queue.services.upstream import file_upstream
from requests_queue.web.asset_choice import choices_of
from requests_queue.web.effects import effect_of, wish_of
from requests_queue.web.shown import expected_steps
from requests_queue.web.suggesting import look_first, note_filed, panel_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.http import HttpRequest, QueryDict

    from ownership.models import Asset
    from requests_queue.services.upstream import Handed

KEPT = (
    "title", "decision_served", "body", "wanted_by", "team", "kind", "asset_words", "exemption", "people",
    "overruled_because", *NAMES,
)  # fmt: skip
HITS = 8
MOST_KEPT = 100_000


class NewRequestView(DomainFormMixin):
    """The one front door."""

    page_title = "New request"
    nav_key = "requests"
    crumbs = (("Requests", "/requests/"),)
    template_name = "requests_queue/new.html"
    form_class = FilingForm

    @cached_property
    def kept(self) -> dict[str, Any]:
        """The draft of this form, read once."""
        found = draft_of(self.request.user, DRAFT)
        return dict(found.body) if found else {}

    def get_initial(self) -> dict[str, Any]:
        return self.kept | {name: self.request.GET[name] for name in KEPT if name in self.request.GET}

    def form_valid(self, form: Any) -> HttpResponse:
        known = _known(self.request.POST.getlist("assets"), self.request.user)
        if step := look_first(self.request, form.cleaned_data["title"], known, clock.now()):
            form.add_error("title", step)
            return self.form_invalid(form)
        return super().form_valid(form)

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        details = form.details()
        data = dict(form.cleaned_data)
        assets = _chosen(self.request.POST, viewer)
        team = team_called(data.pop("team"), assets, local_day(viewer, at))
        data.pop("asset_words")
        data["exemption"] = exempt_kind_called(data["exemption"])
        data["people"] = people_called(data["people"], "people")
        upstream, keeps = data.pop("upstream"), data.pop("keeps")
        filing = Filing(team=team, assets=assets, details=details, **data)
        if upstream:
            return self._ask_upstream(
                file_upstream(actor=viewer, filing=filing, team_slug=upstream, keeps=keeps, at=at)
            )
        made = file_request(actor=viewer, filing=filing, at=at)
        note_filed(self.request, made, at)
        messages.success(self.request, f"{made.number} is filed. You hear from {team.name} in time.")
        return made.get_absolute_url()

    def _ask_upstream(self, handed: Handed) -> str:
        """To our request where one waits, else to the ticket."""
        ticket, kept = handed.ticket, handed.request
        also = f" {kept.number} waits for it." if kept is not None else ""
        messages.success(self.request, f"{ticket.number} stands at the desk of {ticket.team.name}.{also}")
        return ticket.get_absolute_url() if kept is None else kept.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        given: Any = self.request.POST or self.request.GET
        initial = self.get_initial()
        viewer: Any = self.request.user
        at = clock.now()
        assets = _known(given.getlist("assets") or initial.get("assets", []), viewer)
        facts = initial | {name: given[name].replace("\0", "") for name in KEPT if name in given}
        shown = _panel(facts, assets, viewer, at) | panel_of(facts, assets, viewer, at, complete=True)
        return context | _boxes(facts, assets, viewer, at) | shown


@require_GET
def expected(request: HttpRequest) -> HttpResponse:
    """By when, for what the form holds now; the same functions as the clocks. Beside it what the kind is asked for."""
    assets = _known(request.GET.getlist("assets"), request.user)
    asks = AsksForm(kind=request.GET.get("kind", ""), initial=request.GET.dict())
    shown = _panel(request.GET, assets, request.user, clock.now()) | {"asks": list(asks), "exchange": True}
    return render(request, "requests_queue/expected.html", shown)


@require_GET
def asset_hits(request: HttpRequest) -> HttpResponse:
    """Assets whose name fits, as boxes to tick; ticked ones stay."""
    viewer: Any = request.user
    chosen = _known(request.GET.getlist("assets"), viewer)
    return render(request, "requests_queue/asset_hits.html", _boxes(request.GET, chosen, viewer, clock.now()))


@require_POST
def keep_draft(request: HttpRequest) -> HttpResponse:
    """Nothing typed is lost."""
    at = clock.now()
    body: dict[str, Any] = {name: request.POST[name][:MOST_KEPT] for name in KEPT if request.POST.get(name)}
    body["assets"] = request.POST.getlist("assets")[:50]
    viewer: Any = request.user
    save_draft(actor=viewer, kind=DRAFT, body=body, at=at)
    return HttpResponse(f"Draft saved {when(at, viewer.zone, at).text}", content_type="text/plain")


def _chosen(given: QueryDict, viewer: Any) -> list[Asset]:
    """The ticked assets; without a script a name that was only typed counts if it is exactly one."""
    slugs = given.getlist("assets")
    words = given.get("asset_words", "").strip()
    if slugs or not words:
        return assets_called(slugs, viewer)
    hits = search_assets(words, viewer, HITS)
    found = [asset for asset in hits if words.casefold() in {asset.slug, asset.name.casefold()}]
    if len(found) == 1:
        return found
    raise DomainError("requests.unknown_asset", "Tick the asset you mean below, or empty this field.", "asset_words")


def _known(slugs: list[str], viewer: Any) -> list[Asset]:
    try:
        return assets_called(slugs[:50], viewer)
    except DomainError:
        return []


def _hits(facts: Mapping[str, Any], viewer: Any, chosen: list[Asset]) -> list[Asset]:
    words = str(facts.get("asset_words", "")).strip()
    taken = {asset.pk for asset in chosen}
    return [asset for asset in search_assets(words, viewer, HITS) if asset.pk not in taken] if words else []


def _boxes(facts: Mapping[str, Any], chosen: list[Asset], viewer: Any, at: datetime) -> dict[str, Any]:
    """The boxes of the ticked assets and of those whose name fits."""
    shown = choices_of([*chosen, *_hits(facts, viewer, chosen)], viewer, at)
    return {"chosen": shown[: len(chosen)], "hits": shown[len(chosen) :]}


def _panel(facts: Mapping[str, Any], assets: list[Asset], viewer: Any, at: datetime) -> dict[str, Any]:
    """The dates beside Send, or what is missing for them."""
    given = str(facts.get("kind", "question"))
    kind = given if given in KINDS else "question"
    try:
        team = team_called(str(facts.get("team", "")), assets, local_day(viewer, at))
        urgency = "urgent" if facts.get("use_token") or facts.get("exemption") else "normal"
        promised = expected_for(kind=kind, team=team, urgency=urgency, at=at)
    except DomainError as missing:
        return {"steps": [], "missing": missing.message}
    desk = on_duty(team, KINDS[kind].route, at)
    who = f"{desk[0].name} is on duty for {KINDS[kind].route} now" if desk else ""
    steps = expected_steps(promised, history_of(kind=kind, team=team), viewer.zone, at, who=who)
    shown = {"steps": steps, "team_name": team.name, "promised": promised}
    wish = wish_of(str(facts.get("wanted_by", "")), promised, kind, team, viewer, is_urgent=urgency == "urgent", at=at)
    return shown | wish | effect_of(kind, team, assets, viewer, at)
