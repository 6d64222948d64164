"""A backup on paper, an untested one, and a real one are told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ownership.domain.evidence import BEHAVIOUR, WEIGHTS, BackupFacts, backup_state

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def days(count: float) -> datetime:
    return AT - timedelta(days=count)


@pytest.mark.parametrize(
    ("accepted", "own", "anybody", "state"),
    [
        (29.9, None, None, "real"),
        (30, None, None, "untested"),
        (30, None, 10, "paper"),
        (400, 179, 10, "real"),
        (400, 180, 180, "real"),
        (400, 181, 10, "paper"),
        (400, 181, 181, "untested"),
    ],
)
def test_a_backup_is_real_by_its_own_work_of_half_a_year(
    accepted: float, own: float | None, anybody: float | None, state: str
) -> None:
    facts = BackupFacts(days(accepted), None if own is None else days(own), None if anybody is None else days(anybody))
    assert backup_state(facts, AT) == state


def test_words_are_no_work() -> None:
    assert set(WEIGHTS) - BEHAVIOUR == {"declared", "codeowners"}
