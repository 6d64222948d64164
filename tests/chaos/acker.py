"""Acknowledges pages in a race with their step. `python -m tests.chaos.acker FIRST COUNT SEED`; prints the errors."""

from __future__ import annotations

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.db import DatabaseError, connection  # noqa: E402 (after setup)

from portal.accounts.models import Person  # noqa: E402
from portal.core.clock import now  # noqa: E402
from portal.core.errors import DomainError  # noqa: E402
from portal.engine.models import Deadline, Notice  # noqa: E402
from portal.engine.services.acknowledging import acknowledge_notice  # noqa: E402

THREADS = 8
PATIENCE = 60.0


def race(page: int, pause: float, actor: Person) -> str:
    """Wait for the page's notice, pause, acknowledge; note the instant after the commit."""
    until = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < until:
            notice = Notice.objects.filter(subject_type="chaos.page", subject_id=page).first()
            if notice is not None:
                break
            time.sleep(0.01)
        else:
            return "no notice"
        time.sleep(pause)
        return _acknowledge(page, notice, actor)
    finally:
        connection.close()


def _acknowledge(page: int, notice: Notice, actor: Person) -> str:
    try:
        acknowledge_notice(actor=actor, notice_id=notice.pk, via="api", at=now())
    except DomainError as error:
        return error.code
    except DatabaseError as error:
        return f"database: {error}"[:100]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO chaos_ack (id, at) VALUES (%s, clock_timestamp())", [page])
    return ""


def main() -> None:
    first, count, seed = (int(part) for part in sys.argv[1:4])
    chance = random.Random(seed)  # noqa: S311 (a seed makes a run repeatable)
    actor, _ = Person.objects.get_or_create(handle="chaos-actor", defaults={"name": "Chaos", "joined_at": now()})
    pauses = [chance.random() * 0.7 for _ in range(count)]
    with ThreadPoolExecutor(THREADS) as pool:
        errors = list(pool.map(lambda n: race(first + n, pauses[n], actor), range(count)))
    armed = Deadline.objects.filter(kind="chaos.step", state="armed").count()
    print(json.dumps({"errors": [error for error in errors if error], "armed": armed}))  # noqa: T201 (its answer)


if __name__ == "__main__":
    main()
