"""`/sources/`: where files come from, how much each counts, how often it comes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.views.decorators.http import require_safe

from ownership import policies
from ownership.queries.inference import INFERENCE
from ownership.queries.sources import MOST_CADENCE, MOST_PRECEDENCE, listed_sources
from ownership.services.sources import set_source
from portal.core.errors import NotVisible
from portal.core.policies import require
from portal.core.web.csv_export import csv_response
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link, Row, count_words, when
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

HEADER = ("id", "source", "importer", "precedence", "cadence_hours", "last_applied_at", "claims")
CRUMBS = (("Sources", "/sources/"),)


class SourceForm(forms.Form):
    """Higher wins; the word of people is 100."""

    precedence = forms.IntegerField(
        label="Rank", min_value=0, max_value=MOST_PRECEDENCE,
        help_text="The higher of two sources names the owner. What people said is 100 and always wins.",
    )  # fmt: skip
    cadence_hours = forms.IntegerField(
        label="Hours between two files", min_value=1, max_value=MOST_CADENCE, required=False,
        help_text="After twice this time without a file the checks of the installation say so. Empty: no promise.",
    )  # fmt: skip


class SourceListView(PageView):
    page_title = "Sources"
    nav_key = "sources"
    template_name = "ownership/sources.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        page = keyset(listed_sources(viewer), order=("name",), cursor=self.request.GET.get("cursor", ""), size=50)
        may_set = policies.sources.can_set(viewer).allowed
        return {
            "lead": "Where files come from. Of two that name different owners, the higher rank counts.",
            "actions": [Link("Download CSV", reverse("sources_export"), "download")],
            "rows": [_row(row, viewer.zone, at, edits=may_set) for row in page.rows],
            "next_url": f"?cursor={page.next_cursor}" if page.next_cursor else "",
            "empty": Empty("No source yet", "The first file that is imported makes one.", "file-up",
                           Link("Import a file", "/imports/")),
        }  # fmt: skip


class SourceEditView(DomainFormMixin):
    """Its rank and its hours; admins."""

    nav_key = "sources"
    crumbs = CRUMBS
    template_name = "accounts/form.html"
    form_class = SourceForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.source = listed_sources(request.user).filter(pk=kwargs["pk"]).first()
        if self.source is None:
            raise NotVisible
        require(policies.sources.can_set(request.user))
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        row: Any = self.source
        return {"precedence": row.precedence, "cadence_hours": row.cadence_hours}

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        row: Any = self.source
        set_source(actor=actor, source=row, at=at, **form.cleaned_data)
        messages.success(self.request, f"{row.name} is saved. What sources say of one asset is weighed again.")
        return reverse("sources_list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "page_title": str(self.source), "verb": "Save", "back": reverse("sources_list")
        }  # fmt: skip


@require_safe
def export_sources(request: HttpRequest) -> StreamingHttpResponse:
    """Every source."""
    rows = listed_sources(request.user).order_by("name")
    lines = (
        (row.pk, row.name, row.importer, row.precedence, row.cadence_hours, row.last_applied_at, row.claims)
        for row in rows.iterator()
    )
    return csv_response("sources", HEADER, lines, count=rows.count())


def _row(row: Any, zone: str, at: datetime, *, edits: bool) -> Row:
    """`row` carries the figures of `listed_sources`."""
    last, hours = row.last_applied_at, row.cadence_hours
    is_silent = hours is not None and (last or row.created_at) + timedelta(hours=2 * hours) < at
    facts: list[Any] = [count_words(row.claims, "open claim")]
    if last:
        facts += ["last file", when(last, zone, at)]
    else:
        facts.append("worked out each night" if row.importer == INFERENCE else "no file applied yet")
    if hours is not None:
        facts.append(f"due every {count_words(hours, 'hour')}")
    badges = [Badge(f"rank {row.precedence}", "line"), *([Badge("silent", "warn")] if is_silent else [])]
    action = Link("Change", reverse("sources_edit", args=[row.pk])) if edits else None
    return Row(row.name, "", icon="file-up", badges=badges, facts=facts, action=action)
