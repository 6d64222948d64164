"""The far end of the channel: a file with the instant of each send."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path


@cache
def opened(path: str) -> int:
    """One handle a process."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def accept(handle: int) -> None:
    """Takes everything at once; a line this short is written whole."""
    os.write(handle, b"%.6f\n" % time.time())


def accepted(path: str) -> list[float]:
    """The instants so far, in order."""
    return sorted(float(line) for line in Path(path).read_text().split())


def wait_for(path: str, count: int, seconds: float) -> list[float]:
    """The instants as soon as there are `count` of them; raises `TimeoutError` after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        instants = accepted(path)
        if len(instants) >= count:
            return instants
        time.sleep(0.02 if count < 1000 else 0.2)
    message = f"{len(accepted(path))} of {count} sends after {seconds:.0f} s"
    raise TimeoutError(message)
