"""Token buckets in PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.core import clock
from portal.core.errors import TooMany
from portal.core.services.rates import take
from tests.contract.cast import make_cast

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_the_sixth_try_of_five_is_refused_with_the_seconds_to_wait() -> None:
    for _ in range(5):
        take(key="sign-in", capacity=5, per_seconds=900, at=START)
    with pytest.raises(TooMany) as caught:
        take(key="sign-in", capacity=5, per_seconds=900, at=START)
    assert caught.value.extra == {"retry_after": 180}


def test_each_token_taken_says_how_many_are_left() -> None:
    assert [take(key="a", capacity=3, per_seconds=60, at=START) for _ in range(3)] == [2, 1, 0]


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


def test_a_program_is_told_its_rate_and_a_browser_that_reads_has_none() -> None:
    cast = make_cast(["people:read"], at=clock.now())
    answers = [cast.client("token").get("/api/v1/people/") for _ in range(2)]
    assert [answer["RateLimit"] for answer in answers] == ['"read";r=599', '"read";r=598']
    assert answers[0]["RateLimit-Policy"] == '"read";q=600;w=60'
    assert "RateLimit" not in cast.client("lead").get("/api/v1/people/")
