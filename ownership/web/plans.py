"""`/backfills/`: the list, the chooser, and a new plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.views.decorators.http import require_safe

from ownership.domain.plans import Choice, PlanKind, choose
from ownership.filters import PlanFilter
from ownership.plan_forms import ChooserForm, PlanForm
from ownership.queries.plans import listed_plans
from ownership.services.planning import PlanDraft, start_plan
from ownership.web.details import find
from portal.core.errors import DomainError, NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link, Row, count_words, day_words, when
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import ChangePlan

HEADER = ("code", "kind", "asset", "state", "owner", "created_at", "ends_on", "open_references", "references")
STATE_CSS = {"running": "info", "paused": "warn", "done": "ok", "draft": "line"}
KIND_WORDS = {"backfill": "Backfill", "migration": "Migration"}
CRUMBS = (("Backfills", "/backfills/"),)


def filtered(request: HttpRequest) -> tuple[PlanFilter, QuerySet[ChangePlan]]:
    """The filter of the address and its rows; a value that fits no filter is refused."""
    chosen = PlanFilter(request.GET, queryset=listed_plans(request.user), request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


class PlanListView(PageView):
    """Backfills and migrations, newest first."""

    page_title = "Backfills and migrations"
    nav_key = "backfills"
    template_name = "ownership/backfills.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen, rows = filtered(self.request)
        page = keyset(rows, order=("-created_at",), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        viewer: Any = self.request.user
        return {
            "form": chosen.form,
            "rows": [_row(row, viewer.zone, at) for row in page.rows],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "query": self.request.GET.urlencode(),
            "empty": Empty(
                "No backfills here", "Answer three questions: a small swap, or a second version beside the first.",
                "git-compare-arrows", Link("Plan one", "/backfills/new"),
            ),
        }  # fmt: skip


@require_safe
def export_plans(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    _, rows = filtered(request)
    ordered = rows.order_by("-created_at", "-pk")
    return csv_response("backfills", HEADER, _lines(ordered), count=ordered.count())


class NewPlanView(DomainFormMixin):
    """`/backfills/new`: three questions choose the plan, then what is rebuilt and how it is verified."""

    form_class = PlanForm
    template_name = "ownership/backfill_new.html"
    nav_key = "backfills"
    page_title = "Plan a backfill or migration"
    crumbs = CRUMBS

    def get_initial(self) -> dict[str, Any]:
        chosen = self._choice()
        kind = choose(chosen).value if chosen else PlanKind.SMALL.value
        return {"asset": self.request.GET.get("asset", "")[:200], "kind": kind, "hold_days": 7}

    def perform(self, form: Any, at: datetime) -> str:
        data, actor = dict(form.cleaned_data), self.request.user
        try:
            asset = find(self.request, data.pop("asset"))
        except NotVisible:
            raise DomainError("ownership.unknown_asset", "There is no such asset.", "asset") from None
        facts = {name: value for name, value in data.items() if not name.startswith("limit_")}
        kind = PlanKind(facts.pop("kind"))
        draft = PlanDraft(asset=asset, kind=kind, thresholds=form.limits(), **facts)
        plan = start_plan(actor=actor, draft=draft, at=at)  # type: ignore[arg-type] # signed in: the middleware saw to it
        messages.success(self.request, f"{plan.code} is planned. Tick its steps one by one.")
        return f"/backfills/{plan.code}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = self._choice()
        words = {PlanKind.SMALL: "the small plan: backfill beside, then swap the names",
                 PlanKind.LARGE: "the large plan: a second version, and every reference moved"}  # fmt: skip
        more = {"chooser": ChooserForm(self.request.GET or None), "advice": words[choose(chosen)] if chosen else ""}
        return super().get_context_data(**kwargs) | more

    def _choice(self) -> Choice | None:
        if "asked" not in self.request.GET:
            return None
        names = ("fits_one_window", "meaning_changes", "all_switch_at_once")
        return Choice(*(self.request.GET.get(name) == "on" for name in names))


def state_badge(state: str) -> Badge:
    return Badge(state.replace("_", " "), STATE_CSS.get(state, "gray"))


def _row(row: Any, zone: str, at: datetime) -> Row:
    """`row` carries the counts of `listed_plans`."""
    ends = [f"ends {day_words(row.ends_on, at.date())}"] if row.ends_on else []
    side = f"{row.open_references} of {count_words(row.all_references, 'reference')} open" if row.all_references else ""
    return Row(
        row.asset.name, f"/backfills/{row.code}", icon="git-compare-arrows", number=row.code,
        badges=[Badge(KIND_WORDS[row.kind], "gray"), state_badge(row.state)],
        facts=[row.owner.name, when(row.created_at, zone, at), *ends], side=side,
        side_css="text-warn" if row.open_references else "muted",
    )  # fmt: skip


def _lines(rows: QuerySet[ChangePlan]) -> Iterator[tuple[Any, ...]]:
    plan: Any
    for plan in rows.iterator(chunk_size=1000):
        counts = (plan.open_references, plan.all_references)
        dates = (plan.created_at.isoformat(), plan.ends_on)
        yield (plan.code, plan.kind, plan.asset.slug, plan.state, plan.owner.handle, *dates, *counts)
