"""`/budget/<team>/`: what ad-hoc work costs this quarter, and every line behind the number (spec budget 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from portal.accounts.policies import may
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core import clock
from portal.core.domain.quarter import quarter_called
from portal.core.errors import DomainError
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Link
from portal.core.web.views import DomainFormMixin, PageView
from requests_queue.domain.unseen import folded
from requests_queue.filters import entry_filter
from requests_queue.forms import CapacityForm, ReverseForm, TimeForm
from requests_queue.models import BudgetEntry
from requests_queue.policies import taking_teams, visible_to
from requests_queue.queries.budget import budget_for, outlook_of
from requests_queue.queries.ledger_lines import (
    may_see_people,
    shares_by_asking_team,
    shares_by_kind,
    visible_entries,
)
from requests_queue.queries.listing import waiting_for_lead
from requests_queue.rows import request_rows
from requests_queue.services.quarters import adjust_capacity
from requests_queue.services.time_log import log_time, reverse_entry
from requests_queue.web.budget_shown import (
    STATE_WORDS,
    band_of,
    budget_facts,
    entry_rows,
    impact_facts,
    sentence_of,
    share_rows,
)
from requests_queue.web.details import find
from requests_queue.web.form_ids import key_of_form

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

    from portal.accounts.models import Team
    from requests_queue.queries.budget import BudgetView, Outlook

NOTHING_BOOKED = Empty(
    "Nothing is booked yet", "The first accepted request opens the books.", "wallet", Link("Requests", "/requests/")
)
HEADER = ("id", "kind", "request", "person", "work_date", "d_spent", "d_reserved", "d_exempt", "d_capacity", "reason")


def team_of(slug: str) -> Team:
    """A team that takes requests, else 404."""
    found = taking_teams().filter(slug=slug).select_related("parent").first()
    if found is None:
        raise Http404
    return found


def view_of(request: HttpRequest, slug: str, at: datetime) -> BudgetView:
    """What the viewer may see of the team's budget in the quarter of the address; 404 for a quarter that is none."""
    label = request.GET.get("quarter", "")
    try:
        return budget_for(request.user, team_of(slug), at, quarter_called(label) if label else None)
    except DomainError:
        raise Http404 from None


@require_GET
def own_budget(request: HttpRequest) -> HttpResponse:
    """The short form leads to one's own team, else to the first that takes requests, else to the teams."""
    viewer: Any = request.user
    own = main_team(viewer, local_day(viewer, clock.now()))
    team = own if own is not None and not own.is_system else taking_teams().order_by("name").first()
    return redirect("budget", slug=team.slug) if team is not None else redirect("teams_list")


class BudgetPage(PageView):
    """The band, the figures, who waits, and the ledger."""

    page_title = "Ad-hoc budget"
    nav_key = "budget"
    template_name = "requests_queue/budget.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return budget_context(self.request, str(self.kwargs["slug"]), at)


def budget_context(request: HttpRequest, slug: str, at: datetime) -> dict[str, Any]:
    """Everything on the page of a budget."""
    viewer: Any = request.user
    view = view_of(request, slug, at)
    outlook = outlook_of(view, at)
    sees_people = may_see_people(viewer, view.team, at)
    filters = entry_filter(sees_people=sees_people)
    chosen: Any = filters(request.GET, queryset=visible_entries(view.period, viewer), request=request)
    ensure_valid(chosen)
    page = keyset(chosen.qs, order=("-id",), cursor=request.GET.get("cursor", ""))
    following = request.GET.copy()
    following["cursor"] = page.next_cursor
    return _figures(view, outlook, viewer, at) | {
        "form": chosen.form, "query": request.GET.urlencode(),
        "entries": entry_rows(page.rows, viewer, view, sees_people=sees_people),
        "folded": folded(view.unseen) if _is_whole(request) else None,
        "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
    }  # fmt: skip


def _is_whole(request: HttpRequest) -> bool:
    """Whether every line is asked for: a sum over all would say something else beside some of them."""
    return not any(request.GET.get(name) for name in ("cursor", "kind", "request", "person", "since"))


