"""How the suite starts a program: cold, by a command line, or warm, as a fork of a process that has read the portal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[2]
PAUSE = 0.02


class Process(Protocol):
    """What the keeper asks of a program, as `subprocess.Popen` answers it."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def terminate(self) -> None: ...


class Cold:
    """Every program is a command line of its own, as in production."""

    def start(self, command: Sequence[str], env: Mapping[str, str], log: Path) -> Process:
        """The program, at work in a session of its own; what it prints is added to the log."""
        with log.open("ab") as out:
            return subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)

    def close(self) -> None:
        return


class Warm(Cold):
    """A program of Python is forked by the nursery; a start costs milliseconds instead of seconds of two cores."""

    def __init__(self, env: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "tests.chaos.nursery"]
        self._nursery = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._turn = threading.Lock()

    def start(self, command: Sequence[str], env: Mapping[str, str], log: Path) -> Process:
        if command[0] != sys.executable:
            return super().start(command, env, log)
        return Fork(self, self.ask({"command": list(command[1:]), "env": dict(env), "log": str(log)}))

    def ask(self, order: Mapping[str, Any]) -> Any:
        """What the nursery answers; the keeper and the leg take turns."""
        orders, answers = self._nursery.stdin, self._nursery.stdout
        if orders is None or answers is None:
            raise RuntimeError("the nursery has no pipes")
        with self._turn:
            orders.write(json.dumps(order) + "\n")
            orders.flush()
            return json.loads(answers.readline())

    def close(self) -> None:
        self._nursery.communicate(timeout=20)


class Fork:
    """A child of the nursery."""

    def __init__(self, warm: Warm, pid: int) -> None:
        self._warm = warm
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code as `Popen` says it, None while it lives."""
        if self.returncode is None:
            self.returncode = self._warm.ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; raises `TimeoutExpired` when it lives longer than that."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and timeout is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(PAUSE)
        return code

    def terminate(self) -> None:
        kill(self.pid, signal.SIGTERM)


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """A signal to a process that this suite started; gone is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
