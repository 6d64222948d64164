"""What the watchdog's database role may read: the state of the engine and the newest seal, never an address."""

from __future__ import annotations

from django.db import connection

RIGHTS = """
GRANT SELECT ON engine_control, engine_heartbeat TO headwater_watch;
GRANT SELECT (id, kind, state, run_at, due_at, fired_at) ON engine_deadline TO headwater_watch;
GRANT SELECT (id, state, run_at, channel) ON engine_delivery TO headwater_watch;
GRANT SELECT (id, state, severity, is_unrouted, created_at) ON engine_notice TO headwater_watch;
GRANT SELECT (id, table_name, day, sha256) ON core_auditseal TO headwater_watch;
"""


def grant_watch_rights() -> None:
    """Runs after each migrate; only the owner of the tables can grant, for anybody else it does nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = 'headwater_owner'")
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute(RIGHTS)
