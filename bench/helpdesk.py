"""The peer of items c and e: django-helpdesk on the same server, in an environment of its own.

`python -m bench.helpdesk` runs there and prints one JSON object: tickets escalated a second, and CPU milliseconds and
questions of the list's data, at 100,000 tickets.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import venv
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django
import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse

PACKAGE = "django-helpdesk==2.6.1"
DRIVER = "psycopg2-binary==2.9.13"
DATABASE = "helpdesk_peer"
URL = "BENCH_PEER_URL"
TICKETS, DUE, QUEUES, ROUNDS = 100_000, 1_000, 20, 5
LIST = "eyJzb3J0aW5nIjogImNyZWF0ZWQifQ=="  # {"sorting": "created"}, as its own list page asks


@lru_cache(maxsize=1)
def figures() -> dict[str, float]:
    """What the peer reaches here and now; once a run."""
    home = Path(__file__).parents[1] / ".headwater" / "bench" / "helpdesk"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", PACKAGE, DRIVER], check=True)
    server = os.environ["BENCH_SERVER_URL"]
    admin = psycopg2.connect(server)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    admin.close()
    asked = subprocess.run(
        [python, "-m", "bench.helpdesk"], cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], URL: server.rpartition("/")[0] + f"/{DATABASE}"},
    )  # fmt: skip
    found: dict[str, float] = json.loads(asked.stdout.splitlines()[-1])
    return found


def main() -> None:
    """In the peer's environment: an empty database, its tickets, and what it takes."""
    _set_up()
    call_command("migrate", verbosity=0)
    call_command("loaddata", "emailtemplate.json", verbosity=0)
    staff = import_module("django.contrib.auth.models").User.objects.create_superuser("ada", "ada@bench.test", "x")
    _fill(staff)
    begin = time.perf_counter()
    call_command("escalate_tickets")
    rate = DUE / (time.perf_counter() - begin)
    cpu, queries = _list(staff)
    print(json.dumps({"escalated": rate, "list_cpu_ms": cpu, "list_queries": queries}))


def _set_up() -> None:
    url = urlsplit(os.environ[URL])
    parts = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles", "sites", "humanize"]
    settings.configure(
        SECRET_KEY="".join(["bench"] * 8), USE_TZ=True, SITE_ID=1, ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in parts), "rest_framework", "helpdesk"],
        MIDDLEWARE=[f"django.contrib.{name}" for name in (
            "sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware",
            "messages.middleware.MessageMiddleware")],
        DATABASES={"default": {
            "ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "USER": url.username, "HOST": url.hostname,
            "PASSWORD": unquote(url.password or ""), "PORT": url.port}},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
            "context_processors": ["django.template.context_processors.request",
                                   "django.contrib.auth.context_processors.auth",
                                   "django.contrib.messages.context_processors.messages"]}}],
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend", STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField", HELPDESK_TEAMS_MODE_ENABLED=False,
        HELPDESK_ACTIVATE_API_ENDPOINT=False,
    )  # fmt: skip
    django.setup()
    settings.ROOT_URLCONF = (path("", include("helpdesk.urls")),)


def _fill(staff: Any) -> None:
    """A hundred thousand tickets in twenty queues, a hundredth of them due to escalate."""
    models = import_module("helpdesk.models")
    now = datetime.fromtimestamp(time.time(), UTC)
    queues = [models.Queue.objects.create(title=f"Queue {n}", slug=f"q{n}", escalate_days=2) for n in range(QUEUES)]
    each = TICKETS // DUE
    models.Ticket.objects.bulk_create(
        [
            models.Ticket(
                title=f"Why did revenue fall in week {n}?", queue=queues[n % QUEUES], status=1, priority=3,
                submitter_email="ada@bench.test", assigned_to=staff, created=now - timedelta(days=30),
                modified=now, secret_key=str(n), last_escalation=now - timedelta(days=9 if n % each == 0 else 0),
            )
            for n in range(TICKETS)
        ],
        batch_size=5_000,
    )  # fmt: skip


def _list(staff: Any) -> tuple[float, int]:
    """The data of its list of tickets: the least CPU milliseconds, and its questions to the database."""
    client, place = Client(), reverse("helpdesk:datatables_ticket_list", args=[LIST])
    client.force_login(staff)
    asked = {
        "draw": "1",
        "start": "0",
        "length": "25",
        "order[0][column]": "0",
        "order[0][dir]": "asc",
        "search[value]": "",
    }
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        answer = client.get(place, asked)
        best = min(best, time.process_time() - begin)
        if answer.status_code != 200:
            sys.exit(f"the list answered {answer.status_code}")
    with CaptureQueriesContext(connection) as queries:
        client.get(place, asked)
    return best * 1e3, len(queries)


if __name__ == "__main__":
    main()
