"""Has read the whole portal and forks a program an order. `python -m tests.chaos.nursery`, driven by `processes.Warm`.

A line of JSON on stdin is an order: `{"command": [...], "env": {...}, "log": "..."}` is answered with the number of the
new process, `{"poll": number}` with its exit code or null. Ends with its stdin. It connects to nothing, so that no two
programs share a session.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from importlib import import_module
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 (after setup)

from portal.core.startup import settle_memory  # noqa: E402
from portal.settings.env import load  # noqa: E402

PROGRAMS = (
    "portal.celery", "celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "celery.concurrency.prefork",
    "celery.worker.consumer", "kombu.transport.redis",
)  # fmt: skip


def serve() -> dict[str, Any] | None:
    """Answer orders until there are no more; in a new process, the order it is to carry out."""
    codes: dict[int, int] = {}
    for line in sys.stdin:
        order = json.loads(line)
        if "poll" in order:
            _reap(codes)
            answer = codes.get(order["poll"])
        else:
            answer = os.fork()
            if not answer:
                return dict(order)
        print(json.dumps(answer), flush=True)  # noqa: T201 (its answer)
    return None


def _reap(codes: dict[int, int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        codes[pid] = os.waitstatus_to_exitcode(status)


def become(order: dict[str, Any]) -> None:
    """What `python COMMAND` does from here on: own session, environment, output, settings from the environment."""
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for number, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
        os.dup2(source, number)
    os.environ.clear()
    os.environ.update(order["env"])
    settings.ENV = load(os.environ)
    if order["command"][0] == "-m":
        sys.argv = order["command"][1:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = order["command"]
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    for program in PROGRAMS:
        import_module(program)
    settle_memory()
    given = serve()
    if given is not None:
        become(given)
