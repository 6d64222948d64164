"""`/people/<handle>/factor`: two admins take off a second factor that is lost."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.forms_teams import FactorForm
from portal.accounts.policies import can_administer, people_visible_to
from portal.accounts.queries.factors import has_factor, open_resets
from portal.accounts.services.factors import approve_factor_reset, ask_factor_reset, refuse_factor_reset
from portal.accounts.web.acting import GuardedForm, step_up
from portal.accounts.web.people import PEOPLE
from portal.core import clock

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import FactorReset, Person
    from portal.core.policies import Decision


@step_up
class FactorView(GuardedForm):
    """Ask, agree or refuse; each needs the password or factor of the last 15 minutes."""

    nav_key = "people"
    template_name = "accounts/factor.html"
    form_class = FactorForm

    def allowed(self, at: datetime) -> Decision:
        return can_administer(self.request.user, at)

    @cached_property
    def person(self) -> Person:
        found: Person = get_object_or_404(people_visible_to(self.request.user), handle=self.kwargs["handle"])
        return found

    def standing(self, at: datetime) -> FactorReset | None:
        return open_resets(at).filter(person=self.person).first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        standing, viewer = self.standing(clock.now()), self.request.user
        return super().get_context_data(**kwargs) | {
            "page_title": f"Lost second factor of {self.person.name}", "person": self.person, "standing": standing,
            "crumbs": (*PEOPLE, (self.person.name, reverse("people_detail", args=[self.person.handle]))),
            "has_factor": has_factor(self.person), "may_ask": viewer.pk != self.person.pk,
            "may_agree": standing is not None and viewer.pk not in {standing.asked_by_id, self.person.pk},
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        standing, act = self.standing(at), self.request.POST.get("act", "ask")
        if standing is None or act not in {"agree", "refuse"}:
            ask_factor_reset(actor=viewer, person=self.person, reason=form.cleaned_data["reason"], at=at)
            messages.success(self.request, "The other admins are asked. It stands for a day.")
        elif act == "agree":
            approve_factor_reset(actor=viewer, reset=standing, at=at)
            words = f"{self.person.name} signs in with the password alone now, and sets up a new factor."
            messages.success(self.request, words)
        else:
            refuse_factor_reset(actor=viewer, reset=standing, at=at)
            messages.success(self.request, "It is ended. Nothing was taken off.")
        return reverse("people_detail", args=[self.person.handle])
