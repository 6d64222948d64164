"""When an edge that only events can show counts as old, and when as gone (spec ownership 15).

Old after max(`LEAST`, `INTERVALS` usual intervals of its source) without a sight of it; gone when its job completed
`RUNS_WITHOUT` later runs without it, or after `GONE_AFTER`. Applied by one statement in `services/aging.py`.
"""

from __future__ import annotations

from datetime import timedelta

LEAST = timedelta(days=7)
INTERVALS = 3
RUNS_WITHOUT = 3
GONE_AFTER = timedelta(days=90)
# Importers whose edges come from events of runs, one by one, never as a whole.
EVENT_SOURCES = ("openlineage",)
