"""The company's provider as allauth sees it, with what allauth leaves out: signature, nonce, issuer."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.urls import reverse

from portal.accounts.oidc.tokens import BadTokenError, verified_claims

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PROVIDER_ID = "company"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ABOUT_PERSON = ("email", "email_verified", "name", "preferred_username")


class NotVouchedError(OAuth2Error):  # type: ignore[misc]  # allauth ships no types
    """The provider's word was not believed; the message holds nothing of what it said."""


class CompanyAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth ships no types
    """Believes an ID token only after its signature, issuer, audience, time and nonce (resolutions 1.27)."""

    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's description of itself; one that names another issuer is not believed."""
        config: dict[str, Any] = super().openid_config
        if str(config.get("issuer", "")).rstrip("/") != settings.ENV.oidc_issuer.rstrip("/"):
            raise NotVouchedError("the provider calls itself by another name")
        if not all(isinstance(config.get(name), str) for name in NEEDED):
            raise NotVouchedError("the provider's description is incomplete")
        return config

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        claims = self._claims(app, str(kwargs["response"].get("id_token") or ""))
        if any(name not in claims for name in ABOUT_PERSON) and "userinfo_endpoint" in self.openid_config:
            told = self._fetch_user_info(token.token)
            if told.get("sub") != claims["sub"]:
                raise NotVouchedError("the facts are of another person")
            claims = told | claims
        login = self.get_provider().sociallogin_from_response(request, {"id_token": claims})
        login.company_claims = claims  # read once by our adapter, stored nowhere
        return login

    def _claims(self, app: Any, token: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            keys = answer.json()
        try:
            return verified_claims(
                token,
                keys=[key for key in keys.get("keys", []) if isinstance(key, dict)],
                issuer=self.openid_config["issuer"],
                client_id=app.client_id,
                nonce=self.nonce,
            )
        except BadTokenError as error:
            raise NotVouchedError(str(error)) from error

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """By the installation's own address, whatever host the request names."""
        del request, app
        return f"{settings.BASE_URL}{reverse('company_callback')}"


class CompanyProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth ships no types
    """One provider an installation; accounts are keyed by issuer and subject, never by an address."""

    oauth2_adapter_class = CompanyAdapter

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """A nonce goes to the provider and stays in the session; the token must bring it back."""
        nonce = secrets.token_urlsafe(32)
        auth_params = {"nonce": nonce}
        answer: HttpResponse = super().redirect(
            request, process, next_url=next_url, data=data, auth_params=auth_params, nonce=nonce, **kwargs
        )
        return answer

    def extract_uid(self, data: dict[str, Any]) -> str:
        claims = data["id_token"]
        return hashlib.sha256(f"{claims['iss']}\n{claims['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What stands beside the account for ever: who says so, not what."""
        claims = data["id_token"]
        return {"issuer": claims["iss"], "subject": claims["sub"]}
