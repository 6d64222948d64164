"""What rests on too few: when it does, and what comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ownership.domain.load import Load
from ownership.domain.risks import BackupView, RiskFacts, of_asset, of_load, person_islands, weight_of

AT = datetime(2026, 6, 1, tzinfo=UTC)
ANA, BO = 1, 2
DAY = timedelta(days=1)


def kinds(**facts: Any) -> list[tuple[str, int]]:
    given: dict[str, Any] = {
        "asset": 7, "tier": 1, "downstream": 0, "accountable": ANA, "acts": [], "backups": [],
    } | facts  # fmt: skip
    return [(risk.kind, risk.party) for risk in of_asset(RiskFacts(**given), AT)]


def test_one_person_and_no_real_backup_is_an_island() -> None:
    alone = [(ANA, AT - DAY), (ANA, AT - 2 * DAY)]
    assert kinds(acts=alone) == [("island", ANA)]
    assert kinds(acts=alone, backups=[BackupView(BO, "real")]) == []
    assert kinds(acts=[*alone, (BO, AT)]) == []
    assert kinds() == []


def test_paper_and_untested_backups_are_told_apart() -> None:
    found = kinds(backups=[BackupView(BO, "paper"), BackupView(-3, "untested"), BackupView(4, "real")])
    assert found == [("paper_backup", BO), ("untested_backup", -3)]


def test_a_shadow_owner_and_days_alone_are_findings() -> None:
    assert kinds(shadow=(BO, 4), alone=[(AT + DAY, AT + 3 * DAY)]) == [("shadow_owner", BO), ("uncovered", ANA)]


def test_tier_then_reach_then_the_next_absence_decides_the_order() -> None:
    weights = [
        weight_of(1, 0),
        weight_of(2, 90),
        weight_of(2, 3, 5),
        weight_of(2, 3, 40),
        weight_of(2, 3),
        weight_of(None, 9),
    ]
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == len(weights)
    assert weight_of(None, 5) == weight_of(4, 5)


def test_overload_says_points_usual_and_boxes() -> None:
    (found,) = of_load(
        ANA, Load(52.0, 30.0, frozenset({"pipeline", "master", "metric"}), "one person holds three boxes")
    )
    assert found.detail == {
        "points": 52.0, "usual": 30.0, "boxes": ["master", "metric", "pipeline"],
        "reason": "one person holds three boxes",
    }  # fmt: skip
    assert of_load(ANA, Load(20.0, 30.0, frozenset(), "")) == []


def test_an_embedded_member_without_a_colleague_of_the_craft_is_an_island() -> None:
    found = person_islands([(ANA, 5, "DE"), (BO, 5, "SE"), (3, 5, "SE"), (4, 6, "DE"), (8, 6, "")])
    assert [(risk.party, risk.team) for risk in found] == [(ANA, 5), (4, 6)]
