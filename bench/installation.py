"""A Headwater with a PostgreSQL of its own that survives a power cut: nothing is tuned away that a user would keep."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django
import psycopg2

from deploy.local import postgres
from portal.core.startup import settle_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".headwater" / "bench"
DATABASE = "headwater_bench"
OWNER = "BENCH_OWNER_URL"
SERVER = {"max_wal_size": "4GB", "shared_buffers": "512MB"}


@contextmanager
def installation() -> Iterator[None]:
    """Start the server, make an empty database, and set Django up as the application's role."""
    cluster = postgres.prepare(HOME)
    postgres.stop_orphan(cluster)
    server = cluster.start(SERVER)
    try:
        _alone(cluster.url("postgres", "postgres"), f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cluster.bootstrap(DATABASE)
        os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.test"
        os.environ["HEADWATER_SEMANTIC"] = "yes"  # the suite's settings leave the model out
        owner = os.environ | {"DATABASE_URL": cluster.url("headwater_owner", DATABASE)}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=owner, check=True)
        os.environ["DATABASE_URL"] = cluster.url("headwater_app", DATABASE)
        os.environ["BENCH_SERVER_URL"] = cluster.url("postgres", "postgres")
        os.environ[OWNER] = cluster.url("headwater_owner", DATABASE)
        django.setup()
        settle_memory()
        yield
    finally:
        postgres.stop(server)


def vacuum() -> None:
    """Fresh statistics and a clean visibility map, which autovacuum would have made by then."""
    alone("VACUUM ANALYZE")


def alone(statement: str) -> None:
    """One statement outside any transaction, by the owner of the tables."""
    _alone(os.environ[OWNER], statement)


def _alone(url: str, statement: str) -> None:
    """One statement outside any transaction."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
