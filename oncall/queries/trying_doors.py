"""What a body would do at a door: read by the door's own reader, judged as at night. Writes nothing, pages nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oncall.domain.signals import ACKNOWLEDGED, FIRING, parse
from oncall.queries.naming import assets_named
from oncall.queries.simulating import rehearse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from oncall.domain.signals import Signal
    from oncall.models import Integration
    from oncall.queries.simulating import Rehearsal
    from ownership.models import Asset

MOST_TRIED = 20


@dataclass(frozen=True)
class TriedSignal:
    """One signal, the asset it names, and what would happen now; `rehearsal` is None for what does not fire."""

    signal: Signal
    asset: Asset | None
    rehearsal: Rehearsal | None

    @property
    def effect(self) -> str:
        """What it would do, in a sentence."""
        if self.signal.status == ACKNOWLEDGED:
            return "It is noted on the incident; whoever is paged here still decides here."
        if self.signal.status != FIRING:
            return "It closes the alert with this key."
        if self.asset is None:
            return "No asset is called so: the team of this door is paged at once."
        decision = self.rehearsal.decision if self.rehearsal is not None else None
        if decision is None or (decision.is_now and decision.pages):
            return f"An incident of {self.asset.name} that pages at once."
        then = "then pages" if decision.pages else "then becomes a task"
        return f"An incident of {self.asset.name} that waits as agreed, {then}."


def try_body(integration: Integration, body: Mapping[str, Any], at: datetime) -> list[TriedSignal]:
    """The signals of a body, at most 20 looked at. Raises `DomainError` `oncall.bad_signal` with the field."""
    found = []
    for signal in parse(integration.kind, body, integration.mapping)[:MOST_TRIED]:
        asset = assets_named(signal.names)
        fires = signal.status == FIRING and asset is not None
        found.append(TriedSignal(signal, asset, rehearse(asset, at) if fires and asset is not None else None))
    return found
