"""`python -m bench.engine_process SINK`: what `manage.py engine` runs, with the bench's room registered."""

from __future__ import annotations

import signal
import sys

import django

django.setup()

from bench.room import room  # noqa: E402 (the registries open with Django)
from portal.engine.services.running import Engine  # noqa: E402


def main(sink: str) -> None:
    """Until SIGTERM."""
    engine = Engine()
    signal.signal(signal.SIGTERM, lambda *_: engine.stop())
    with room(sink):
        engine.run()


if __name__ == "__main__":
    main(sys.argv[1])
