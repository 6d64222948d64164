"""Late or not, from results and promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ownership.domain.freshness import FRESHNESS, LANDED, RUN, Word, promise_of, standing

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ago(hours: float) -> datetime:
    return AT - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("words", "promise", "since"),
    [
        ({}, None, None),
        ({}, 2, None),
        ({RUN: ("success", 1)}, 2, None),
        ({RUN: ("success", 3)}, 2, 1),
        ({RUN: ("success", 2)}, 2, None),
        ({RUN: ("failed", 3)}, None, 3),
        ({RUN: ("failed", 3), LANDED: ("complete", 5)}, 1, 4),
        ({FRESHNESS: ("error", 2)}, None, 2),
        ({FRESHNESS: ("warn", 2)}, None, None),
        ({RUN: ("skipped", 1), LANDED: ("complete", 1)}, 2, None),
    ],
)
def test_an_asset_is_late_by_failure_or_by_promise(
    words: dict[str, tuple[str, float]], promise: float | None, since: float | None
) -> None:
    found = standing(
        {what: Word(value, ago(hours)) for what, (value, hours) in words.items()},
        timedelta(hours=promise) if promise is not None else None,
        AT,
    )
    assert (found.is_late, found.since) == (since is not None, None if since is None else ago(since))


@pytest.mark.parametrize(
    ("attrs", "hours"),
    [
        ({}, None),
        ({"dbt": {"freshness": {"warn_after": {"count": 6, "period": "hour"}}}}, 6),
        ({"dbt": {"freshness": {"warn_after": {"count": 6, "period": "hour"},
                                "error_after": {"count": 1, "period": "day"}}}}, 24),
        ({"odcs": {"sla": [{"property": "freshness", "value": 90, "unit": "minutes"}]}}, 1.5),
        ({"odcs": {"sla": [{"property": "latency", "value": 2, "unit": "d"},
                           {"property": "retention", "value": 1, "unit": "h"}]}}, 48),
        ({"odcs": {"sla": [{"property": "freshness", "value": "soon", "unit": "h"}]}}, None),
        ({"dbt": "x", "odcs": None}, None),
    ],
)  # fmt: skip
def test_the_strictest_promise_counts(attrs: dict[str, Any], hours: float | None) -> None:
    found = promise_of(attrs)
    assert found == (None if hours is None else timedelta(hours=hours))
