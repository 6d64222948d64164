"""What a name that nobody knows probably means: the same words without a place before or a job's word around them."""

from __future__ import annotations

import re

# What senders put around the name of a table.
AROUND = ("dag", "dbt", "etl", "job", "load", "model", "pipeline", "prod", "run", "task")
PLACES = re.compile(r"[./:]+")
SEAMS = re.compile(r"[\s\-]+")
MOST = 6


def likely_names(name: str) -> list[str]:
    """Small-letter names to look for, the likeliest first, at most six.

    `prod.growth.Growth-Daily_dag` may be `growth.growth_daily_dag`, `growth_daily_dag` or `growth_daily`.
    """
    whole = SEAMS.sub("_", name.strip().lower())
    parts = [part for part in PLACES.split(whole) if part]
    found = [whole, *(".".join(parts[n:]) for n in range(1, len(parts)))]
    bare = parts[-1] if parts else ""
    for _ in AROUND:
        before, bare = bare, _peeled(bare)
        if bare == before:
            break
        found.append(bare)
    return [each for each in dict.fromkeys(found) if each][:MOST]


def _peeled(text: str) -> str:
    """Without one word of a sender before or behind."""
    for word in AROUND:
        text = text.removeprefix(f"{word}_").removesuffix(f"_{word}")
    return text
