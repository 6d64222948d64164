"""What kinds of asset there are, where each stands in the flow, and whose craft it is (spec ownership 2)."""

from __future__ import annotations

from dataclasses import dataclass

ZONES = {0: "Source", 1: "Pipeline and master data", 2: "Metric", 3: "Decision"}
BOXES = ("source", "pipeline", "master", "metric", "decision")
FIRST_FREE_CODE = 100


@dataclass(frozen=True)
class Kind:
    """One kind: its place in the flow (`zone`), whose work it usually is (`box`) and the class of its colour."""

    code: int
    name: str
    label: str
    zone: int
    box: str
    icon: str
    craft: str


_KINDS: dict[int, Kind] = {}


class KindRefused(ValueError):
    """The registry does not take this kind."""


def register_kind(
    code: int, name: str, *, zone: int, box: str, label: str = "", icon: str = "database", craft: str = "de"
) -> Kind:
    """Add a kind; refuses a used code or name, an unknown zone or box. Codes of other rooms start at 100."""
    if code in _KINDS or any(kind.name == name for kind in _KINDS.values()):
        message = f"the kind {code} {name} is registered twice"
        raise KindRefused(message)
    if zone not in ZONES or box not in BOXES:
        message = f"the kind {name} names an unknown zone or box: {zone}, {box}"
        raise KindRefused(message)
    kind = Kind(code, name, label or name.replace("_", " ").capitalize(), zone, box, icon, craft)
    _KINDS[code] = kind
    return kind


LOGGING_EVENT = register_kind(10, "logging_event", zone=0, box="source", icon="radio", craft="se")
EXPORT = register_kind(11, "export", zone=0, box="source", icon="database", craft="se")
DATASET = register_kind(20, "dataset", zone=1, box="pipeline", icon="database")
MASTER_DATA = register_kind(21, "master_data", zone=1, box="master", icon="database", label="Master data")
PIPELINE = register_kind(22, "pipeline", zone=1, box="pipeline", icon="workflow")
METRIC = register_kind(30, "metric", zone=2, box="metric", icon="sigma", craft="an")
DASHBOARD = register_kind(40, "dashboard", zone=3, box="decision", icon="layout-dashboard", craft="an")
EXPERIMENT = register_kind(41, "experiment", zone=3, box="decision", icon="flask-conical", craft="an")
DOCUMENT = register_kind(50, "document", zone=1, box="pipeline", icon="file-text")


def all_kinds() -> list[Kind]:
    """Every kind by code."""
    return [_KINDS[code] for code in sorted(_KINDS)]


def kind_of(code: int) -> Kind:
    """The kind of a code; an unknown code (its room was removed) reads as a dataset."""
    return _KINDS.get(code, DATASET)


def kind_named(name: str) -> Kind | None:
    """The kind of this name, or None."""
    return next((kind for kind in _KINDS.values() if kind.name == name), None)
