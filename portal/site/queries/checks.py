"""What `manage.py doctor` looks at: each check is one read, one sentence, and the command that cures it."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from portal.accounts.models import FallbackRecipient, Person
from portal.core import clock
from portal.core.provisioning import OWNER
from portal.core.queries.settings import setting
from portal.core.registries import check_registry
from portal.core.startup import EXTENSIONS, OLDEST_POSTGRES, UTC_NAMES, database_facts, unapplied_migrations
from portal.engine.queries.health import engine_health
from portal.site.domain.findings import Finding, Noted, dated, found
from portal.site.queries import checks_of_work as work
from portal.site.queries.safekeeping import OLDEST_BACKUP, OLDEST_SEAL, OLDEST_TRIAL, safekeeping

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.core.registries import CheckEntry

LARGEST_OFFSET_SECONDS = 2.0
NOTED = "checks.noted"


def findings() -> list[Finding]:
    """Every check, in the order in which an operator would look; those of the rooms come after the site's own.

    Each says since when it stands as it does, if it knows or if a look before found the same (`site.checks`).
    """
    of_rooms = sorted(check_registry.items(), key=lambda item: item[1].order)
    looked = [check() for check in CHECKS] + [_registered(key, entry) for key, entry in of_rooms]
    return dated(looked, noted_checks())


def noted_checks() -> dict[str, Noted]:
    """What the looks before found; one query."""
    rows: dict[str, tuple[str, str]] = setting(NOTED, {})
    return {name: Noted(colour, datetime.fromisoformat(since)) for name, (colour, since) in rows.items()}


def _registered(key: str, entry: CheckEntry) -> Finding:
    said = entry.run()
    return Finding(key, said.colour, said.sentence, "" if said.colour == "ok" else entry.command)


def _one(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row[0] if row else None


def _server() -> Finding:
    old = "PostgreSQL is older than 15." if database_facts().version < OLDEST_POSTGRES else ""
    return found("PostgreSQL", old, "upgrade the server", well=str(_one("SHOW server_version")))


def _zone() -> Finding:
    zone = database_facts().zone
    wrong = "" if zone in UTC_NAMES else f"The database's time zone is {zone}, not UTC."
    return found("time zone", wrong, "ALTER DATABASE headwater SET timezone = 'UTC'")


def _extensions() -> Finding:
    missing = sorted(EXTENSIONS - set(database_facts().extensions))
    return found("extensions", f"Missing: {', '.join(missing)}." if missing else "", "psql -f deploy/extensions.sql")


def _role() -> Finding:
    facts = database_facts()
    owner = facts.is_superuser or facts.role == OWNER
    return found("role", "This process may change tables." if owner else "", "connect as headwater_app")


def _migrations() -> Finding:
    missing = unapplied_migrations()
    return found("migrations", f"{len(missing)} not applied." if missing else "", "manage.py migrate")


def _clock() -> Finding:
    seconds = abs(clock.measure_offset().total_seconds())
    wrong = f"This host is {seconds:.1f} s from the database." if seconds > LARGEST_OFFSET_SECONDS else ""
    return found("clock", wrong, "check NTP on both hosts", colour="warn")


def _zones() -> Finding:
    missing = "" if "Europe/Madrid" in zoneinfo.available_timezones() else "No time zone data."
    return found("time zone data", missing, "pip install tzdata")


def _engine() -> Finding:
    reasons = ", ".join(engine_health(clock.now()).reasons)
    return found("engine", reasons and f"Alerts are late: {reasons}.", "manage.py engine")


def _watchdog() -> Finding:
    env = settings.ENV
    has_route = env.watchdog_webhook_url or env.watchdog_heartbeat_url or (env.watchdog_smtp_url and env.watchdog_to)
    problem = "" if has_route else "The watchdog has no way to tell anybody."
    return found("watchdog", problem, "set HEADWATER_WATCHDOG_WEBHOOK_URL", colour="warn")


def _mail() -> Finding:
    problem = "" if settings.ENV.smtp_url else "No mail server: messages stay in the inbox."
    return found("mail", problem, "set HEADWATER_SMTP_URL", colour="warn")


def _admin() -> Finding:
    problem = "" if Person.objects.filter(is_admin=True).exists() else "There is no admin yet."
    return found("admin", problem, "manage.py create_admin --link")


def _fallback() -> Finding:
    problem = "" if FallbackRecipient.objects.exists() else "Nobody is told what nobody else can be told."
    return found("fallback recipients", problem, "name one in the settings of the organization", colour="warn")


def _backup() -> Finding:
    kept, at = safekeeping(), clock.now()
    if kept.backup_at is None:
        return found("backup", "There is no backup yet.", "manage.py backup --to DIR", colour="warn")
    old = "The newest backup is older than 26 hours." if at - kept.backup_at > OLDEST_BACKUP else ""
    return found("backup", old, "manage.py backup", well=f"{kept.backup_at:%Y-%m-%d %H:%M}Z",
                 since=kept.backup_at + OLDEST_BACKUP)  # fmt: skip


def _trial() -> Finding:
    kept, at = safekeeping(), clock.now()
    if kept.trial_at is None:
        return found("trial restore", "No backup was restored on trial.", "set HEADWATER_VERIFY_DATABASE_URL",
                        colour="warn")  # fmt: skip
    if not kept.trial_is_good:
        return found("trial restore", "The newest backup could not be restored.", "manage.py restore --check DIR",
                     since=kept.trial_at)  # fmt: skip
    old = "The last trial is older than 8 days." if at - kept.trial_at > OLDEST_TRIAL else ""
    return found("trial restore", old, "look at the Job site.verify_backup", colour="warn",
                 since=kept.trial_at + OLDEST_TRIAL)  # fmt: skip


def _seal() -> Finding:
    kept, at = safekeeping(), clock.now()
    late = "" if kept.sealed_at and at - kept.sealed_at <= OLDEST_SEAL else "History was not sealed last night."
    return found("audit seal", late, "manage.py engine", colour="warn", well=f"up to {kept.seal_day}",
                 since=kept.sealed_at + OLDEST_SEAL if kept.sealed_at else None)  # fmt: skip


CHECKS: list[Callable[[], Finding]] = [
    _server, _zone, _extensions, _role, work.grants, _migrations, _clock, _zones, _engine, work.heartbeats, _watchdog,
    _mail, _admin, _fallback, work.leads, work.ways_that_wake, work.importers, work.tokens, work.holiday_years,
    work.attachments, _backup, _trial, _seal,
]  # fmt: skip
