"""`/policies/escalation/`: who is told next if nobody answers, by team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.urls import reverse
from django.views.decorators.http import require_GET

from oncall.domain.escalation import MINUTE
from oncall.domain.escalation_text import climb, who_words
from oncall.filters.ladders import LadderFilter
from oncall.forms.ladders import LadderForm
from oncall.policies import can_manage_rota
from oncall.queries.ladders import climbing, listed_ladders, steps_of, teams_on_default, versions_of
from oncall.services.escalating import publish_escalation
from portal.accounts.policies import teams_visible_to
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link, Row, Step, count_words, duration_words, when
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.domain import escalation
    from oncall.models import EscalationPolicyVersion, Incident
    from portal.accounts.models import Team

LADDERS = (("Escalation", "/policies/escalation/"),)
HEADER = ("team", "version", "standing", "step", "minutes_in", "who", "severity", "repeat", "published_at")


def filtered(request: HttpRequest) -> tuple[LadderFilter, QuerySet[EscalationPolicyVersion]]:
    """The filter of the address, those in force unless it says otherwise, and its rows."""
    given = request.GET.copy()
    given.setdefault("standing", "current")
    chosen: Any = LadderFilter(given, queryset=listed_ladders(request.user), request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


class LadderListView(PageView):
    """`/policies/escalation/`."""

    page_title = "Escalation"
    nav_key = "incidents"
    template_name = "oncall/ladders.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen, rows = filtered(self.request)
        page = keyset(rows, order=("-created_at",), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        viewer: Any = self.request.user
        return {
            "form": chosen.form, "rows": [_row(row, viewer.zone, at) for row in page.rows],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "query": self.request.GET.urlencode(),
            "others": [Row(team.name, _url(team), icon="users", facts=["the house's five steps"],
                           action=Link("Give it its own", _url(team))) for team in teams_on_default()[:50]],
            "empty": Empty("No team has a ladder of its own", "All climb the house's five steps: primary, secondary, "
                           "next in line, lead, company fallback.", "list-checks"),
        }  # fmt: skip


@require_GET
def export_ladders(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV, a line a step."""
    _, rows = filtered(request)
    ordered = rows.order_by("policy__team__name", "-number")
    return csv_response("escalation", HEADER, _lines(ordered), count=ordered.count())


class LadderView(DomainFormMixin):
    """`/policies/escalation/<team>`: the steps in force, former versions, and what leads change."""

    nav_key = "incidents"
    template_name = "oncall/ladder.html"
    form_class = LadderForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        rows = teams_visible_to(request.user).filter(slug=kwargs["slug"], archived_at=None)
        team = rows.first()
        if team is None:
            raise Http404
        self.team: Team = team
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        begins = self._asked_for()
        repeat = begins.repeat if begins is not None else 0
        return super().get_form_kwargs() | {"steps": steps_of(begins), "initial": {"repeat": repeat}}

    def perform(self, form: Any, at: datetime) -> str:
        repeat = form.cleaned_data["repeat"] or 0
        made = publish_escalation(actor=self.request.user, team=self.team, steps=form.steps(), repeat=repeat, at=at)
        messages.success(self.request, f"Version {made.number} is in force. What climbs now keeps the steps it has.")
        return _url(self.team)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at, versions = clock.now(), versions_of(self.team)
        live = versions[0] if versions else None
        return super().get_context_data(**kwargs) | {
            "team": self.team, "page_title": f"Escalation of {self.team.name}", "live": live,
            "crumbs": LADDERS,
            "steps": ladder_steps(steps_of(live), live.repeat if live else 0),
            "again": f"Then it begins again, {count_words(live.repeat, 'time')}." if live and live.repeat else "",
            "versions": [_version(row, viewer.zone, at) for row in versions[1:]],
            "climbing": [_climbing(row) for row in climbing(self.team, viewer)],
            "can_edit": bool(can_manage_rota(viewer, self.team, at)), "begins": self._asked_for(),
        }  # fmt: skip

    def _asked_for(self) -> EscalationPolicyVersion | None:
        """The version the form begins with: the one that is asked for, else the newest."""
        versions, wanted = versions_of(self.team), self.request.GET.get("from", "")
        chosen = next((row for row in versions if str(row.number) == wanted), None)
        return chosen or next(iter(versions), None)


def ladder_steps(steps: Sequence[escalation.Step], repeat: int) -> list[Step]:
    """The first climb, each step with its time after the first page."""
    first = [passed for passed, position in climb(steps, repeat) if position.loop == 0]
    return [
        Step(who_words(step), "told, not woken" if step.severity == "warn" else "",
             f"after {duration_words(passed)}" if passed else "at once")
        for passed, step in zip(first, steps, strict=True)
    ]  # fmt: skip


def _url(team: Team) -> str:
    return reverse("ladder", args=[team.slug])


def _row(row: Any, zone: str, at: datetime) -> Row:
    steps = steps_of(row)
    badge = Badge("Former", "gray") if row.is_former else Badge("In force", "ok")
    facts = [f"version {row.number}", ", then ".join(who_words(step) for step in steps[:4])]
    return Row(row.policy.team.name, _url(row.policy.team), icon="list-checks", badges=[badge], facts=facts,
               side=when(row.created_at, zone, at).text)  # fmt: skip


def _version(row: EscalationPolicyVersion, zone: str, at: datetime) -> Row:
    by = f"published by {row.created_by.name}" if row.created_by is not None else "published by the house"
    line = ", then ".join(who_words(step) for step in steps_of(row))
    return Row(f"Version {row.number}", f"?from={row.number}#change", icon="history",
               facts=[line, by, when(row.created_at, zone, at)])  # fmt: skip


def _climbing(row: Any) -> Row:
    run = next(iter(row.climbs), None)
    if run is None:
        facts = ["nobody is paged yet"]
    elif run.policy_version is None:
        facts = ["began under the house's five steps"]
    else:
        facts = [f"began under version {run.policy_version.number}"]
    incident: Incident = row
    return Row(incident.title, incident.get_absolute_url(), "bad" if run is not None else "warn",
               number=incident.number, facts=facts)  # fmt: skip


def _lines(rows: QuerySet[EscalationPolicyVersion]) -> Iterator[tuple[Any, ...]]:
    for row in rows.iterator(500):
        shown: Any = row
        standing = "former" if shown.is_former else "current"
        steps = steps_of(row)
        first = [each for each in climb(steps, row.repeat) if each[1].loop == 0]
        for n, ((passed, _), step) in enumerate(zip(first, steps, strict=True), 1):
            yield (row.policy.team.slug, row.number, standing, n, passed // MINUTE, who_words(step), step.severity,
                   row.repeat, row.created_at.isoformat())  # fmt: skip
