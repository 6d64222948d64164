"""One job or dataset and the newest word on each of its facets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ownership.importers.openlineage.events import Named

OLDEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Node:
    """What all events say about one job or dataset; facets with the instant of their newest word."""

    key: str
    named: Named
    is_job: bool
    # Named by an event itself, not only by a facet of something else.
    is_named: bool = False
    facets: dict[str, tuple[datetime, Any]] = field(default_factory=dict)

    def hear(self, found: dict[str, Any], at: datetime) -> None:
        """Keep each facet unless a newer one is known."""
        for name, facet in found.items():
            known = self.facets.get(name)
            if known is None or known[0] <= at:
                self.facets[name] = (at, facet)

    def facet(self, name: str) -> dict[str, Any]:
        """The newest facet; empty when there is none, or it was deleted."""
        _, found = self.facets.get(name, (OLDEST, {}))
        return {} if found.get("_deleted") is True else found

    def said(self, name: str) -> datetime | None:
        """When the facet was last said; None when it never was."""
        return self.facets[name][0] if name in self.facets else None