def _figures(view: BudgetView, outlook: Outlook, viewer: Any, at: datetime) -> dict[str, Any]:
    waiting = list(waiting_for_lead(viewer, view.team)[:10])
    return {
        "team": view.team, "view": view, "crumbs": ((view.team.name, f"/teams/{view.team.slug}"), ("Budget", "")),
        "band": band_of(view), "state_words": STATE_WORDS[view.state], "sentence": sentence_of(view, outlook),
        "facts": budget_facts(view, outlook),
        "kinds": share_rows(shares_by_kind(view, viewer), view), "mattered": impact_facts(view.team, view.quarter),
        "askers": share_rows(shares_by_asking_team(view, viewer), view),
        "waiting": request_rows(waiting, viewer.zone, at), "empty": NOTHING_BOOKED,
        "can_adjust": may(viewer, "approve", view.team, at).allowed, "capacity_form": CapacityForm(),
        "before": view.quarter.before(), "after": view.quarter.following(),
    }  # fmt: skip


@require_GET
def export_budget(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The ledger as CSV, as the viewer may read it."""
    at = clock.now()
    view = view_of(request, slug, at)
    viewer: Any = request.user
    sees_people = may_see_people(viewer, view.team, at)
    filters = entry_filter(sees_people=sees_people)
    chosen: Any = filters(request.GET, queryset=visible_entries(view.period, viewer), request=request)
    ensure_valid(chosen)
    rows = chosen.qs.order_by("pk")
    lines = (_line(row, viewer, sees_people=sees_people) for row in rows.iterator(chunk_size=1000))
    return csv_response(f"budget-{slug}-{view.quarter.label}", HEADER, lines, count=rows.count())


def _line(row: BudgetEntry, viewer: Any, *, sees_people: bool) -> tuple[Any, ...]:
    shown = row.person is not None and (sees_people or row.person_id == viewer.pk)
    return (
        row.pk, row.kind, row.request.number if row.request else "", row.person.handle if shown and row.person else "",
        row.work_date or "", row.d_spent, row.d_reserved, row.d_exempt, row.d_capacity, row.reason,
    )  # fmt: skip


class CapacityView(DomainFormMixin):
    """`/budget/<team>/capacity`: capacity that comes or goes."""

    page_title = "Ad-hoc budget"
    nav_key = "budget"
    template_name = "requests_queue/budget.html"
    form_class = CapacityForm
    http_method_names = ("post",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = budget_context(self.request, str(self.kwargs["slug"]), clock.now())
        return super().get_context_data(**kwargs) | shown | {"capacity_form": kwargs["form"]}

    def perform(self, form: Any, at: datetime) -> str:
        team = team_of(str(self.kwargs["slug"]))
        adjust_capacity(actor=self.request.user, team=team, at=at, **form.cleaned_data)
        return f"/budget/{team.slug}/"


class TimeView(DomainFormMixin):
    """`/requests/<number>/time`: time that was worked."""

    page_title = "Log time"
    nav_key = "requests"
    template_name = "requests_queue/time.html"
    form_class = TimeForm

    def get_initial(self) -> dict[str, Any]:
        viewer: Any = self.request.user
        return {"work_date": local_day(viewer, clock.now())}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["number"]))
        return super().get_context_data(**kwargs) | {
            "shown": shown, "crumbs": (("Requests", "/requests/"), (shown.number, shown.get_absolute_url())),
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        log_time(actor=self.request.user, request=shown, idem_key=key_of_form(self.request), at=at, **form.cleaned_data)
        return shown.get_absolute_url()


class ReverseView(DomainFormMixin):
    """`/budget/entries/<id>/reverse`: a mistake is negated, never erased."""

    page_title = "Reverse an entry"
    nav_key = "budget"
    template_name = "requests_queue/reverse.html"
    form_class = ReverseForm

    def entry(self) -> BudgetEntry:
        rows = BudgetEntry.objects.filter(request__in=visible_to(self.request.user)).select_related("request__team")
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"entry": self.entry()}

    def perform(self, form: Any, at: datetime) -> str:
        entry = self.entry()
        reverse_entry(actor=self.request.user, entry=entry, reason=form.cleaned_data["reason"], at=at)
        return f"/budget/{entry.period.team.slug}/"
