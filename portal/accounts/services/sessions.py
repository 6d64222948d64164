"""Ending sign-ins: one's own one by one, all others, and those of before a door was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person


@transaction.atomic
def end_session(*, actor: Person, session: UserSession, at: datetime) -> None:
    """This sign-in of the actor's own opens nothing from now on."""
    Session.objects.filter(session_key=session.session_key).delete()
    session.delete()
    record_audit(actor=actor, verb="accounts.sessions_ended", subject=actor, after={"sessions": 1}, at=at)


@transaction.atomic
def end_other_sessions(*, actor: Person, keep: str, at: datetime) -> int:
    """Every sign-in of the actor's but the one with the key `keep` ends; says how many they were."""
    ended = close_sessions(person=actor, keep=keep)
    if ended:
        record_audit(actor=actor, verb="accounts.sessions_ended", subject=actor, after={"sessions": ended}, at=at)
    return ended


@transaction.atomic
def note_door_change(*, person: Person, change: str, keep: str, at: datetime) -> int:
    """Password, second factor or address has changed: whoever came in before, elsewhere, is out.

    `change` says what, such as "totp activated". Returns how many sessions ended.
    """
    ended = close_sessions(person=person, keep=keep)
    record_audit(
        actor=person, verb="accounts.door_changed", subject=person, reason=change, after={"sessions_ended": ended},
        at=at,
    )  # fmt: skip
    return ended


def close_sessions(*, person: Person, keep: str = "") -> int:
    """The rows of the sessions of `person` go, but that of `keep`; part of a larger transaction, which tells of it."""
    rows = UserSession.objects.filter(user=person).exclude(session_key=keep)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)
