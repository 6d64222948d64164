"""The door of programs: `Authorization: Bearer hwt_...` (spec security 4)."""

from __future__ import annotations

from datetime import timedelta
from hmac import compare_digest
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from portal.accounts.domain.scopes import PRIVATE_SCOPE
from portal.accounts.domain.secrets import PREFIX_LENGTH, TOKEN_MARK, digest
from portal.accounts.models import ApiToken, Person
from portal.accounts.services.tokens import revoke_token
from portal.core import clock, context
from portal.core.errors import BadRequest
from portal.core.middleware import client_address

if TYPE_CHECKING:
    from datetime import datetime

    from rest_framework.request import Request

SCHEME = b"bearer "
LONGEST = 200
MOST_IN_URL = 3
MINUTE = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """`request.auth` is the `ApiToken`; unknown, expired, revoked and out of network are answered alike."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        at = clock.now()
        _refuse_in_url(request, at)
        header = request.META.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        if header[: len(SCHEME)].lower() != SCHEME:
            return None
        token = _found(_text(header[len(SCHEME) :]), at)
        address = client_address(request._request)  # noqa: SLF001 (DRF keeps Django's request there)
        if token is None or not _is_near(token.networks, address):
            raise AuthenticationFailed("This token opens nothing.")
        _remember_use(token, address, at)
        context.note(token_id=token.pk, sees_private=PRIVATE_SCOPE in token.scopes)
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        del request
        return 'Bearer realm="Headwater"'


def _text(raw: bytes) -> str:
    """The token, or "" for what cannot be one."""
    try:
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        return ""
    return text if len(text) <= LONGEST and text.isascii() else ""


def _found(secret: str, at: datetime) -> ApiToken | None:
    token = ApiToken.objects.select_related("person").filter(prefix=secret[:PREFIX_LENGTH]).first()
    # Compared in any case, so that an unknown prefix takes as long as a wrong secret.
    is_same = compare_digest(digest(secret), token.secret_hash if token else digest(""))
    if token is None or not is_same or token.revoked_at is not None or token.expires_at <= at:
        return None
    return token if token.person.is_active else None


def _is_near(networks: list[str], address: str | None) -> bool:
    if not networks:
        return True
    return address is not None and any(ip_address(address) in ip_network(network) for network in networks)


def _remember_use(token: ApiToken, address: str | None, at: datetime) -> None:
    if token.last_used_at is None or at - token.last_used_at >= MINUTE:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at, last_used_from=address)


def _refuse_in_url(request: Request, at: datetime) -> None:
    """A token in an address stands in logs and histories by now: it is revoked and the caller told."""
    given = [value for _, values in request.query_params.lists() for value in values if value.startswith(TOKEN_MARK)]
    if not given:
        return
    for secret in given[:MOST_IN_URL]:
        token = _found(_text(secret.encode()), at)
        if token is not None:
            revoke_token(actor=None, token=token, reason="sent in an address", at=at)
    message = "A token belongs into the header Authorization. What stood in this address is revoked."
    raise BadRequest("core.token_in_url", message)
