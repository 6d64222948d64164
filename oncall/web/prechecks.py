"""`/prechecks/`: what a pipeline asks before it starts, what was said last, and how to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404

from oncall.domain.precheck_snippets import snippets_of
from oncall.filters.keeping import PreCheckFilter
from oncall.forms.kept import CHECK_WORDS, CheckForm, NothingForm
from oncall.models import PreCheck, PreCheckResult
from oncall.policies import can_work_in
from oncall.queries.named import asset_called
from oncall.services.checking import Checking, create_precheck, pause_precheck
from oncall.web.keeping import KeptView
from ownership.queries.parties import owning_team
from portal.core import clock
from portal.core.web.presentation import Badge, Fact, Row, duration_words, when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

MOST_RESULTS = 30


class PreChecksView(KeptView):
    """`/prechecks/`."""

    page_title, path, file, form_class = "Pre-checks", "/prechecks/", "prechecks", CheckForm
    lead = "What has to be true upstream before something runs. A pipeline asks, and may refuse to start."
    add, nothing = "Add a check", "Nothing is checked before a run yet. Add a check beside this."
    filterset, found = PreCheckFilter, PreCheck.objects.select_related("upstream_asset", "consumer_asset")
    header = ("consumer", "upstream", "kind", "last_ok", "last_at", "last_detail", "on_unreachable", "is_paused")

    def keep(self, form: Any, at: datetime) -> str:
        data = dict(form.cleaned_data)
        viewer: Any = self.request.user
        upstream, consumer = (asset_called(data.pop(name), viewer, name) for name in ("upstream", "consumer"))
        made = create_precheck(actor=viewer, checking=Checking(upstream, consumer, params={}, **data), at=at)
        return f"{made.consumer_asset.name} is checked before it runs. Open it for the snippet."

    def row(self, found: Any, zone: str, at: datetime) -> Row:
        about = f"{CHECK_WORDS[found.kind]}: {found.upstream_asset.name}"
        return Row(
            found.consumer_asset.name, f"/prechecks/{found.pk}", icon="list-checks", badges=_badges(found),
            facts=[fact for fact in (about, found.last_detail[:80]) if fact],
            side=when(found.last_at, zone, at).text if found.last_at else "never",
        )  # fmt: skip

    def line(self, found: Any) -> tuple[Any, ...]:
        return (found.consumer_asset.slug, found.upstream_asset.slug, found.kind, found.last_ok, found.last_at,
                found.last_detail, found.on_unreachable, found.is_paused)  # fmt: skip


class PreCheckView(DomainFormMixin):
    """`/prechecks/<id>`: the last results, the snippets, and the pause."""

    nav_key = "incidents"
    template_name = "oncall/precheck.html"
    form_class = NothingForm

    def row(self) -> PreCheck:
        rows = PreCheck.objects.select_related("upstream_asset", "consumer_asset")
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def perform(self, form: Any, at: datetime) -> str:
        del form
        found = self.row()
        pause_precheck(actor=self.request.user, pre_check=found, is_paused=not found.is_paused, at=at)
        said = "It is asked again before each run." if found.is_paused else "It is paused: runs start without it."
        messages.success(self.request, said)
        return f"/prechecks/{found.pk}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found, at = self.row(), clock.now()
        viewer: Any = self.request.user
        team = owning_team([found.consumer_asset_id], at)[found.consumer_asset_id]
        results = PreCheckResult.objects.filter(pre_check=found).order_by("-at", "-pk")[:MOST_RESULTS]
        ask = self.request.build_absolute_uri(f"/api/v1/prechecks/{found.consumer_asset.slug}/evaluate/")
        answer = self.request.build_absolute_uri(f"/api/v1/prechecks/{found.pk}/results/")
        name = found.consumer_asset.name
        return super().get_context_data(**kwargs) | {
            "check": found, "team": team, "can_act": team is not None and bool(can_work_in(viewer, team, at)),
            "page_title": f"Before {name} runs", "badges": _badges(found),
            "crumbs": (("Pre-checks", "/prechecks/"),), "facts": _facts(found, at),
            "snippets": snippets_of(ask, found.on_unreachable), "answer": answer,
            "results": [
                Row("It said yes" if row.ok else "It said no", "", "ok" if row.ok else "bad",
                    facts=[row.detail] if row.detail else [], side=when(row.at, viewer.zone, at).text)
                for row in results
            ],
        }  # fmt: skip


def _badges(found: PreCheck) -> list[Badge]:
    return [*([Badge("Paused", "gray")] if found.is_paused else []), result_badge(found)]


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
