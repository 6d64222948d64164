"""A dataset as an open data contract (ODCS 3.1.0), with everybody who ever owned it (spec import_formats 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ownership.domain.states import PRIMARY, Duty, Lifecycle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

API_VERSION = "v3.1.0"
STATUS = {
    Lifecycle.DRAFT: "draft", Lifecycle.ACTIVE: "active", Lifecycle.MIGRATING: "active",
    Lifecycle.DEPRECATED: "deprecated", Lifecycle.RETIRED: "retired",
}  # fmt: skip
# Each role reads back as its duty.
ROLES = {Duty.TECHNICAL: "owner", Duty.BUSINESS: "business", Duty.STEWARD: "steward"}
BACKUP = "backup maintainer"
PARTS = 3


@dataclass(frozen=True)
class Tenure:
    """Who held a duty, under the name a contract calls them; `until` None still holds."""

    name: str
    duty: int
    rank: int
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Dataset:
    """What a contract says of one dataset. `object_name` is empty where the contract has no objects of its own."""

    identity: str
    name: str
    object_name: str
    lifecycle: str
    relation: str = ""
    domain: str = ""
    tier: int | None = None
    description: str = ""
    grain: str = ""
    pitfalls: str = ""
    columns: Sequence[tuple[str, str, str]] = ()
    tenures: Sequence[Tenure] = ()
    said: Mapping[str, Any] = field(default_factory=dict)


def contract(told: Dataset) -> dict[str, Any]:
    """The document, keys in the order of the standard, without empty ones. Read back it says the same."""
    document: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": told.identity,
        "name": told.name,
        "version": told.said.get("version") or "1.0.0",
        "status": STATUS[Lifecycle(told.lifecycle)],
        "domain": told.domain,
        "dataProduct": told.said.get("data_product"),
        "tags": [f"tier:{told.tier}"] if told.tier else [],
        "description": _described(told),
        "servers": _servers(told.relation),
        "schema": [_object(told)] if told.object_name else [],
        "team": {"members": [_member(tenure) for tenure in told.tenures]} if told.tenures else {},
        "slaProperties": told.said.get("sla"),
        "support": told.said.get("support"),
    }
    return {key: value for key, value in document.items() if value or key == "schema"}


def _described(told: Dataset) -> dict[str, str]:
    """Where there is an object, its purpose stands there; what to watch out for has its place here alone."""
    words = {"purpose": "" if told.object_name else told.description, "limitations": told.pitfalls}
    return {name: text for name, text in words.items() if text}


def _servers(relation: str) -> list[dict[str, str]]:
    """The place of the table; only a full name of three parts says both database and schema."""
    parts = relation.split(".")
    if len(parts) != PARTS:
        return []
    return [{"server": "warehouse", "type": "custom", "database": parts[0], "schema": parts[1]}]


def _object(told: Dataset) -> dict[str, Any]:
    columns = [
        {key: value for key, value in (("name", name), ("physicalType", kind), ("description", words)) if value}
        for name, kind, words in told.columns
    ]
    facts = {
        "name": told.object_name, "physicalName": told.relation.rpartition(".")[2], "description": told.description,
        "dataGranularityDescription": told.grain,
        "properties": columns,
    }  # fmt: skip
    return {key: value for key, value in facts.items() if value}


def _member(tenure: Tenure) -> dict[str, str]:
    is_backup = tenure.duty == Duty.TECHNICAL and tenure.rank > PRIMARY
    facts = {
        "username": tenure.name,
        "role": BACKUP if is_backup else ROLES[Duty(tenure.duty)],
        "dateIn": _instant(tenure.since),
        "dateOut": _instant(tenure.until),
    }
    return {key: value for key, value in facts.items() if value}


def _instant(instant: datetime | None) -> str:
    """With its offset, so that no reader has to guess a zone."""
    return instant.isoformat() if instant is not None else ""
