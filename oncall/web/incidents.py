"""`/incidents/`: the list, its download, one incident and its acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.views.decorators.http import require_GET

from oncall.domain.failure_kinds import FailureKind
from oncall.filters.incidents import IncidentFilter
from oncall.forms.incidents import ReportForm
from oncall.queries.incident_page import page_incidents
from oncall.queries.incidents import listed_incidents
from oncall.queries.named import asset_called
from oncall.services.helping import report_incident
from oncall.web.acts import ACTS, perform
from oncall.web.incident_page import incident_context
from oncall.web.shown import incident_rows
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Link, Tab
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.models import Incident

HEADER = ("number", "title", "state", "kind", "asset", "team", "opened_at", "acknowledged_at", "resolved_at", "cause")
LONGEST_PK = 18


def find(request: HttpRequest, number: str) -> Incident:
    """The visible incident of this number, else 404."""
    pk = number.upper().removeprefix("INC-")
    found = page_incidents(request.user).filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < LONGEST_PK else None
    if found is None:
        raise Http404
    return found


def filtered(request: HttpRequest) -> tuple[IncidentFilter, QuerySet[Incident]]:
    """The filter of the address and its rows; a value that fits no filter is refused."""
    chosen: Any = IncidentFilter(request.GET, queryset=listed_incidents(request.user), request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


class IncidentListView(PageView):
    """`/incidents/`: the address is the state of the list."""

    page_title = "Incidents"
    nav_key = "incidents"
    template_name = "oncall/incidents.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen, rows = filtered(self.request)
        page = keyset(rows, order=("-opened_at",), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        state = self.request.GET.get("state", "")
        tabs = [("All", ""), ("Open", "open"), ("Closed", "closed")]
        viewer: Any = self.request.user
        return {
            "form": chosen.form, "rows": incident_rows(page.rows, viewer.zone, at),
            "tabs": [Tab(label, f"?state={value}", state == value) for label, value in tabs],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "query": self.request.GET.urlencode(),
            "empty": Empty("Nothing is broken", "No incident matches.", "check", Link("Report one", "/incidents/new")),
        }  # fmt: skip


@require_GET
def export_incidents(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    _, rows = filtered(request)
    ordered = rows.order_by("opened_at", "pk")
    return csv_response("incidents", HEADER, (_line(row) for row in ordered.iterator(1000)), count=ordered.count())


class ReportView(DomainFormMixin):
    """`/incidents/new`: a person says that something is broken."""

    page_title = "Report an incident"
    nav_key = "incidents"
    crumbs = (("Incidents", "/incidents/"),)
    template_name = "oncall/form.html"
    form_class = ReportForm

    def get_initial(self) -> dict[str, Any]:
        return {"asset": self.request.GET.get("asset", "")}

    def perform(self, form: Any, at: datetime) -> str:
        data = dict(form.cleaned_data)
        asset = asset_called(data.pop("asset"), self.request.user)
        data["failure_kind"] = data["failure_kind"] or FailureKind.UNKNOWN.value
        made = report_incident(actor=self.request.user, asset=asset, at=at, **data)
        messages.success(self.request, f"{made.number} is open. Whoever answers for {asset.name} decides by agreement.")
        return made.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = "It is judged by the same 3 am agreements as every alert: nobody is woken for what can wait."
        return super().get_context_data(**kwargs) | {"lead": lead, "submit": "Report it"}


class IncidentView(PageView):
    """`/incidents/INC-<n>`; polled while it is open."""

    nav_key = "incidents"
    template_name = "oncall/incident.html"
    partial = "live"

    def context(self, at: datetime) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["number"]))
        return incident_context(shown, self.request.user, at)


class IncidentActView(DomainFormMixin):
    """`/incidents/<number>/do/<verb>`: one service call; a second tap answers with what already happened."""

    nav_key = "incidents"
    template_name = "oncall/incident.html"
    http_method_names = ("post",)

    def get_form_class(self) -> Any:
        act = ACTS.get(str(self.kwargs["verb"]))
        if act is None:
            raise Http404
        return act.form

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        perform(str(self.kwargs["verb"]), actor=self.request.user, incident=shown, data=form.cleaned_data, at=at)
        return shown.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["number"]))
        typed = {"refused": kwargs["form"], "typed": self.request.POST, "verb": self.kwargs["verb"]}
        return super().get_context_data(**kwargs) | incident_context(shown, self.request.user, clock.now()) | typed


def _line(row: Incident) -> tuple[Any, ...]:
    asset = row.root_asset.slug if row.root_asset is not None else ""
    times = [moment.isoformat() if moment else "" for moment in (row.opened_at, row.acknowledged_at, row.resolved_at)]
    return (row.number, row.title, row.state, row.failure_kind, asset, row.team.slug, *times, row.cause)
