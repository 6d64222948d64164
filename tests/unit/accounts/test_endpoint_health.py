"""When a failing endpoint is spoken of, and when it is switched off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.domain.endpoint_health import Stage, stage_of

BEGAN = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lasted", "stage"),
    [
        (timedelta(0), Stage.QUIET),
        (timedelta(hours=23, minutes=59), Stage.QUIET),
        (timedelta(days=1), Stage.TOLD),
        (timedelta(days=4, hours=23), Stage.TOLD),
        (timedelta(days=5), Stage.OFF),
    ],
)
def test_a_day_is_told_and_five_switch_off(lasted: timedelta, stage: Stage) -> None:
    assert stage_of(BEGAN, BEGAN + lasted, is_gone=False) == stage


def test_one_that_says_it_is_gone_is_switched_off_at_once() -> None:
    assert stage_of(BEGAN, BEGAN, is_gone=True) == Stage.OFF
