"""Lengths of promises as people write them: "30 min", "9 h", "1.5 days"; kept as whole counted seconds (spec sla 2)."""

from __future__ import annotations

import re
from typing import Any

from portal.core.errors import DomainError

SPAN = re.compile(r"(\d{1,5})(?:\.(\d{1,2}))?\s*(min|minutes?|h|hours?|d|days?)", re.IGNORECASE)
MINUTE, HOUR = 60, 3600
HUNDRED = 100
STEP = re.compile(r"(\d{1,3})\s*%?\s*:\s*(.+)")


def parse_span(text: str, day_seconds: int, field: str) -> int:
    """Counted seconds; a day is `day_seconds`, the calendar's nominal day. Raises `DomainError` naming the field."""
    found = SPAN.fullmatch(text.strip())
    if found is None:
        raise DomainError("sla.bad_target", f"{text[:20]!r} is no length of time. Write 30 min, 9 h or 2 days.", field)
    unit = {"m": MINUTE, "h": HOUR, "d": day_seconds}[found[3][0].casefold()]
    hundredths = int(found[1]) * HUNDRED + int((found[2] or "0").ljust(2, "0"))
    return hundredths * unit // HUNDRED


def span_words(seconds: int) -> str:
    """The shortest way to write it again: "30 min", "9 h", "1.5 h"; never in days, which depend on a calendar."""
    if seconds % HOUR == 0:
        return f"{seconds // HOUR} h"
    if seconds % MINUTE == 0:
        return f"{seconds // MINUTE} min"
    return f"{seconds / MINUTE:.2f} min"


def parse_ladder(text: str) -> list[dict[str, Any]]:
    """A ladder from lines such as "80: assignee, backup"; raises `DomainError` (`sla.bad_ladder`)."""
    rows = []
    for line in text.splitlines():
        if not line.strip():
            continue
        found = STEP.fullmatch(line.strip())
        if found is None:
            raise DomainError("sla.bad_ladder", f"{line.strip()[:40]!r}: write 80: assignee, backup.", "ladder")
        audience = [word.strip().replace(" ", "_") for word in found[2].split(",") if word.strip()]
        rows.append({"percent": int(found[1]), "audience": audience})
    return rows


def ladder_text(ladder: list[dict[str, Any]]) -> str:
    """The same as lines again."""
    return "\n".join(f"{row['percent']}: {', '.join(row['audience'])}" for row in ladder)
