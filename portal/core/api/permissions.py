"""Who may knock: a session with all rights of its person, or a token with the scope of the act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import SAFE_METHODS, BasePermission

from portal.core.errors import NotAllowed

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

ANY_TOKEN = ""
NO_TOKEN = None


def needed_scope(view: Any, method: str) -> str | None:
    """The scope of this act: that of the action, else `read` or `write`; `NO_TOKEN` when no token will do."""
    scopes = getattr(view, "scopes", {})
    action = getattr(view, "action", None)
    if action in scopes:
        found: str | None = scopes[action]
        return found
    return scopes.get("read" if method in SAFE_METHODS else "write")


class HasScope(BasePermission):
    """Scope AND person: the room's policies decide afterwards what the person may do.

    A view says `scopes = {"read": "requests:read", "write": "requests:write", "approve": "requests:approve"}`; a
    scope of None is for sessions only, "" for any token.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not (request.user.is_authenticated and request.user.is_active):
            return False
        if request.auth is None:
            return True
        scope = needed_scope(view, request.method or "GET")
        if scope is NO_TOKEN:
            raise NotAllowed("core.session_only", "No token may do this. Sign in and use the page.")
        token: Any = request.auth
        if scope != ANY_TOKEN and scope not in token.scopes:
            raise NotAllowed("core.missing_scope", f"This token lacks the scope {scope}.", scope=scope)
        return True
