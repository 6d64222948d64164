"""The short leg of the fault suite; `make chaos` runs all of it. Counts are asserted, lags are printed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.chaos.checker import BUILD
from tests.chaos.legs import FAILPOINTS
from tests.chaos.processes import ROOT

SECONDS = 570


@pytest.mark.chaos
def test_no_page_is_lost_early_or_sent_under_a_second_key_whatever_is_killed() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--short", "--seed", "1"],
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    print(run.stdout)  # noqa: T201 (the figures and the seed)
    assert run.returncode == 0, run.stdout + run.stderr[-2000:]
    figures = {leg: json.loads((BUILD / f"{leg}-1.json").read_text()) for leg in ("F1", "F2", "F11", "F12")}
    assert figures["F1"]["self_kills"] == len(FAILPOINTS)
    assert figures["F2"]["pages"] == 400
    assert figures["F2"]["outer_faults"] >= 60
    assert figures["F12"]["control_lost"] > 0
    assert figures["F12"]["control_loop_lost"] > 0
