"""The view model of `/admin-setup/`: what `manage.py doctor` says, worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.core.web.presentation import Badge, count_words
from portal.site.queries.checks import findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.site.queries.checks import Finding

ORDER = {"bad": 0, "warn": 1, "ok": 2}
WORDS = {"bad": ("mend", "bad", "x"), "warn": ("look", "warn", "triangle-alert"), "ok": ("fine", "ok", "check")}


@dataclass(frozen=True)
class SetupRow:
    """One check."""

    name: str
    badge: Badge
    sentence: str
    cure: str


@dataclass(frozen=True)
class Setup:
    """Ready strings; `lead` says how much is to do."""

    lead: str
    rows: Sequence[SetupRow]


def setup() -> Setup:
    """Every check of the doctor, run now."""
    found = sorted(findings(), key=lambda finding: ORDER[finding.colour])
    bad = sum(finding.colour == "bad" for finding in found)
    warn = sum(finding.colour == "warn" for finding in found)
    lead = f"{count_words(bad, 'thing')} to mend, {warn} to look at." if bad or warn else "All is well."
    return Setup(lead, [_row(finding) for finding in found])


def _row(finding: Finding) -> SetupRow:
    text, css, icon = WORDS[finding.colour]
    cure = finding.cure if finding.colour != "ok" else ""
    return SetupRow(finding.name, Badge(text, css, icon), finding.sentence, cure)
