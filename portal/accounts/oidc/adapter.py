"""How allauth meets our people when the company's provider vouches for them: our services decide who enters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from portal.accounts.oidc.provider import PROVIDER_ID, NotVouchedError
from portal.accounts.oidc.transport import outgoing_session
from portal.accounts.services.company import Vouched, connect_company, enter_by_company
from portal.core import clock, metrics
from portal.core.errors import DomainError
from portal.core.queries.settings import setting

if TYPE_CHECKING:
    import requests
    from django.http import HttpRequest, HttpResponse

CONNECT = "connect"
logger = structlog.get_logger()


def has_company() -> bool:
    """Whether people may come in by the company's sign-in: it is set up, and this is no demo."""
    return bool(settings.ENV.oidc_issuer) and not setting("demo", default=False)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """The one provider of the settings; nobody signs up by a form."""

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        del request, provider, client_id
        env = settings.ENV
        if not has_company():
            return []
        facts = {"server_url": env.oidc_issuer.rstrip("/"), "oauth_pkce_enabled": True}
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=PROVIDER_ID,
                name=env.oidc_name,
                client_id=env.oidc_client_id,
                secret=env.oidc_client_secret,
                settings=facts,
            )
        ]

    def get_requests_session(self) -> requests.Session:
        return outgoing_session()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        del request, sociallogin
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """A known account goes on; anybody else becomes a person by our rules, or reads why not."""
        at = clock.now()
        vouched = _vouched(sociallogin)
        try:
            if sociallogin.state.get("process") == CONNECT:
                person: Any = request.user
                connect_company(actor=person, vouched=vouched, at=at)
                raise ImmediateHttpResponse(HttpResponseRedirect(reverse("me_sessions")))
            if not sociallogin.is_existing:
                sociallogin.account = enter_by_company(vouched=vouched, at=at)
                sociallogin.user = sociallogin.account.user
        except DomainError as refusal:
            raise ImmediateHttpResponse(refused(request, refusal.message)) from None

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """One page for every failure; what it was stands in the log, without a word of the provider's answer."""
        del provider, extra_context
        reason = str(exception) if isinstance(exception, NotVouchedError) else type(exception).__name__
        metrics.SIGNIN_FAILURES.inc()
        logger.warning("accounts.company_sign_in_failed", error=str(error or ""), reason=reason)
        raise ImmediateHttpResponse(refused(request, "The company's sign-in did not vouch for you. Start again."))


def _vouched(sociallogin: Any) -> Vouched:
    """What the provider says, before anybody here believes it."""
    claims = sociallogin.company_claims
    groups = claims.get(settings.ENV.oidc_groups_claim) or []
    return Vouched(
        provider=sociallogin.account.provider,
        uid=sociallogin.account.uid,
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=str(claims.get("email") or ""),
        is_email_verified=claims.get("email_verified") is True,
        name=str(claims.get("name") or ""),
        handle=str(claims.get("preferred_username") or ""),
        groups=tuple(group for group in groups if isinstance(group, str)) if isinstance(groups, list) else (),
    )


def refused(request: HttpRequest, message: str, *, status: int = 403) -> HttpResponse:
    """Why the company's sign-in leads nowhere, and the way back."""
    return render(request, "accounts/company_refused.html", {"message": message}, status=status)
