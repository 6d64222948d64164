"""The watchdog's rounds: health by SQL, alarms by its own route, a heartbeat outward while all is well."""

from __future__ import annotations

import json
import threading
import time

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from portal.core import egress
from portal.core.errors import DomainError
from portal.core.pulse import show_life
from portal.engine.channels.email import deliver_mail, plain_mail
from portal.engine.domain.outcomes import Sent
from portal.engine.domain.troubles import AFTER_A_REST, TROUBLES, UNREACHABLE
from portal.engine.queries.control import database_now
from portal.engine.queries.health import engine_health

logger = structlog.get_logger()
ROUND, HEARTBEAT, REPEAT, PATIENCE, START = 10.0, 60.0, 900.0, 60.0, 30.0
SEND_SECONDS = 13.0
COMPONENT = "watchdog"
NEWEST_SEAL = "SELECT sha256 FROM core_auditseal WHERE table_name = 'core_auditentry' ORDER BY day DESC LIMIT 1"


class Watchdog:
    """Alarms at once, repeats every quarter of an hour, tells recovery. Uses no engine table to speak."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._reasons: tuple[str, ...] = ()
        self._told_at = 0.0
        self._beat_at = 0.0
        self._away_since: float | None = None
        self._since: float | None = None

    @property
    def has_way_out(self) -> bool:
        return bool(settings.ENV.watchdog_webhook_url or (settings.ENV.watchdog_smtp_url and settings.ENV.watchdog_to))

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            show_life(COMPONENT)
            self.round(time.monotonic())
            show_life(COMPONENT)
            self._stopping.wait(ROUND)

    def round(self, now: float) -> None:
        """Look once, and say what changed."""
        reasons = self._look(now)
        if reasons and (reasons != self._reasons or now - self._told_at >= REPEAT):
            self._tell(f"Headwater: {' '.join(TROUBLES[reason] for reason in reasons)}", now)
        elif self._reasons and not reasons:
            self._tell("Headwater: all is well again", now)
        self._reasons = reasons
        if not reasons and now - self._beat_at >= HEARTBEAT:
            self._beat_at = now
            show_life(COMPONENT)
            self._heartbeat()

    def _look(self, now: float) -> tuple[str, ...]:
        try:
            reasons = engine_health(database_now()).reasons
        except DatabaseError as error:
            logger.warning("watchdog_database_away", error=str(error)[:200])
            connection.close()
            self._away_since = self._away_since if self._away_since is not None else now
            return (UNREACHABLE,) if now - self._away_since >= PATIENCE else self._reasons
        self._away_since = None
        self._since = self._since if self._since is not None else now
        is_starting = now - self._since < START
        return tuple(reason for reason in reasons if not (is_starting and reason in AFTER_A_REST))

    def _tell(self, text: str, now: float) -> None:
        self._told_at = now
        logger.error("watchdog_alarm", text=text)
        if not any([self._mail(text), self._post(text)]):
            logger.error("watchdog_mute", text=text)

    def _mail(self, text: str) -> bool:
        if not (settings.ENV.watchdog_smtp_url and settings.ENV.watchdog_to):
            return False
        message = plain_mail(settings.ENV.watchdog_to, text, f"{text}\n\n{settings.BASE_URL}/status/\n")
        stop_at = time.monotonic() + SEND_SECONDS
        return isinstance(deliver_mail(settings.ENV.watchdog_smtp_url, message, stop_at), Sent)

    def _post(self, text: str) -> bool:
        url = settings.ENV.watchdog_webhook_url
        return bool(url) and _called(url, json.dumps({"text": text}).encode())

    def _heartbeat(self) -> None:
        if settings.ENV.watchdog_heartbeat_url:
            _called(settings.ENV.watchdog_heartbeat_url, json.dumps({"seal": _newest_seal()}).encode())


def _newest_seal() -> str:
    """Noted outside with each heartbeat: `audit_verify --seal` finds a history that was rewritten seals and all."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(NEWEST_SEAL)
            row = cursor.fetchone()
    except DatabaseError:
        return ""
    return str(row[0]) if row else ""


def _called(url: str, body: bytes) -> bool:
    """One POST to an address that the operator set."""
    headers = {"Content-Type": "application/json"}
    try:
        answer = egress.post(url, body=body, headers=headers, stop_at=time.monotonic() + SEND_SECONDS)
    except (DomainError, egress.EgressError) as error:
        logger.warning("watchdog_call_failed", error=str(error)[:200])
        return False
    success, redirect = 200, 300
    return success <= answer.status < redirect
