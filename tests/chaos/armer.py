"""T0: arms pages through the service. `python -m tests.chaos.armer FIRST COUNT DELAY SPREAD [ladder] [to=bad]`."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 (after setup)

from portal.core.clock import now  # noqa: E402
from portal.engine.domain.drafts import DeadlineDraft  # noqa: E402
from portal.engine.domain.subjects import Subject  # noqa: E402
from portal.engine.services.arming import arm_deadline, arm_deadlines  # noqa: E402
from portal.engine.services.enqueueing import enqueue_job  # noqa: E402
from tests.chaos.house.pages import KIND, TYPE  # noqa: E402

ONE_BY_ONE = 1000


def main() -> None:
    first, count, delay, spread = (float(part) for part in sys.argv[1:5])
    more: dict[str, object] = {"last": 1, "wait": 0.3} if "ladder" in sys.argv else {}
    more |= dict(word.split("=") for word in sys.argv if word.startswith("to="))
    start = now() + timedelta(seconds=delay)
    due = [(int(first) + n, start + timedelta(seconds=spread * n / count)) for n in range(int(count))]
    if count > ONE_BY_ONE:
        _all(due)
        return
    for page, due_at in due:
        with transaction.atomic():
            _subject(page)
            subject = Subject(TYPE, page)
            arm_deadline(actor=None, kind=KIND, subject=subject, due_at=due_at, payload=more, at=now())
    enqueue_job(actor=None, kind="chaos.job", at=now())


def _subject(page: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO chaos_page (id) VALUES (%s)", [page])


def _all(due: list[tuple[int, datetime]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO chaos_page (id) SELECT unnest(%s)", [[page for page, _ in due]])
        for start in range(0, len(due), 500):
            part = due[start : start + 500]
            drafts = [DeadlineDraft(KIND, Subject(TYPE, page), due_at) for page, due_at in part]
            arm_deadlines(drafts=drafts, at=now())


if __name__ == "__main__":
    main()
