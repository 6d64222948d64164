"""Token buckets in PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.core.errors import TooMany
from portal.core.services.rates import take

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_the_sixth_try_of_five_is_refused_with_the_seconds_to_wait() -> None:
    for _ in range(5):
        take(key="sign-in", capacity=5, per_seconds=900, at=START)
    with pytest.raises(TooMany) as caught:
        take(key="sign-in", capacity=5, per_seconds=900, at=START)
    assert caught.value.extra == {"retry_after": 180}


def test_a_bucket_refills_with_time() -> None:
    for _ in range(5):
        take(key="sign-in", capacity=5, per_seconds=900, at=START)
    take(key="sign-in", capacity=5, per_seconds=900, at=START + timedelta(seconds=180))


def test_two_keys_do_not_share_a_bucket() -> None:
    take(key="a", capacity=1, per_seconds=60, at=START)
    take(key="b", capacity=1, per_seconds=60, at=START)


def test_a_clock_that_runs_backwards_gives_no_tokens() -> None:
    take(key="a", capacity=1, per_seconds=60, at=START)
    with pytest.raises(TooMany):
        take(key="a", capacity=1, per_seconds=60, at=START - timedelta(hours=1))
