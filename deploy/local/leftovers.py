"""Finds and ends what an earlier `make up` of this checkout left running.

The supervisor leads a session of its own, and the kernel gives no new process the number of a session that still has
members: so even after the supervisor was killed its children are found, and nobody else's.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from pathlib import Path

GRACE_SECONDS = 22


def record(path: Path, supervisor: int) -> None:
    """Write down who runs: the command itself and its supervisor, each with its start time."""
    path.write_text(json.dumps({name: [pid, started(pid)] for name, pid in _pids(supervisor)}), encoding="utf-8")


def _pids(supervisor: int) -> list[tuple[str, int]]:
    return [("up", os.getpid()), ("supervisor", supervisor)]


def started(pid: int) -> float:
    """When the process began, in seconds since 1970; 0 if there is none."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).create_time()
    return 0.0


def stop_recorded(path: Path) -> bool:
    """End what the pid file names, gently first; returns whether anything ran. The file is gone afterwards."""
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    found = False
    for name in ("up", "supervisor"):
        pid, since = noted[name]
        if started(pid) == since and pid != os.getpid():
            found = True
            _end(pid)
    pid, since = noted["supervisor"]
    found = stop_session(pid, since) or found
    path.unlink(missing_ok=True)
    return found


def stop_session(leader: int, since: float) -> bool:
    """End every process of a session whose leader may be dead: TERM, then INT for PostgreSQL, then KILL."""
    if not _members(leader, since):
        return False
    for wanted, seconds in ((signal.SIGTERM, 5), (signal.SIGINT, 5), (signal.SIGKILL, 5)):
        for member in _members(leader, since):
            with contextlib.suppress(psutil.Error):
                member.send_signal(wanted)
        psutil.wait_procs(_members(leader, since), timeout=seconds)
    return True


def _members(leader: int, since: float) -> list[psutil.Process]:
    if started(leader) not in (0.0, since):
        return []  # the number belongs to somebody else now
    members = []
    for pid in psutil.pids():
        with contextlib.suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            if os.getsid(pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
    return members


def _end(pid: int) -> None:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.1)
        if process.is_running():
            process.kill()
