"""Whether this process can serve: the database answers, the schema is this release's, uploads can be written."""

from __future__ import annotations

import os
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from portal.core.startup import unapplied_migrations


@dataclass
class _Seen:
    """Migrations do not vanish: once applied, the answer stands for the life of the process."""

    is_migrated: bool = False


_seen = _Seen()


def unready_reasons() -> list[str]:
    """Names of what is missing; empty when ready. Redis is none of them: hints may be absent (spec operations 5)."""
    if not _database_answers():
        return ["database"]
    reasons = [] if _is_migrated() else ["migrations"]
    folder = settings.ENV.attachments_dir
    if folder and not os.access(folder, os.W_OK):
        reasons.append("attachments")
    return reasons


def _database_answers() -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '1s'")
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _is_migrated() -> bool:
    if not _seen.is_migrated:
        _seen.is_migrated = not unapplied_migrations()
    return _seen.is_migrated
