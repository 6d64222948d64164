"""The company's own sign-in: out to the provider by a link, back with a code (resolutions 1.28)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from allauth.account.internal.decorators import login_not_required
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View

from portal.accounts.oidc.adapter import CONNECT, has_company, refused
from portal.accounts.oidc.provider import PROVIDER_ID, CompanyAdapter
from portal.accounts.services.company import disconnect_company
from portal.accounts.web.acting import ActView, step_up
from portal.core import clock
from portal.core.middleware import client_address
from portal.core.services.rates import take

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

MOST_AN_HOUR, HOUR = 60, 3600
AWAY = "The company's sign-in does not answer at the moment. Try again, or use your password."


class _WayOut(View):
    """POST prepares the sign-in and shows the link that leads out; a form may not lead to another house (CSP)."""

    process = "login"

    def post(self, request: HttpRequest) -> HttpResponse:
        _check_open(request)
        provider = get_adapter().get_provider(request, PROVIDER_ID)
        try:
            out = provider.redirect(request, self.process, next_url=get_next_redirect_url(request))
        except (requests.RequestException, OAuth2Error):
            return refused(request, AWAY, status=503)
        if "Location" not in out:
            return out  # type: ignore[no-any-return]  # allauth ships no types
        host = urlsplit(settings.ENV.oidc_issuer).hostname
        context = {"url": out["Location"], "host": host, "name": settings.ENV.oidc_name}
        return render(request, "accounts/company_go.html", context)


@method_decorator(login_not_required, name="dispatch")
class CompanyView(_WayOut):
    """GET only offers the way: somebody without a password is sent here to prove themselves again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        _check_open(request)
        context = {"name": settings.ENV.oidc_name, "next": get_next_redirect_url(request) or ""}
        return render(request, "accounts/company_start.html", context)


@step_up
class ConnectCompanyView(_WayOut):
    """The same way, for somebody who is here and wants to come in by it from now on."""

    process = CONNECT


class _Callback(OAuth2CallbackView):  # type: ignore[misc]  # allauth ships no types
    """Hands the nonce of the session to the adapter that judges the token."""

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[Any, Any]:
        state, answer = super()._get_state(request, provider)
        if state is not None:
            self.adapter.nonce = str(state.get("nonce") or "")
        return state, answer


@method_decorator(login_not_required, name="dispatch")
class CompanyCallbackView(View):
    """Back from the provider; a state is good for one try."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        _check_open(request)
        answer: HttpResponse = _Callback.adapter_view(CompanyAdapter(request, PROVIDER_ID))(request)
        return answer


@step_up
class DisconnectCompanyView(ActView):
    def act(self, at: datetime) -> str:
        disconnect_company(actor=self.request.user, at=at)  # type: ignore[arg-type]  # signed in
        return reverse("me_sessions")


def _check_open(request: HttpRequest) -> None:
    if not has_company():
        raise Http404
    address = client_address(request) or "unknown"
    take(key=f"company:{address}", capacity=MOST_AN_HOUR, per_seconds=HOUR, at=clock.now())
