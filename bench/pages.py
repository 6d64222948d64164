"""Item e: lists and pages over large workspaces, room by room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import asset_pages, plan_pages, request_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.lines import Line


def measure() -> Iterator[Line]:
    """The register first, while the database holds nothing else."""
    yield from asset_pages.measure()
    yield from request_pages.measure()
    yield from plan_pages.measure()
