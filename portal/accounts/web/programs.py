"""Accounts of programs, and the tokens of theirs that a lead or an admin keeps."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.forms import TokenForm
from portal.accounts.forms_teams import ProgramForm
from portal.accounts.models import ApiToken
from portal.accounts.policies import can_administer, can_keep_tokens, people_visible_to, tokens_visible_to
from portal.accounts.services.people import create_service_person
from portal.accounts.services.tokens import NewToken, can_issue, can_revoke, issue_token, revoke_token
from portal.accounts.web.acting import ActView, GuardedForm, step_up
from portal.accounts.web.people import PEOPLE
from portal.accounts.web.presenting import token_facts
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.web.views import render

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from portal.accounts.models import Person
    from portal.core.policies import Decision


@step_up
class ProgramView(GuardedForm):
    """A program has no password and no session; what it may is said by its tokens."""

    page_title = "A program's account"
    nav_key = "people"
    crumbs = PEOPLE
    template_name = "accounts/form.html"
    form_class = ProgramForm
    extra_context = {"lead": "It never signs in: it comes with a token, which you make next.", "verb": "Make it"}

    def allowed(self, at: datetime) -> Decision:
        return can_administer(self.request.user, at)

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        made = create_service_person(actor=viewer, **form.cleaned_data, at=at)
        return reverse("people_tokens", args=[made.handle])


@step_up
class PersonTokensView(GuardedForm):
    """Tokens of a program for its team's leads, and of anybody for admins; a person's own are made by that person."""

    page_title = "Tokens"
    nav_key = "people"
    template_name = "accounts/person_tokens.html"
    form_class = TokenForm

    @cached_property
    def person(self) -> Person:
        return get_object_or_404(people_visible_to(self.request.user), handle=self.kwargs["handle"])

    def allowed(self, at: datetime) -> Decision:
        return can_keep_tokens(self.request.user, self.person, at)

    def form_valid(self, form: Any) -> HttpResponse:
        viewer: Any = self.request.user
        given, at = form.cleaned_data, clock.now()
        require(can_issue(viewer, self.person, at))
        wish = NewToken(given["name"], given["scopes"], given["days"], given["networks"].replace(",", " ").split())
        try:
            token, secret = issue_token(actor=viewer, person=self.person, wish=wish, at=at)
        except DomainError as error:
            return self.refuse(form, error)
        shown = {"page_title": "Copy it now", "nav_key": "people", "crumbs": self._crumbs(), "token": token}
        done = reverse("people_tokens", args=[self.person.handle])
        return render(self.request, "accounts/token_made.html", shown | {"secret": secret, "done": done}, status=201)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        rows = ApiToken.objects.filter(person=self.person, revoked_at=None, expires_at__gt=at).order_by("-pk")[:50]
        return super().get_context_data(**kwargs) | {
            "person": self.person, "crumbs": self._crumbs(), "may_issue": can_issue(viewer, self.person, at).allowed,
            "tokens": [(row, token_facts(row, viewer.zone, at)) for row in rows],
        }  # fmt: skip

    def _crumbs(self) -> tuple[tuple[str, str], ...]:
        return (*PEOPLE, (self.person.name, reverse("people_detail", args=[self.person.handle])))


@step_up
class RevokeTokenView(ActView):
    """It opens nothing from now on; whose it is and who ended it stay in the history."""

    @cached_property
    def token(self) -> ApiToken:
        rows = tokens_visible_to(self.request.user, clock.now()).select_related("person__owner_team")
        return get_object_or_404(rows, person__handle=self.kwargs["handle"], pk=self.kwargs["pk"])

    def allowed(self, at: datetime) -> Decision:
        viewer: Any = self.request.user
        return can_revoke(viewer, self.token, at)

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        row = self.token
        reason = self.request.POST.get("reason", "").strip()[:300]
        revoke_token(actor=viewer, token=row, reason=reason, at=at)
        return reverse("people_tokens", args=[row.person.handle])
