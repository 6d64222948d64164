"""How many questions an answer asks, and how long it takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.lines import Line
from portal.core.startup import settle_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 40
FRAME = ("django_session", '"accounts_person"."id" =', "core_ratebucket")


def times(name: str, get: Callable[[str], Any], path: str, most: int, goal: float) -> Iterator[Line]:
    """The number of questions beside those of the frame, and the p95 of a whole answer with the database.

    `most` and `goal` (milliseconds) are what they are to stay within.
    """
    get(path)
    with CaptureQueriesContext(connection) as asked:
        answer = get(path)
    if answer.status_code != 200:
        message = f"{path} answered {answer.status_code}"
        raise RuntimeError(message)
    own = [one for one in asked.captured_queries if not any(mark in one["sql"] for mark in FRAME)]
    yield Line("e", f"{name}: queries", len(own), "", 1, goal_at_most=most)
    settle_memory()  # what the filling left behind is in no process that answers
    took = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        get(path)
        took.append((time.perf_counter() - begin) * 1e3)
    yield Line("e", f"{name}: p95", sorted(took)[int(ROUNDS * 0.95)], "ms", ROUNDS, goal_at_most=goal)
