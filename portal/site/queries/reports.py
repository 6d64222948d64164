"""The reports that rooms registered, asked for a quarter and a team (spec site 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from portal.accounts.policies import teams_visible_to
from portal.core.domain.quarter import quarter_called, quarter_of
from portal.core.errors import DomainError, NotVisible
from portal.core.registries import ReportEntry, ReportScope, report_registry

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Report:
    """A report with its rows; one query function for page, CSV and API."""

    entry: ReportEntry
    scope: ReportScope
    rows: Sequence[tuple[Any, ...]]


def all_reports() -> list[ReportEntry]:
    """Every report in its order."""
    return sorted(report_registry.values(), key=lambda entry: (entry.order, entry.key))


def report_of(key: str, quarter: str, team: str, viewer: Any, at: datetime) -> Report:
    """The report of a quarter ("" is the running one) and of a team ("" is all).

    Raises `NotVisible` for an unknown report, `DomainError` naming `quarter` or `team`.
    """
    entry = report_registry.get(key)
    if entry is None:
        raise NotVisible
    scope = scope_of(quarter, team, viewer, at)
    return Report(entry, scope, list(entry.query(scope, viewer, at)))


def scope_of(quarter: str, team: str, viewer: Any, at: datetime) -> ReportScope:
    """The quarter in the viewer's zone, or in the team's when one is chosen."""
    chosen = None
    if team:
        chosen = teams_visible_to(viewer).filter(slug=team).first()
        if chosen is None:
            raise DomainError("site.unknown_team", f"There is no team called {team[:60]!r}.", "team")
    zone = ZoneInfo(chosen.zone if chosen is not None else getattr(viewer, "zone", "UTC") or "UTC")
    of = quarter_called(quarter) if quarter else quarter_of(at.astimezone(zone).date())
    return ReportScope(
        of, chosen, datetime.combine(of.starts_on, time(), zone), datetime.combine(of.ends_on, time(), zone)
    )
