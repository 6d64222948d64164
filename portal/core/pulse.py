"""Signs of life of a process that writes no row: a file of its own, whose age its health check reads."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir


def show_life(component: str) -> None:
    """This process goes on. A full disk ends nobody: the file grows old, and says so."""
    with suppress(OSError):
        _file(component).touch(mode=0o600)


def silent_for(component: str) -> float | None:
    """Seconds since the last sign of life on this host; None without any."""
    try:
        return max(0.0, time.time() - _file(component).stat().st_mtime)
    except OSError:
        return None


def _file(component: str) -> Path:
    return Path(gettempdir()) / f"headwater-{component}"
