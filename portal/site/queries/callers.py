"""What the caller of the API may do, in the words of the index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rest_framework.request import Request


def rights_of(request: Request) -> dict[str, Any]:
    """Who calls, by which door, and the scopes of that door; policies decide the rest object by object."""
    person: Any = request.user
    token: Any = request.auth
    return {
        "person": person.handle,
        "name": person.name,
        "via": "session" if token is None else "token",
        "scopes": "all of the person's" if token is None else sorted(token.scopes),
        "expires_at": None if token is None else token.expires_at,
    }
