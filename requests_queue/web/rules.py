"""What an administrator adds to the promises: a policy, and kinds of exempt work (spec sla 5, requests 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.utils.text import slugify

from portal.core.policies import require
from portal.core.web.views import DomainFormMixin
from requests_queue.forms import ExemptKindForm, NewPolicyForm
from requests_queue.models import ExemptKind
from requests_queue.policies import can_rank_policies
from requests_queue.queries.targets import people_called
from requests_queue.services.exempting import ExemptDraft, save_exempt_kind
from requests_queue.services.promising import PolicyDraft, create_policy

if TYPE_CHECKING:
    from datetime import datetime

CRUMB = (("Promises and hours", "/sla/"),)


class NewPolicyView(DomainFormMixin):
    """`/sla/policies/new`: begins with the promises of another one; the page that follows edits and previews them."""

    page_title = "A new policy"
    nav_key = "sla"
    crumbs = CRUMB
    template_name = "requests_queue/policy_new.html"
    form_class = NewPolicyForm

    def perform(self, form: Any, at: datetime) -> str:
        actor = self.request.user
        require(can_rank_policies(actor))
        like = form.cleaned_data["like"].versions.latest("n")
        draft = PolicyDraft(
            like.targets, like.ladder, like.pause_states, like.grace_seconds, like.reopen_factor, like.calendar_version
        )
        made = create_policy(actor=actor, name=form.cleaned_data["name"], draft=draft, at=at)
        messages.success(self.request, "It applies to nothing yet: edit its promises, then add a rule that names it.")
        return f"/sla/policies/{made.policy_id}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        can_make = can_rank_policies(self.request.user).allowed
        return super().get_context_data(**kwargs) | {"can_make": can_make}


class ExemptKindsView(DomainFormMixin):
    """`/sla/exempt-kinds/`: what passes outside tokens and budget, who confirms it, and whether it is private."""

    page_title = "Exempt work"
    nav_key = "sla"
    crumbs = CRUMB
    template_name = "requests_queue/exempt_kinds.html"
    form_class = ExemptKindForm

    def get_initial(self) -> dict[str, Any]:
        kind = ExemptKind.objects.filter(slug=self.request.GET.get("edit", "")[:40]).first()
        if kind is None:
            return {"is_private": True}
        named = kind.confirmers.order_by("handle").values_list("handle", flat=True)
        return {
            "slug": kind.slug, "name": kind.name, "is_private": kind.is_private, "is_archived": kind.is_archived,
            "confirmers": ", ".join(f"@{handle}" for handle in named),
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        given = form.cleaned_data
        slug = given["slug"] or slugify(given["name"])[:40]
        draft = ExemptDraft(
            given["name"], is_private=given["is_private"], is_archived=given["is_archived"],
            confirmers=people_called(given["confirmers"], "confirmers"),
        )  # fmt: skip
        save_exempt_kind(actor=self.request.user, slug=slug, is_new=not given["slug"], draft=draft, at=at)
        return "/sla/exempt-kinds/"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        return context | {
            "kinds": ExemptKind.objects.prefetch_related("confirmers").order_by("is_archived", "name")[:100],
            "can_keep": can_rank_policies(self.request.user).allowed, "edited": form["slug"].value(),
        }  # fmt: skip
