"""The person's own page, absences, sessions and team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.forms import ProfileForm, TeamChoiceForm
from portal.accounts.models import ContactMethod
from portal.accounts.oidc.adapter import has_company
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import teams_of
from portal.accounts.services.people import update_profile
from portal.accounts.services.placing import ask_for_team
from portal.accounts.services.sessions import end_other_sessions, end_session
from portal.accounts.web.acting import ActView
from portal.accounts.web.presenting import method_row, session_row, team_row
from portal.core import clock
from portal.core.web.presentation import Empty, Link
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime


PROFILE = ("name", "zone", "night_from", "night_to", "theme", "keys_enabled", "hold_while_away")


class MeView(DomainFormMixin):
    page_title = "Me"
    nav_key = "me"
    template_name = "accounts/me.html"
    form_class = ProfileForm

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.request.user, name) for name in PROFILE}

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        update_profile(actor=viewer, person=viewer, changes=form.cleaned_data, at=at)
        return reverse("me")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        methods = ContactMethod.objects.filter(person=viewer).order_by("-state", "pk")
        teams = teams_of(viewer, local_day(viewer, at))
        return super().get_context_data(**kwargs) | {
            "methods": [method_row(method, viewer.zone, at) for method in methods],
            "no_methods": Empty(
                "Only your mail", "Pages arrive by mail until you add another way.", "bell",
                Link("Add a way", reverse("me_notifications")),
            ),
            "teams": [team_row(team) for team in teams if not team.is_system],
            "is_placed": any(not team.is_system for team in teams),
        }  # fmt: skip


class SessionsView(PageView):
    """Where the person is signed in, and by which ways they come in."""

    page_title = "Sessions"
    nav_key = "me"
    crumbs = (("Me", "/me/"),)
    template_name = "accounts/sessions.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        rows = UserSession.objects.filter(user=viewer).order_by("-created_at")[:50]
        here = self.request.session.session_key
        return {
            "sessions": [
                (row, session_row(row, viewer.zone, at, is_here=row.session_key == here), row.session_key == here)
                for row in rows
            ],
            "company": settings.ENV.oidc_name if has_company() else "",
            "is_connected": SocialAccount.objects.filter(user=viewer).exists(),
            "has_password": viewer.has_usable_password(),
        }


class EndSessionView(ActView):
    """One session of one's own ends; ending this one is signing out."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        row = get_object_or_404(UserSession, pk=self.kwargs["pk"], user=viewer)
        end_session(actor=viewer, session=row, at=at)
        return reverse("me_sessions")


class EndSessionsView(ActView):
    """Every session but this one ends."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        end_other_sessions(actor=viewer, keep=self.request.session.session_key or "", at=at)
        return reverse("me_sessions")


class PlaceMeView(DomainFormMixin):
    page_title = "Which team are you in?"
    nav_key = "me"
    crumbs = (("Me", "/me/"),)
    template_name = "accounts/form.html"
    form_class = TeamChoiceForm
    extra_context = {
        "lead": "Its lead is told and adds you. You can read and ask until then.",
        "verb": "Ask to join",
        "verb_icon": "users",
    }

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        ask_for_team(actor=viewer, team=form.cleaned_data["team"], discipline=form.cleaned_data["discipline"], at=at)
        return reverse("me")
