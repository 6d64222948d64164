"""`/incidents/`: the list, its download, one incident and its acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.views.decorators.http import require_GET

from oncall.domain.failure_kinds import KIND_WORDS, FailureKind
from oncall.domain.incident_states import OPEN
from oncall.domain.runbooks import issue_for, read_issues
from oncall.filters.incidents import IncidentFilter
from oncall.forms.incidents import CAUSES, KINDS, ReportForm
from oncall.policies import can_answer
from oncall.queries.burden import own_load
from oncall.queries.incidents import last_resolutions, listed_incidents, running_run, timeline_of, whole_incidents
from oncall.queries.named import asset_called
from oncall.queries.runbooks import runbook_for, uses_of
from oncall.services.helping import report_incident
from oncall.web.acts import ACTS, perform
from oncall.web.shown import affected_rows, incident_rows, night_card, state_badge, timeline
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import teams_of
from portal.core import clock
from portal.core.errors import BadRequest
from portal.core.web.csv_export import csv_response
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
    found = (
        whole_incidents(request.user).filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < LONGEST_PK else None
    )
    if found is None:
        raise Http404
    return found


def filtered(request: HttpRequest) -> tuple[IncidentFilter, QuerySet[Incident]]:
    """The filter of the address and its rows; a value that fits no filter is refused."""
    chosen: Any = IncidentFilter(request.GET, queryset=listed_incidents(request.user), request=request)
    if not chosen.is_valid():
        raise BadRequest("core.bad_filter", "One of these filters is none of this page. Start without filters.")
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


def incident_context(shown: Incident, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything on the page of an incident."""
    version = runbook_for(shown.root_asset_id, shown.team_id)
    load = own_load(viewer, at)
    asset_id = shown.root_asset_id or 0
    return {
        "shown": shown, "page_title": f"{shown.number} {shown.title}",
        "crumbs": (("Incidents", "/incidents/"), (shown.number, "")),
        "night": night_card(shown, running_run(shown), viewer.zone, at), "badge": state_badge(shown),
        "can_act": bool(can_answer(viewer, shown, at)), "is_open": shown.state in OPEN,
        "affected": affected_rows(shown, viewer.zone, at), "events": timeline(timeline_of(shown), viewer.zone, at),
        "runbook": version, "book": _book(shown, version), "load": load, "kinds": KINDS, "causes": CAUSES,
        "kind_words": KIND_WORDS[FailureKind(shown.failure_kind)],
        "past": incident_rows(last_resolutions(asset_id, shown.failure_kind, shown.pk), viewer.zone, at),
        "tickets": list(shown.tickets.select_related("team")[:10]),
        "own_teams": [team for team in teams_of(viewer, local_day(viewer, at)) if _reads(team.name, shown)],
        "drafts": list(shown.updates.order_by("-pk")[:10]),
        "helpers": list(shown.contributions.select_related("person")),
    }  # fmt: skip


def _reads(team: str, shown: Incident) -> bool:
    return any(verdict["team"] == team for verdict in shown.decision.get("verdicts", []))


def _book(shown: Incident, version: Any) -> dict[str, Any] | None:
    """The part of the runbook that fits, with what was tried in this incident and how often the whole has worked."""
    if version is None:
        return None
    issues = read_issues(version.issues)
    index = issue_for(issues, shown.failure_kind)
    if index is None:
        return {"issue": None, "title": version.runbook.title}
    uses = [use for use in uses_of([version.pk]) if use.issue == index]
    here = {use.step: use.outcome for use in reversed(uses) if use.incident_id == shown.pk}
    steps = [
        {"n": n, "text": step.text, "command": step.command, "is_loan": step.is_loan, "outcome": here.get(n, "")}
        for n, step in enumerate(issues[index].steps)
    ]
    current = next((step["n"] for step in steps if not step["outcome"]), -1)
    worked = len([use for use in uses if use.outcome == "worked"])
    tried = len([use for use in uses if use.outcome != "skipped"])
    return {
        "issue": issues[index], "index": index, "steps": steps, "current": current, "title": version.runbook.title,
        "record": f"worked {worked} of {tried} times" if tried else "never used",
    }  # fmt: skip


def _line(row: Incident) -> tuple[Any, ...]:
    asset = row.root_asset.slug if row.root_asset is not None else ""
    times = [moment.isoformat() if moment else "" for moment in (row.opened_at, row.acknowledged_at, row.resolved_at)]
    return (row.number, row.title, row.state, row.failure_kind, asset, row.team.slug, *times, row.cause)
