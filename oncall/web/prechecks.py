"""`/prechecks/`: what a pipeline asks before it starts, what was said last, and how to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from oncall.domain.precheck_snippets import snippets_of
from oncall.filters.keeping import PreCheckFilter
from oncall.forms.kept import CHECK_WORDS, CheckForm
from oncall.models import PreCheck, PreCheckResult
from oncall.queries.named import asset_called
from oncall.services.checking import Checking, create_precheck
from oncall.web.keeping import KeptView
from portal.core.web.presentation import Badge, Fact, Row, duration_words, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime

MOST_RESULTS = 30


class PreChecksView(KeptView):
    """`/prechecks/`."""

    page_title, path, file, form_class = "Pre-checks", "/prechecks/", "prechecks", CheckForm
    lead = "What has to be true upstream before something runs. A pipeline asks, and may refuse to start."
    add, nothing = "Add a check", "Nothing is checked before a run yet. Add a check beside this."
    filterset, found = PreCheckFilter, PreCheck.objects.select_related("upstream_asset", "consumer_asset")
    header = ("consumer", "upstream", "kind", "last_ok", "last_at", "last_detail", "on_unreachable")

    def keep(self, form: Any, at: datetime) -> str:
        data = dict(form.cleaned_data)
        viewer: Any = self.request.user
        upstream, consumer = (asset_called(data.pop(name), viewer, name) for name in ("upstream", "consumer"))
        made = create_precheck(actor=viewer, checking=Checking(upstream, consumer, params={}, **data), at=at)
        return f"{made.consumer_asset.name} is checked before it runs. Open it for the snippet."

    def row(self, found: Any, zone: str, at: datetime) -> Row:
        about = f"{CHECK_WORDS[found.kind]}: {found.upstream_asset.name}"
        return Row(
            found.consumer_asset.name, f"/prechecks/{found.pk}", icon="list-checks", badges=[result_badge(found)],
            facts=[fact for fact in (about, found.last_detail[:80]) if fact],
            side=when(found.last_at, zone, at).text if found.last_at else "never",
        )  # fmt: skip

    def line(self, found: Any) -> tuple[Any, ...]:
        return (found.consumer_asset.slug, found.upstream_asset.slug, found.kind, found.last_ok, found.last_at,
                found.last_detail, found.on_unreachable)  # fmt: skip


class PreCheckView(PageView):
    """`/prechecks/<id>`: the last results and the snippets."""

    nav_key = "incidents"
    template_name = "oncall/precheck.html"

    def context(self, at: datetime) -> dict[str, Any]:
        rows = PreCheck.objects.select_related("upstream_asset", "consumer_asset")
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        viewer: Any = self.request.user
        results = PreCheckResult.objects.filter(pre_check=found).order_by("-at", "-pk")[:MOST_RESULTS]
        ask = self.request.build_absolute_uri(f"/api/v1/prechecks/{found.consumer_asset.slug}/evaluate/")
        answer = self.request.build_absolute_uri(f"/api/v1/prechecks/{found.pk}/results/")
        name = found.consumer_asset.name
        return {
            "check": found, "page_title": f"Before {name} runs", "badges": [result_badge(found)],
            "crumbs": (("Pre-checks", "/prechecks/"),), "facts": _facts(found, at),
            "snippets": snippets_of(ask, found.on_unreachable), "answer": answer,
            "results": [
                Row("It said yes" if row.ok else "It said no", "", "ok" if row.ok else "bad",
                    facts=[row.detail] if row.detail else [], side=when(row.at, viewer.zone, at).text)
                for row in results
            ],
        }  # fmt: skip


def result_badge(found: PreCheck) -> Badge:
    """What it said last."""
    if found.last_ok is None:
        return Badge("No result yet", "gray")
    return Badge("Yes", "ok") if found.last_ok else Badge("No", "bad")


def _facts(found: PreCheck, at: datetime) -> list[Fact]:
    age = f"{duration_words((at - found.last_at).total_seconds())} ago" if found.last_at else "never"
    silent = "starts all the same" if found.on_unreachable == "open" else "does not start"
    return [
        Fact("Checked", CHECK_WORDS[found.kind]), Fact("Of", found.upstream_asset.name),
        Fact("Last result", age), Fact("It said", found.last_detail or "nothing more"),
        Fact("Without an answer the run", silent),
        Fact("A failed one", "asks the owner upstream" if found.opens_ticket else "opens no ticket"),
    ]  # fmt: skip
