"""DataHub metadata files: MCE snapshots and MCP aspects, mixed in one list."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ownership.domain import kinds
from ownership.domain.naming import clean, cut_bytes, is_full_relation, normal_relation
from ownership.domain.states import Duty
from ownership.importers.facts import COLUMNS, OWNERS, AssetFact, ColumnFact, EdgeFact, PartyFact
from ownership.importers.fields import digest
from ownership.importers.rules import place
from ownership.importers.wording import is_usable_key, ranked_claims
from portal.core.importing.issues import Unusable
from portal.core.importing.json_items import items
from portal.core.importing.protocol import Reading, Scope
from portal.core.limits import DESCRIPTION_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SYSTEM = "datahub"
KINDS = {
    "dataset": kinds.DATASET, "dataflow": kinds.PIPELINE, "datajob": kinds.PIPELINE, "dashboard": kinds.DASHBOARD,
    "chart": kinds.DASHBOARD,
}  # fmt: skip
PEOPLE = frozenset({"corpuser", "corpgroup"})
# Aspects are read under their plain name: MCE writes classes, MCP writes camelCase.
READ = frozenset(
    {
        "ownership", "upstreamlineage", "datajobinputoutput", "chartinfo", "dashboardinfo", "status", "globaltags",
        "subtypes", "datasetproperties", "datajobinfo", "dataflowinfo", "schemametadata", "corpuserinfo",
        "corpgroupinfo",
    }
)  # fmt: skip
DUTIES = {
    "BUSINESS_OWNER": Duty.BUSINESS, "STAKEHOLDER": Duty.BUSINESS, "DATA_STEWARD": Duty.STEWARD,
}  # fmt: skip
NO_OWNERS = frozenset({"CONSUMER", "NONE"})
SQL_PLATFORMS = frozenset(
    {"postgres", "snowflake", "bigquery", "redshift", "mysql", "mssql", "hive", "trino", "presto"}
)
MOST_COLUMNS = 2000


@dataclass
class Entity:
    """One urn with its aspects, the last word on each."""

    urn: str
    sort: str
    aspects: dict[str, dict[str, Any]] = field(default_factory=dict)


class DatahubImporter:
    """A file is a part of a catalogue unless the option `complete` says otherwise."""

    code = SYSTEM
    label = "DataHub metadata"
    snapshot = True
    precedence = 60

    def sniff(self, head: bytes, filename: str) -> float:
        if b"proposedSnapshot" in head or (b'"entityUrn"' in head and b'"aspectName"' in head):
            return 0.95
        return 0.3 if filename.endswith("_mces.json") else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        entities = _entities(stream, issues)
        if not entities:
            raise Unusable("ownership.datahub_nothing", "The file holds no DataHub metadata.", line=1)
        scope = Scope(str(options.get("scope") or SYSTEM)[:300], complete=bool(options.get("complete")))
        return Reading(scope, _facts(entities, options, issues))


def _entities(stream: TextStream, issues: Issues) -> dict[str, Entity]:
    found: dict[str, Entity] = {}
    for at, value in items(stream, issues):
        urn, aspects = _of_record(value, at, issues)
        sort = urn.split(":")[2].casefold() if urn.count(":") > 2 else ""  # noqa: PLR2004 (urn:li:<sort>:)
        if not urn:
            issues.error("ownership.missing_name", "A record without urn is skipped.", pointer=at)
        elif sort in KINDS or sort in PEOPLE:
            found.setdefault(urn, Entity(urn, sort)).aspects.update(aspects)
        else:
            issues.info_once("ownership.datahub_ignored", sort, f"Entities of type {sort[:40]} are no assets.")
    return found


def _of_record(value: Any, at: str, issues: Issues) -> tuple[str, dict[str, dict[str, Any]]]:
    if not isinstance(value, dict):
        return "", {}
    snapshot = value.get("proposedSnapshot")
    if isinstance(snapshot, dict):
        inner = snapshot if "urn" in snapshot else next(iter(snapshot.values()), None)
        inner = inner if isinstance(inner, dict) else {}
        given = inner.get("aspects")
        pairs = (
            [pair for aspect in given if isinstance(aspect, dict) for pair in aspect.items()]
            if isinstance(given, list)
            else []
        )
        return _text(inner.get("urn")), _aspects(pairs, at, issues)
    return _text(value.get("entityUrn")), _aspects(
        [(value.get("aspectName"), _payload(value.get("aspect")))], at, issues
    )


def _payload(aspect: Any) -> Any:
    """The aspect of a proposal: JSON inside a text, or as it is."""
    if not isinstance(aspect, dict):
        return None
    if isinstance(aspect.get("json"), dict):
        return aspect["json"]
    try:
        return json.loads(aspect["value"]) if isinstance(aspect.get("value"), str) else None
    except (ValueError, RecursionError):
        return None


def _aspects(pairs: list[tuple[Any, Any]], at: str, issues: Issues) -> dict[str, dict[str, Any]]:
    found = {}
    for name, told in pairs:
        plain = _text(name).rpartition(".")[2].casefold()
        if plain in READ and isinstance(told, dict):
            found[plain] = told
        elif plain in READ:
            issues.warning("ownership.wrong_type", f"The aspect {plain} cannot be read; it is ignored.", pointer=at)
        else:
            issues.info_once("ownership.datahub_aspect", plain, f"The aspect {plain[:60]} is not read.")
    return found


def _facts(entities: dict[str, Entity], options: dict[str, Any], issues: Issues) -> Iterator[Any]:
    assets = {
        urn: entity for urn, entity in entities.items()
        if entity.sort in KINDS and not _is_removed(entity) and is_usable_key(urn, issues)
    }  # fmt: skip
    known = set(assets)
    for urn, entity in assets.items():
        yield _asset(urn, entity, options)
        yield from _columns(urn, entity)
        yield from _claims(urn, entity, issues)
    for src, dst in dict.fromkeys(_edges(assets)):
        for far in (src, dst):
            if far not in known and is_usable_key(far, issues):
                known.add(far)
                yield _placeholder(far)
        if {src, dst} <= known and src != dst:
            yield EdgeFact(src, dst)
    for entity in entities.values():
        if entity.sort in PEOPLE:
            yield from _party(entity)


def _is_removed(entity: Entity) -> bool:
    return entity.aspects.get("status", {}).get("removed") is True


def _asset(urn: str, entity: Entity, options: dict[str, Any]) -> AssetFact:
    platform, name = _platform_and_name(urn, entity)
    tags = [
        _text(tag.get("tag")).rpartition(":")[2] for tag in _dicts(entity.aspects.get("globaltags", {}).get("tags"))
    ]
    info = _info(entity)
    columns = list(_columns(urn, entity))
    placement = place(
        KINDS[entity.sort].code, told={}, rules=options.get("rules", ()), tags=tags,
        fields={"name": name, "platform": platform, "type": entity.sort},
    )  # fmt: skip
    subtypes = entity.aspects.get("subtypes", {}).get("typeNames")
    relation = normal_relation(name) if platform in SQL_PLATFORMS and entity.sort == "dataset" else ""
    attrs = {
        "platform": platform,
        "types": [item[:60] for item in subtypes if isinstance(item, str)][:10] if isinstance(subtypes, list) else [],
        "url": _text(info.get("externalUrl") or info.get("chartUrl") or info.get("dashboardUrl"))[:1000],
    }
    return AssetFact(
        key=urn,
        kind=placement.kind,
        name=cut_bytes(clean(_text(info.get("title") or info.get("name")) or name)),
        system=SYSTEM,
        relation=relation if is_full_relation(relation) else "",
        tier=placement.tier,
        domain=placement.domain,
        description=clean(_text(info.get("description")))[:DESCRIPTION_CHARACTERS],
        schema_hash=digest([[column.name, column.type] for column in columns]) if columns else "",
        attrs={SYSTEM: {key: value for key, value in attrs.items() if value}},
        says={
            **({OWNERS: None} if "ownership" in entity.aspects else {}), **({COLUMNS: None} if columns else {}),
        },
    )  # fmt: skip


def _placeholder(urn: str) -> AssetFact:
    sort = urn.split(":")[2].casefold() if urn.count(":") > 2 else "dataset"  # noqa: PLR2004 (urn:li:<sort>:)
    _, name = _platform_and_name(urn, Entity(urn, sort))
    kind = KINDS.get(sort, kinds.DATASET)
    return AssetFact(
        key=urn, kind=kind.code, name=cut_bytes(clean(name)), system=SYSTEM, lifecycle="draft", is_placeholder=True
    )


def _platform_and_name(urn: str, entity: Entity) -> tuple[str, str]:
    """Of `urn:li:dataset:(urn:li:dataPlatform:P,name,ENV)`; the name may hold commas, so both ends are cut."""
    inside = urn.partition("(")[2].rpartition(")")[0]
    if entity.sort == "dataset" and inside.count(",") > 1:
        platform, _, rest = inside.partition(",")
        return platform.rpartition(":")[2].casefold(), rest.rpartition(",")[0]
    tail = inside.rpartition(",")[2] if inside else urn.rpartition(":")[2]
    return inside.partition(",")[0].rpartition(":")[2].casefold(), tail or urn


def _info(entity: Entity) -> dict[str, Any]:
    names = ("datasetproperties", "datajobinfo", "dataflowinfo", "chartinfo", "dashboardinfo")
    return next((entity.aspects[name] for name in names if name in entity.aspects), {})


def _columns(urn: str, entity: Entity) -> Iterator[ColumnFact]:
    seen: set[str] = set()
    for n, given in enumerate(_dicts(entity.aspects.get("schemametadata", {}).get("fields"))):
        name = cut_bytes(clean(_text(given.get("fieldPath"))))
        if name and name not in seen and n < MOST_COLUMNS:
            seen.add(name)
            yield ColumnFact(
                urn, n, name, cut_bytes(clean(_text(given.get("nativeDataType")))), _text(given.get("description"))
            )


def _claims(urn: str, entity: Entity, issues: Issues) -> Iterator[Any]:
    by_duty: dict[Duty, list[str]] = {}
    for owner in _dicts(entity.aspects.get("ownership", {}).get("owners")):
        kind, raw = _text(owner.get("type")).upper(), clean(_text(owner.get("owner")))
        if kind in NO_OWNERS:
            issues.info_once("ownership.datahub_no_owner", kind, f"{kind} is no owner.")
        elif raw:
            by_duty.setdefault(DUTIES.get(kind, Duty.TECHNICAL), []).append(raw)
    for duty, raws in by_duty.items():
        yield from ranked_claims(urn, raws, system=SYSTEM, place="ownership", duty=duty.value)


def _edges(assets: dict[str, Entity]) -> Iterator[tuple[str, str]]:
    for urn, entity in assets.items():
        aspects = entity.aspects
        for upstream in _dicts(aspects.get("upstreamlineage", {}).get("upstreams")):
            if _text(upstream.get("dataset")):
                yield _text(upstream["dataset"]), urn
        flow = aspects.get("datajobinputoutput", {})
        for src in _texts(flow.get("inputDatasets")):
            yield src, urn
        for dst in _texts(flow.get("outputDatasets")):
            yield urn, dst
        for src in _inputs(aspects.get("chartinfo", {}).get("inputs")):
            yield src, urn
        for src in _texts(aspects.get("dashboardinfo", {}).get("charts")):
            yield src, urn


def _inputs(value: Any) -> list[str]:
    """Urns, plain or in Avro's unions of one key: `{"array": [{"string": "urn"}]}`."""
    if isinstance(value, str):
        return [value] if value else []
    inner = list(value.values())[:1] if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for item in inner for text in _inputs(item)]


def _party(entity: Entity) -> Iterator[PartyFact]:
    info = entity.aspects.get("corpuserinfo", entity.aspects.get("corpgroupinfo", {}))
    if entity.sort == "corpuser":
        yield PartyFact(entity.urn, email=_text(info.get("email")))
    else:
        yield PartyFact(entity.urn, team=entity.urn.rpartition(":")[2])


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str) and item] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
