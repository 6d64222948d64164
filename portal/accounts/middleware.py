"""A second factor where the installation demands one (spec security 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from portal.accounts.domain.vocabulary import Role
from portal.accounts.models import Membership
from portal.accounts.queries.people import local_day
from portal.core import clock

if TYPE_CHECKING:
    from collections.abc import Callable

HAS_FACTOR = "has_second_factor"
REDIRECTS = frozenset({301, 302, 303})
SIGN_IN = "/auth/login/"
FREE = ("/auth/", "/static/", "/health/")


class SessionEndedMiddleware:
    """A part of a page asked for after the session's end is 401: the page and what was typed on it stay."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_sent_away = response.status_code in REDIRECTS and response["Location"].startswith(SIGN_IN)
        if is_sent_away and request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted"):
            return HttpResponse("Sign in again.", status=401, content_type="text/plain")
        return response


class SessionLifeMiddleware:
    """Whoever does something stays signed in; a page that only asks for news of itself is nobody's doing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session: Any = request.session
        is_poll = request.headers.get("HX-Request") == "true" and "If-None-Match" in request.headers
        if session.accessed and not is_poll and session.is_due:
            session.modified = True
        return response


class SecondFactorMiddleware:
    """Whoever needs a second factor and has none sets one up before anything else; a session remembers it has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._is_missing(request):
            return self.get_response(request)
        if request.path_info.startswith("/api/"):
            detail = "Set up a second factor first: /auth/2fa/totp/activate/"
            body = {"type": "about:blank", "status": 403, "code": "accounts.second_factor", "detail": detail}
            return JsonResponse(body, status=403, content_type="application/problem+json")
        return redirect("mfa_activate_totp")

    def _is_missing(self, request: HttpRequest) -> bool:
        level = settings.ENV.mfa_level
        if level == "off" or request.path_info.startswith(FREE) or not request.user.is_authenticated:
            return False
        if request.session.get(HAS_FACTOR) or not needs_factor(request.user, level):
            return False
        if get_adapter().is_mfa_enabled(request.user):
            request.session[HAS_FACTOR] = True
            return False
        return True


def needs_factor(person: Any, level: str) -> bool:
    """Admins and auditors at every level but off; leads at `leads`; everybody at `all`."""
    if level == "all" or person.is_admin or person.is_auditor:
        return level != "off"
    if level != "leads":
        return False
    day = local_day(person, clock.now())
    return Membership.objects.filter(person=person, role=Role.LEAD, during__contains=day).exists()
