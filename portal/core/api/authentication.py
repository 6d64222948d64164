"""The door of people in a browser; tokens have theirs in `portal.accounts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied

from portal.core.errors import NotAllowed

if TYPE_CHECKING:
    from rest_framework.request import Request


class BrowserSession(SessionAuthentication):
    """A session writes only with its CSRF token; the refusal has a code of its own."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            message = "The CSRF token is missing or wrong. Load the page again, or use a token of the API."
            raise NotAllowed("core.csrf", message) from None
