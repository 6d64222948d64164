"""`/budget/<team>/desk`: how a desk answers, its band and sizes, and what they would have decided (spec budget 3)."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404

from portal.accounts.models import Team
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.web.views import DomainFormMixin
from requests_queue.domain.budget import Ruling
from requests_queue.forms import DeskForm
from requests_queue.policies import can_keep_desk
from requests_queue.queries.budget import desk_terms
from requests_queue.queries.desks import desk_of_team, judged_again
from requests_queue.queries.targets import person_called
from requests_queue.services.desks import DeskDraft, checked_desk, save_desk

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import TeamDesk

HUNDRED = 100
SAME = (
    "takes_requests", "triage_by_grant", "question_minutes", "quick_win_minutes", "small_max", "medium_max",
    "no_reply_days", "close_days",
)  # fmt: skip
RULINGS = {
    Ruling.ACCEPT: "Taken in", Ruling.ACCEPT_AMBER: "Taken in, the lead told", Ruling.LEAD_APPROVAL: "Asked the lead",
    Ruling.QUEUE: "Put in line", Ruling.DEFER: "Put off to the plan",
}  # fmt: skip
GROUPS = (
    ("Who", ("partner",)), ("The ad-hoc band", ("floor", "cap")), ("Sizes", ("small_max", "medium_max")),
    ("Estimates that need no thought", ("question_minutes", "quick_win_minutes")),
    ("When nothing happens", ("no_reply_days", "close_days")),
)  # fmt: skip


class DeskView(DomainFormMixin):
    """The lead keeps it; everybody else reads. A preview writes nothing."""

    page_title = "How this desk answers"
    nav_key = "budget"
    template_name = "requests_queue/desk.html"
    form_class = DeskForm

    @cached_property
    def desk(self) -> TeamDesk:
        found = Team.objects.filter(slug=self.kwargs["slug"], archived_at=None, is_system=False).first()
        if found is None:
            raise Http404
        return desk_of_team(found)

    def get_initial(self) -> dict[str, Any]:
        desk = self.desk
        return {name: getattr(desk, name) for name in SAME} | {
            "floor": desk.floor_bp // HUNDRED, "cap": desk.cap_bp // HUNDRED,
            "partner": f"@{desk.partner.handle}" if desk.partner else "",
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        team, form = self.desk.team, context["form"]
        return context | {
            "team": team, "groups": [(name, [form[field] for field in fields]) for name, fields in GROUPS],
            "can_keep": can_keep_desk(self.request.user, team, clock.now()).allowed,
            "effects": getattr(self, "effects", None),
            "crumbs": ((team.name, f"/teams/{team.slug}"), ("Budget", f"/budget/{team.slug}/")),
        }  # fmt: skip

    def form_valid(self, form: Any) -> Any:
        """A preview shows the form again beside what the last 13 weeks would have been."""
        if self.request.POST.get("act") != "preview":
            return super().form_valid(form)
        try:
            draft = checked_desk(_draft(form.cleaned_data))
        except DomainError as error:
            return self.refuse(form, error)
        terms = replace(
            desk_terms(self.desk.team), floor_bp=draft.floor_bp, cap_bp=draft.cap_bp, small_max=draft.small_max,
            medium_max=draft.medium_max,
        )  # fmt: skip
        before, after = judged_again(self.desk.team, terms, clock.now())
        self.effects = [(words, before[ruling], after[ruling]) for ruling, words in RULINGS.items()]
        return self.render_to_response(self.shell_context() | self.get_context_data(form=form))

    def perform(self, form: Any, at: datetime) -> str:
        given, team = form.cleaned_data, self.desk.team
        handle = given["partner"].strip().lstrip("@")
        partner = person_called(handle, "partner") if handle else None
        save_desk(actor=self.request.user, team=team, draft=_draft(given), partner=partner, at=at)
        messages.success(
            self.request, "The desk is kept. Open quarters keep their band; the next one begins with this."
        )
        return f"/budget/{team.slug}/desk"


def _draft(given: dict[str, Any]) -> DeskDraft:
    return DeskDraft(
        **{name: given[name] for name in SAME}, floor_bp=given["floor"] * HUNDRED, cap_bp=given["cap"] * HUNDRED
    )
