"""One event as plain values: what it is, when it was, which job and datasets it names (spec import_formats 4.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ownership.importers.wording import instant_of

if TYPE_CHECKING:
    from datetime import datetime

    from portal.core.importing.issues import Issues

TYPES = frozenset({"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"})
STOPPED = frozenset({"ABORT", "FAIL"})
MOST_IO = 10_000


@dataclass(frozen=True)
class Named:
    """A job or dataset of an event, with its facets."""

    namespace: str
    name: str
    facets: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """`at` is None where the event does not say when it was."""

    type: str
    at: datetime | None
    job: Named | None
    run_facets: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[Named, ...] = ()
    outputs: tuple[Named, ...] = ()
    dataset: Named | None = None
    is_run: bool = False


def why_unusable(value: Any) -> str:
    """Why no reader could use the event; "" for one that can be used."""
    if not isinstance(value, dict):
        return "An event is a JSON object."
    if _named(value.get("job")) is None and _named(value.get("dataset")) is None:
        return "An event names a job or a dataset, each with namespace and name."
    return ""


def event_of(value: dict[str, Any], place: str, issues: Issues) -> Event:
    """The event of an object that `why_unusable` lets pass; doubts become warnings."""
    job, dataset = _named(value.get("job")), _named(value.get("dataset"))
    if job is not None and value.get("dataset") is not None:
        issues.warning("ownership.ol_dataset", "A dataset beside a job is ignored.", pointer=place)
    run = value.get("run")
    is_run = job is not None and _has_run_id(run)
    if job is not None and not is_run and (value.get("eventType") or run is not None):
        issues.warning("ownership.ol_run", "The run has no UUID; the event is read as one of the job.", pointer=place)
    given = value.get("eventType")
    return Event(
        type=given if isinstance(given, str) and given in TYPES else "OTHER",
        at=_time(value.get("eventTime"), place, issues),
        job=job,
        run_facets=_facets(run),
        inputs=_many(value.get("inputs")),
        outputs=_many(value.get("outputs")),
        dataset=None if job is not None else dataset,
        is_run=is_run,
    )


def _named(value: Any) -> Named | None:
    if not isinstance(value, dict):
        return None
    namespace, name = value.get("namespace"), value.get("name")
    if not isinstance(name, str) or not name.strip() or not isinstance(namespace, str):
        return None
    return Named(namespace, name, _facets(value))


def _facets(value: Any) -> dict[str, Any]:
    found = value.get("facets") if isinstance(value, dict) else None
    return {key: facet for key, facet in found.items() if isinstance(facet, dict)} if isinstance(found, dict) else {}


def _many(value: Any) -> tuple[Named, ...]:
    given = value[:MOST_IO] if isinstance(value, list) else []
    return tuple(named for named in map(_named, given) if named is not None)


def _has_run_id(run: Any) -> bool:
    given = run.get("runId") if isinstance(run, dict) else None
    try:
        return isinstance(given, str) and bool(UUID(given))
    except ValueError:
        return False


def _time(value: Any, place: str, issues: Issues) -> datetime | None:
    found = instant_of(value, "UTC")
    if found is None:
        issues.warning("ownership.ol_time", "The event does not say when it was; it counts as now.", pointer=place)
    elif isinstance(value, str) and not _has_zone(value):
        issues.warning("ownership.ol_zone", "The time has no zone; it is read as UTC.", pointer=place)
    return found


def _has_zone(text: str) -> bool:
    tail = text.strip()[10:]
    return tail.endswith(("Z", "z")) or "+" in tail or "-" in tail
