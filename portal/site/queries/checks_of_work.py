"""Checks of the doctor on what people keep up: rights, programs, teams, duty, importers, tokens, holidays, files."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q

from oncall.models import Rota
from oncall.queries.readiness import holders_ahead
from portal.accounts.domain.vocabulary import Role
from portal.accounts.models import ApiToken, Team
from portal.accounts.queries.holidays import unconfirmed_regions
from portal.accounts.queries.teams import memberships_on
from portal.core import clock
from portal.core.models import BusinessCalendar, CalendarVersion, ImportRun, ImportSource
from portal.core.registries import append_only_registry
from portal.core.web.presentation import count_words
from portal.engine.models import Heartbeat
from portal.site.domain.findings import Finding, found

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMED = 3
TOKEN_ENDS = timedelta(days=7)
HOLIDAYS_DUE = (12, 1)  # from the first of December the next year's holidays are wanted
# A worker that has not ticked for so long is restarted by the platform (`manage.py alive worker`).
LONGEST_SILENCE, CURE = timedelta(seconds=90), "celery -A portal.celery worker -Q page,default,import,report"
GRANTS = """
SELECT relname FROM pg_class, LATERAL (
  SELECT array_agg(verb ORDER BY verb) FILTER (WHERE has_table_privilege('headwater_app', pg_class.oid, verb)) AS held
  FROM unnest(ARRAY['DELETE', 'INSERT', 'SELECT', 'TRUNCATE', 'UPDATE']) verb
) rights
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND held IS DISTINCT FROM CASE
  WHEN relname = 'django_migrations' THEN ARRAY['SELECT'] WHEN relname = ANY(%s) THEN ARRAY['INSERT', 'SELECT']
  ELSE ARRAY['DELETE', 'INSERT', 'SELECT', 'UPDATE'] END
ORDER BY relname
"""


def grants() -> Finding:
    """The application's rights on each table are those that `migrate` gives."""
    with connection.cursor() as cursor:
        cursor.execute(GRANTS, [list(append_only_registry.values())])
        wrong = [name for (name,) in cursor.fetchall()]
    problem = f"headwater_app has other rights than it should on {_few(wrong)}." if wrong else ""
    return found("grants", problem, "manage.py migrate, as headwater_owner")


def heartbeats() -> Finding:
    """Where there is a broker, a worker lives; without one there is nobody to hear of."""
    last = Heartbeat.objects.filter(component="worker").aggregate(last=Max("beat_at"))["last"]
    if not settings.ENV.redis_url:
        return found("workers", "", well="none wanted: the engine does all of it")
    if last is None:
        return found("workers", "No worker has shown life today: the engine does all of it.", CURE, colour="warn")
    late = "No worker shows life: the engine does all of it." if clock.now() - last > LONGEST_SILENCE else ""
    return found("workers", late, CURE, colour="warn", since=last)


def leads() -> Finding:
    """Every team that has people has somebody who decides for it."""
    today = clock.now().date()
    there = memberships_on(today).filter(team=OuterRef("pk"))
    teams = Team.objects.filter(Exists(there), ~Exists(there.filter(role=Role.LEAD)), archived_at=None, is_system=False)
    names = list(teams.order_by("name").values_list("name", flat=True))
    problem = f"Nobody leads {_few(names)}." if names else ""
    return found("leads", problem, "name a lead on the page of the team")


def ways_that_wake() -> Finding:
    """Whoever holds a shift in 60 days can be woken."""
    holders = holders_ahead(list(Rota.objects.filter(is_archived=False)), clock.now())
    names = [holder.name for holder in holders if not holder.is_verified]
    problem = f"Shifts are held by people whom nothing can wake: {_few(names)}." if names else ""
    return found(
        "ways that wake", problem, "they verify one at /me/notifications/", well=count_words(len(holders), "holder")
    )


def importers() -> Finding:
    """A source that said how often it comes has come within twice that time."""
    at = clock.now()
    rows = ImportSource.objects.filter(is_active=True, cadence_hours__isnull=False).annotate(
        last=Max("runs__applied_at", filter=Q(runs__state=ImportRun.State.APPLIED))
    )
    heard = [(row.name, row.last or row.created_at, timedelta(hours=2 * (row.cadence_hours or 0))) for row in rows]
    silent = {name: last + most for name, last, most in heard if at - last > most}
    problem = f"Silent for more than twice their time: {_few(sorted(silent))}." if silent else ""
    return found("importers", problem, "look at /imports/", colour="warn", since=min(silent.values(), default=None))


def tokens() -> Finding:
    """No program stands still next week because its token ended."""
    at = clock.now()
    ending = ApiToken.objects.filter(revoked_at=None, replaced_by=None, expires_at__range=(at, at + TOKEN_ENDS))
    names = list(ending.order_by("expires_at").values_list("name", flat=True))
    problem = f"{count_words(len(names), 'token ends', 'tokens end')} within 7 days: {_few(names)}." if names else ""
    return found("tokens", problem, "rotate them at /me/tokens/", colour="warn")


def holiday_years() -> Finding:
    """From December hours know next year's public holidays, and the regions that hours follow are confirmed."""
    today = clock.now().date()
    year = today.year + 1 if (today.month, today.day) >= HOLIDAYS_DUE else today.year
    newest = CalendarVersion.objects.filter(calendar=OuterRef("pk")).order_by("-n")
    rows = BusinessCalendar.objects.annotate(exceptions=newest.values("exceptions")[:1]).order_by("name")
    names = [name for name, exceptions in rows.values_list("name", "exceptions") if _lacks(exceptions or {}, year)]
    problems = [f"The public holidays of {year} are not confirmed in {_few(names)}."] if names else []
    regions = unconfirmed_regions(year)
    problems += [f"Hours follow {_few(regions)}, whose {year} nobody confirmed."] if regions else []
    return found("public holidays", " ".join(problems), "confirm them at /admin-setup/holidays/")


def _lacks(exceptions: dict[str, Any], year: int) -> bool:
    years = {date.fromisoformat(day).year for day, given in exceptions.items() if given.get("is_public_holiday")}
    return bool(years) and year not in years


def attachments() -> Finding:
    """What people upload can be kept."""
    folder = settings.ENV.attachments_dir
    problem = f"{folder} cannot be written." if folder and not os.access(folder, os.W_OK) else ""
    return found("attachments", problem, "set HEADWATER_ATTACHMENTS_DIR to a folder of this process")


def _few(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
