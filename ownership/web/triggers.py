"""`/assets/<slug>/trigger`: how a pipeline is told to run after what is above it was rebuilt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404

from ownership.domain.triggering import TRIGGER_WORDS
from ownership.plan_forms import PipelineTriggerForm, WordsForm
from ownership.queries.triggers import newest_calls, trigger_of, webhooks_for
from ownership.services.triggers import remove_pipeline_trigger, require_planner, set_pipeline_trigger
from ownership.web.details import find
from ownership.web.plan_detail import TRIGGER_CSS
from ownership.web.shown import asset_url
from portal.core import clock
from portal.core.web.presentation import Badge, Fact, Row, when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from ownership.models import Asset, PipelineTrigger


class _OnPipeline(DomainFormMixin):
    nav_key = "assets"
    template_name = "ownership/pipeline_trigger.html"

    @property
    def asset(self) -> Asset:
        return find(self.request, str(self.kwargs["slug"]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asset, at = self.asset, clock.now()
        viewer: Any = self.request.user
        return super().get_context_data(**kwargs) | trigger_context(asset, viewer, at)


class PipelineTriggerView(_OnPipeline):
    """Say how it is called, or change it."""

    form_class = PipelineTriggerForm

    def get_form_kwargs(self) -> dict[str, Any]:
        viewer: Any = self.request.user
        slugs = list(webhooks_for(viewer, clock.now()).values_list("slug", flat=True))
        return super().get_form_kwargs() | {"endpoints": slugs}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer: Any = request.user
        require_planner(viewer, self.asset, clock.now())
        return super().post(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        known = trigger_of(self.asset)
        return {"kind": known.kind, "endpoint": known.endpoint.slug, "job": known.job} if known else {}

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        data, asset = form.cleaned_data, self.asset
        endpoint = webhooks_for(actor, at).get(slug=data["endpoint"])
        set_pipeline_trigger(
            actor=actor, pipeline=asset, kind=data["kind"], endpoint=endpoint, job=data["job"],
            authorization=data["authorization"] or None, at=at,
        )  # fmt: skip
        messages.success(self.request, f"{asset.name} is called by {endpoint.slug} from now on.")
        return f"{asset_url(asset.slug)}/trigger"


class RemoveTriggerView(_OnPipeline):
    """It is run by hand again."""

    http_method_names = ("post",)
    form_class = WordsForm

    def perform(self, form: Any, at: datetime) -> str:
        del form
        actor: Any = self.request.user
        asset = self.asset
        is_run = trigger_of(asset) is not None
        remove_pipeline_trigger(actor=actor, pipeline=asset, at=at)
        if not is_run:
            raise Http404
        messages.success(self.request, f"{asset.name} is run by hand again.")
        return f"{asset_url(asset.slug)}/trigger"


def trigger_context(asset: Asset, viewer: Any, at: datetime) -> dict[str, Any]:
    """What the page shows beside its form; the header itself is never shown again."""
    known = trigger_of(asset)
    return {
        "page_title": f"How {asset.name} is run",
        "crumbs": (("Assets", "/assets/"), (asset.name, asset_url(asset.slug))),
        "asset": asset,
        "trigger": known,
        "facts": _facts(known) if known else [],
        "has_webhooks": webhooks_for(viewer, at).exists(),
        "calls": [
            Row(
                call.plan.code, f"/backfills/{call.plan.code}#triggers",
                badges=[Badge(call.state, TRIGGER_CSS[call.state])], facts=[when(call.sent_at or at, viewer.zone, at)],
            )
            for call in newest_calls(asset)
        ],
    }  # fmt: skip


def _facts(known: PipelineTrigger) -> list[Fact]:
    return [
        Fact("Scheduler", TRIGGER_WORDS[known.kind].partition(":")[0]),
        Fact("Webhook", known.endpoint.slug, "" if known.endpoint.is_active else "text-bad"),
        Fact("Job", known.job or known.pipeline.name),
        Fact("Authorization", "kept encrypted" if known.authorization else "none"),
    ]
