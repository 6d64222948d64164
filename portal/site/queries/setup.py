"""The view model of `/admin-setup/`: what `manage.py doctor` says, worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.core.queries.changes import UntilChanged
from portal.core.web.presentation import Badge, When, count_words, when
from portal.site.queries.checks import findings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.site.domain.findings import Finding

ORDER = {"bad": 0, "warn": 1, "ok": 2}
WORDS = {"bad": ("mend", "bad", "x"), "warn": ("look", "warn", "triangle-alert"), "ok": ("fine", "ok", "check")}


@dataclass(frozen=True)
class SetupRow:
    """One check."""

    name: str
    badge: Badge
    sentence: str
    cure: str
    since: When | None


@dataclass(frozen=True)
class Setup:
    """Ready strings; `lead` says how much is to do."""

    lead: str
    rows: Sequence[SetupRow]


def _setup(viewer: Any, at: datetime) -> Setup:
    found = sorted(findings(), key=lambda finding: ORDER[finding.colour])
    bad = sum(finding.colour == "bad" for finding in found)
    warn = sum(finding.colour == "warn" for finding in found)
    lead = f"{count_words(bad, 'thing')} to mend, {warn} to look at." if bad or warn else "All is well."
    return Setup(lead, [_row(finding, viewer.zone, at) for finding in found])


def _row(finding: Finding, zone: str, at: datetime) -> SetupRow:
    text, css, icon = WORDS[finding.colour]
    is_well = finding.colour == "ok"
    since = when(finding.since, zone, at) if finding.since and not is_well else None
    return SetupRow(finding.name, Badge(text, css, icon), finding.sentence, "" if is_well else finding.cure, since)


# Every check of the doctor, looked at again after any write, else once a minute.
setup = UntilChanged(_setup)
