"""What a backup says of itself, and which backups are kept."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.core.release import RELEASE
from portal.site.domain.backups import (
    Manifest,
    TableFacts,
    differences,
    kept,
    name_of,
    read_manifest,
    refusals,
)

NIGHT = datetime(2026, 11, 27, 3, 30, tzinfo=UTC)
MANIFEST = Manifest(
    taken_at=NIGHT.isoformat(), release="0.1.0", server=180006, migrations=["core.0001_initial"],
    tables={"core_setting": TableFacts(3, "17")}, seals={"core_auditentry": "ab"}, keys=["k1"], dump_sha256="cd",
    files={"f1": "ef"},
)  # fmt: skip


def test_the_release_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert project["version"] == RELEASE


def test_a_manifest_reads_back_what_was_written() -> None:
    assert read_manifest(MANIFEST.text()) == MANIFEST


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"tables": 3}', MANIFEST.text().replace('"format": 1', '"format": 2')]
)
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="manifest"):
        read_manifest(text)


def test_a_newer_schema_and_an_unknown_key_are_refused() -> None:
    assert refusals(MANIFEST, migrations={"core.0001_initial"}, keys={"k1", "k2"}) == []
    newer = replace(MANIFEST, migrations=["core.0001_initial", "core.0099_later"])
    assert refusals(newer, migrations={"core.0001_initial"}, keys=["k2"]) == [
        "the backup's schema is newer than this code: core.0099_later",
        "HEADWATER_DATA_KEYS lacks the key with fingerprint k1",
    ]


def test_a_table_that_differs_is_named_with_both_counts() -> None:
    wanted = {"a": TableFacts(1, "5"), "b": TableFacts(2, "5"), "c": TableFacts(3, "5"), "d": TableFacts(4, "5")}
    found = {"a": TableFacts(1, "5"), "b": TableFacts(1, "5"), "c": TableFacts(3, "6")}
    assert differences(wanted, found) == [
        "b has 1 rows, the backup 2", "c has the rows of the backup with other content", "d is missing",
    ]  # fmt: skip


def test_two_years_of_nights_leave_14_days_8_weeks_and_12_months() -> None:
    nights = {name_of(NIGHT - timedelta(days=number)) for number in range(730)}
    keep = kept(nights)
    newest = sorted(nights)[-14:]
    assert set(newest) <= keep
    assert len({name[10:16] for name in keep}) == 12
    assert 14 + 6 + 10 <= len(keep) <= 14 + 8 + 12


def test_what_is_no_backup_is_never_thinned_out() -> None:
    assert kept({"notes", "headwater-yesterday", name_of(NIGHT)}) == {name_of(NIGHT)}
