"""The answer of every policy: allowed or not, why, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.core import context
from portal.core.errors import NotAllowed


@dataclass(frozen=True)
class Decision:
    """Whether an act is allowed; `on_behalf_of` is the id of the person whose right is used, if a deputy acts.

    `who` can grant what is missing; empty: the lead of the owning team.
    """

    allowed: bool
    code: str = ""
    message: str = ""
    on_behalf_of: int | None = None
    who: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Decision(allowed=True)


def refused(code: str, message: str, who: str = "") -> Decision:
    """A refusal with its stable code and a sentence that says who can grant the right."""
    return Decision(allowed=False, code=code, message=message, who=who)


def is_outside(user: Any) -> bool:
    """Whether no compartment is open: to a program never, to a token of a member only with the scope for it."""
    return bool(user.is_service) or not context.current().sees_private


def require(decision: Decision) -> Decision:
    """Raise `NotAllowed` unless the decision allows; returns it otherwise."""
    if not decision.allowed:
        message = decision.message or "You may not do this."
        raise NotAllowed(
            decision.code or "core.not_allowed", message, **({"who": decision.who} if decision.who else {})
        )
    return decision


def can_edit_calendars(actor: Any) -> Decision:
    """Administrators edit calendars; None is the installation itself."""
    if actor is None or actor.is_admin:
        return ALLOWED
    return refused("core.not_allowed", "Only an administrator edits calendars.")
