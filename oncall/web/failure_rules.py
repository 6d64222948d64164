"""`/incidents/kinds/`: what words of an alert mean, as people corrected it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse
from django.views.decorators.http import require_GET

from oncall.domain.failure_kinds import KIND_WORDS, FailureKind
from oncall.filters.failure_rules import FailureRuleFilter
from oncall.forms.kept import NothingForm
from oncall.policies import can_work_in
from oncall.queries.failure_rules import listed_rules
from oncall.services.failure_rules import remove_failure_rule
from oncall.web.filtering import filtered
from oncall.web.shift_lists import FilteredList
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import Empty, Link, Row, when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.models import FailureRule

INCIDENTS = (("Incidents", "/incidents/"),)
HEADER = ("team", "phrase", "kind", "made_by", "made_at")


class FailureRulesView(FilteredList):
    """The newest first."""

    page_title = "What words mean"
    nav_key = "incidents"
    crumbs = INCIDENTS
    filter_class = FailureRuleFilter
    order = ("-made_at",)
    export = "failure_rules_export"
    lead = "An alert whose words hold one of these phrases is of that kind; the longest phrase decides."
    empty = Empty(
        "No rule matches", "Correct the kind of an incident and keep its words.", "book-open-check",
        Link("Incidents", "/incidents/"),
    )  # fmt: skip

    def listed(self) -> Any:
        return listed_rules(self.request.user)

    def line(self, row: FailureRule, zone: str, at: datetime) -> Row:
        maker = row.made_by.name if row.made_by is not None else "The portal"
        return Row(
            f"“{row.phrase}”", reverse("failure_rule", args=[row.pk]), icon="book-open-check",
            facts=[row.team.name, KIND_WORDS[FailureKind(row.failure_kind)], maker, when(row.made_at, zone, at)],
        )  # fmt: skip


@require_GET
def export_failure_rules(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    rows = filtered(FailureRuleFilter, listed_rules(request.user), request).qs.order_by("made_at", "pk")
    lines = [
        (row.team.slug, row.phrase, row.failure_kind, row.made_by.handle if row.made_by else "",
         row.made_at.isoformat())
        for row in rows
    ]  # fmt: skip
    return csv_response("failure-rules", HEADER, lines, count=len(lines))


class FailureRuleView(DomainFormMixin):
    """`/incidents/kinds/<pk>`: one rule, and the button that takes it back."""

    nav_key = "incidents"
    crumbs = (*INCIDENTS, ("What words mean", "/incidents/kinds/"))
    template_name = "oncall/failure_rule.html"
    form_class = NothingForm

    @cached_property
    def rule(self) -> FailureRule:
        found = listed_rules(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    def perform(self, form: Any, at: datetime) -> str:
        del form
        remove_failure_rule(actor=self.request.user, rule=self.rule, at=at)
        messages.success(self.request, "Taken back. Later alerts are judged without it.")
        return reverse("failure_rules")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.rule
        return super().get_context_data(**kwargs) | {
            "page_title": f"“{row.phrase}”",
            "lead": f"Means {KIND_WORDS[FailureKind(row.failure_kind)]} for alerts of {row.team.name}.",
            "may_remove": can_work_in(self.request.user, row.team, clock.now()).allowed,
        }
