"""Places where the fault suite kills its own process with SIGKILL; production refuses to start with any set."""

from __future__ import annotations

import os
import random
import signal
from functools import lru_cache

from django.conf import settings


@lru_cache(maxsize=1)
def _armed() -> dict[str, float]:
    pairs = (part.partition(":") for part in settings.ENV.failpoints.split(",") if part)
    return {name: float(chance or 1) for name, _, chance in pairs}


def reach(name: str) -> None:
    """Die here with the probability that `HEADWATER_FAILPOINTS` gives this name; nothing otherwise."""
    chance = _armed().get(name) or _armed().get("*", 0.0)
    if chance and random.random() < chance:  # noqa: S311 (no secret hangs on it)
        os.kill(os.getpid(), signal.SIGKILL)
