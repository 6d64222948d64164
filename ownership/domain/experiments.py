"""An experiment runs from a day to a day and ends in a decision; 90 days later it leaves the lists (spec additions)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "experiment"
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Experiment:
    """When it runs, both days included, and what was decided; nothing of it need be known yet."""

    starts_on: date | None = None
    ends_on: date | None = None
    decision: str = ""

    @property
    def is_in_order(self) -> bool:
        """It does not end before it starts."""
        return self.starts_on is None or self.ends_on is None or self.starts_on <= self.ends_on

    def as_facts(self) -> dict[str, str]:
        """As it is kept with the asset; empty parts are left out."""
        told = {"starts_on": _iso(self.starts_on), "ends_on": _iso(self.ends_on), "decision": self.decision}
        return {name: value for name, value in told.items() if value}


def experiment_of(attrs: Mapping[str, Any]) -> Experiment:
    """What is kept with an asset."""
    told = attrs.get(KEY) or {}
    return Experiment(_day(told.get("starts_on")), _day(told.get("ends_on")), str(told.get("decision", "")))


def last_day_kept(today: date) -> date:
    """Experiments that ended before this day retire today."""
    return today - KEPT


def _iso(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None
