"""What would stand without somebody."""

from __future__ import annotations

from ownership.domain.bus import Stake, ordered


def stake(name: str, tier: int | None, *backups: tuple[str, str], is_primary: bool = True) -> Stake:
    return Stake(1, name, name, 20, tier, is_primary, backups)


def test_only_a_backup_who_has_worked_on_it_covers() -> None:
    assert stake("a", 1).outcome == "nobody"
    assert stake("a", 1, ("Bo", "paper"), ("Ca", "untested")).outcome == "on_paper"
    assert stake("a", 1, ("Bo", "paper"), ("Ca", "real")).outcome == "covered"
    assert stake("a", 1, ("Bo", "paper"), ("Ca", "real")).heirs == ("Ca", "Bo")


def test_the_last_real_backup_leaves_the_owner_without_cover() -> None:
    assert stake("a", 1, is_primary=False).outcome == "last_backup"
    assert stake("a", 1, ("Bo", "paper"), is_primary=False).outcome == "last_backup"
    assert stake("a", 1, ("Bo", "real"), is_primary=False).outcome == "covered"


def test_the_most_important_and_worst_come_first() -> None:
    found = ordered([
        stake("d", None), stake("b", 1, ("Bo", "paper")), stake("c", 2), stake("a", 1, ("Bo", "real")), stake("e", 1),
    ])  # fmt: skip
    assert [each.name for each in found] == ["e", "b", "a", "c", "d"]
