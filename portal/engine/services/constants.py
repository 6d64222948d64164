"""The intervals this process runs with, and its name in the record."""

from __future__ import annotations

import os
import socket

from django.conf import settings

from portal.engine.domain.profiles import profile

CONSTANTS = profile(settings.ENV.engine_profile)
EPOCH = 1
# For a transaction that finds every row by its key. The server plans the check of a foreign key once a session; planned
# while the tables were empty, it would read whole tables at each commit until statistics come.
BY_KEY = "SET LOCAL enable_seqscan = off;"


def holder(component: str) -> str:
    """Who holds a lease or fired a deadline, e.g. `engine:host-3:4711`."""
    return f"{component}:{socket.gethostname()[:60]}:{os.getpid()}"
