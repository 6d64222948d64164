"""How long somebody stays signed in: 12 hours after the last act, and never more than 7 days (spec security 3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection

from portal.core import clock

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
RENEW_EVERY = timedelta(minutes=5)
BEGAN, SEEN = "signed_in_at", "seen_at"
STORED = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > now()"


class SessionStore(DatabaseStore):
    """Django's store in the database, which remembers when the person came in and when they last did something."""

    def load(self) -> dict[str, Any]:
        """The session, or an empty one when its time is over: the old cookie then opens nothing.

        Each request begins here, so that it is one statement written down, not one made anew by the ORM.
        """
        with connection.cursor() as cursor:
            cursor.execute(STORED, [self.session_key])
            row = cursor.fetchone()
        data: dict[str, Any] = self.decode(row[0]) if row else {}
        if row is None or (SESSION_KEY in data and self._is_over(data)):
            self._session_key = None
            return {}
        return data

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Whatever is written says when it began and that somebody was here just now."""
        if SESSION_KEY in data:
            at = clock.now().timestamp()
            data.setdefault(BEGAN, at)
            data[SEEN] = at
        return super().create_model_instance(data)

    @property
    def is_due(self) -> bool:
        """Whether being here is worth writing down again; at most once in five minutes."""
        return SESSION_KEY in self and _age(self.get(SEEN), 0) >= RENEW_EVERY.total_seconds()

    @staticmethod
    def _is_over(data: dict[str, Any]) -> bool:
        at = clock.now().timestamp()
        return _age(data.get(BEGAN), at) >= LONGEST.total_seconds() or _age(data.get(SEEN), at) >= IDLE.total_seconds()


def _age(since: float | None, unknown: float) -> float:
    """Seconds since then; a session from before these marks counts from `unknown`."""
    return clock.now().timestamp() - (unknown if since is None else since)
