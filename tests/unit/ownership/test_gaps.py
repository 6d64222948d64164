"""Each gap opens for its own reason and for no other (spec ownership 8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ownership.domain.gaps import GAP_KINDS, GapFacts, find_gaps

FINE = GapFacts(
    tier=1, has_owner=True, is_unowned_on_purpose=False, owner_is_inactive=False, team_is_empty=False, unresolved=(),
    waiting_too_long=(), was_not_confirmed=False, has_backup=True, has_document=True, other_team="",
)  # fmt: skip


def test_an_asset_with_everything_has_no_gap() -> None:
    assert find_gaps(FINE) == {}


@pytest.mark.parametrize(
    ("kind", "change", "detail"),
    [
        ("no_owner", {"has_owner": False, "has_backup": False}, {}),
        ("no_owner", {"acting_team": "Data Platform"}, {"acting": "Data Platform"}),
        ("owner_inactive", {"owner_is_inactive": True}, {}),
        (
            "unresolved",
            {"has_owner": False, "is_unowned_on_purpose": True, "unresolved": ("j.doe",)},
            {"names": ["j.doe"]},
        ),
        ("empty_team", {"team_is_empty": True}, {}),
        ("not_accepted", {"waiting_too_long": ("Bob",)}, {"asked": ["Bob"]}),
        ("not_confirmed", {"was_not_confirmed": True}, {}),
        ("no_backup", {"has_backup": False}, {}),
        ("no_document", {"has_document": False}, {}),
        ("split_owner", {"other_team": "Checkout"}, {"other_team": "Checkout"}),
    ],
)
def test_each_gap_opens_for_its_own_reason(kind: str, change: dict[str, object], detail: dict[str, object]) -> None:
    assert find_gaps(replace(FINE, **change)) == {kind: detail}  # type: ignore[arg-type] # one field each


def test_every_kind_of_gap_names_one_act() -> None:
    assert all(kind.label and kind.act for kind in GAP_KINDS.values())
    assert set(GAP_KINDS) == {
        "no_owner", "owner_inactive", "unresolved", "empty_team", "not_accepted", "not_confirmed", "no_backup",
        "no_document", "split_owner",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tier", "kinds"), [(1, {"no_backup", "no_document"}), (2, {"no_backup"}), (3, set()), (None, set())]
)
def test_backups_are_asked_for_in_tiers_1_and_2_and_documents_in_tier_1(tier: int | None, kinds: set[str]) -> None:
    assert set(find_gaps(replace(FINE, tier=tier, has_backup=False, has_document=False))) == kinds


def test_nobody_on_purpose_is_no_gap() -> None:
    assert find_gaps(replace(FINE, tier=3, has_owner=False, has_backup=False, is_unowned_on_purpose=True)) == {}
