"""Counting honestly what the answers saved (spec faq 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

WINDOW = timedelta(days=7)
READ_SECONDS = 10


@dataclass(frozen=True)
class Deflection:
    """The parts of the rate: `explicit` counts presses on a fresh answer, `recontacted` those that asked after all.

    `filed` are the requests of the period, those of the recontacted among them.
    """

    explicit: int
    recontacted: int
    implicit: int
    filed: int

    @property
    def kept(self) -> int:
        """Explicit ones that held for seven days."""
        return self.explicit - self.recontacted

    @property
    def rate(self) -> float | None:
        """(explicit + implicit) / (explicit + implicit + filed); None while nobody asked anything."""
        saved = self.kept + self.implicit
        asked = saved + self.filed
        return saved / asked if asked else None

    @property
    def recontact_share(self) -> float | None:
        """The share of explicit ones that were followed by a request within seven days."""
        return self.recontacted / self.explicit if self.explicit else None

    def minutes_avoided(self, median_minutes: float) -> float:
        """An estimate: each saved ask would have cost the median of its kind."""
        return (self.kept + self.implicit) * median_minutes
