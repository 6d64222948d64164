"""Jobs around the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.services.aging import age_edges
from ownership.services.closures import make_closure
from ownership.services.experiments import retire_experiments
from portal.core import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.engine.registries import JobProgress


def run_closure(args: Mapping[str, Any], progress: JobProgress) -> Mapping[str, Any]:
    """The job `ownership.closure`."""
    del progress
    return make_closure(closure_id=args["closure"], at=clock.now())


def run_aging(args: Mapping[str, Any], progress: JobProgress) -> Mapping[str, Any]:
    """The hourly job `ownership.age_edges`."""
    del args, progress
    at = clock.now()
    return {**age_edges(at=at), "experiments": retire_experiments(at=at)}
