"""OpenMetadata: lists of entities, pages of its API, and lists of lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.domain import kinds
from ownership.domain.naming import clean, cut_bytes, normal_relation
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

SYSTEM = "openmetadata"
KINDS = {
    "table": kinds.DATASET, "dashboard": kinds.DASHBOARD, "pipeline": kinds.PIPELINE, "topic": kinds.LOGGING_EVENT,
    "container": kinds.EXPORT, "dashboarddatamodel": kinds.METRIC,
}  # fmt: skip
LISTS = {
    "tables": "table", "dashboards": "dashboard", "pipelines": "pipeline", "topics": "topic",
    "containers": "container", "dashboardDataModels": "dashboarddatamodel", "users": "user", "teams": "team",
}  # fmt: skip
# What tells entities of an API page apart, where no type is named.
MARKS = (("columns", "table"), ("dashboardUrl", "dashboard"), ("charts", "dashboard"), ("tasks", "pipeline"),
         ("pipelineUrl", "pipeline"), ("partitions", "topic"), ("teamType", "team"), ("email", "user"))  # fmt: skip
SQL_PARTS = 4
MOST_COLUMNS = 2000


class OpenMetadataImporter:
    """Each file holds one sort; nothing it does not name is gone."""

    code = SYSTEM
    label = "OpenMetadata"
    snapshot = False
    precedence = 60

    def sniff(self, head: bytes, filename: str) -> float:
        del filename
        if b'"fullyQualifiedName"' in head or b'"edge_meta"' in head or b'"fromEntity"' in head:
            return 0.9
        start = head.lstrip()[:60]
        return 0.6 if any(f'"{name}"'.encode() in start for name in LISTS) else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        entities, edges = _records(stream, issues)
        if not entities and not edges:
            raise Unusable("ownership.openmetadata_nothing", "The file holds no entity and no lineage.", line=1)
        scope = Scope(str(options.get("scope") or SYSTEM)[:300], complete=False)
        return Reading(scope, _facts(entities, edges, options, issues))


def _records(
    stream: TextStream, issues: Issues
) -> tuple[list[tuple[str, dict[str, Any]]], list[tuple[str, dict[str, Any]]]]:
    """(sort, entity) pairs and (place, edge) pairs."""
    entities: list[tuple[str, dict[str, Any]]] = []
    edges: list[tuple[str, dict[str, Any]]] = []
    for at, value in items(stream, issues):
        if not isinstance(value, dict):
            issues.error("ownership.wrong_type", "A record is an object.", pointer=at)
        elif _ends(value) is not None:
            edges.append((at, value))
        else:
            found = list(_listed(value))
            if not found and not isinstance(value.get("data"), list):
                issues.info_once("ownership.openmetadata_ignored", at, "This record holds nothing that is read.")
            entities += found
    return entities, edges


def _listed(value: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, sort in LISTS.items():
        for item in _dicts(value.get(name)):
            yield sort, item
    for item in _dicts(value.get("data")):
        yield _sort_of(item), item
    if isinstance(value.get("fullyQualifiedName"), str):
        yield _sort_of(value), value


def _sort_of(item: dict[str, Any]) -> str:
    named = _text(item.get("entityType") or item.get("type")).casefold()
    return named if named in KINDS else next((sort for mark, sort in MARKS if mark in item), "")


def _facts(
    entities: list[tuple[str, dict[str, Any]]], edges: list[tuple[str, dict[str, Any]]], options: dict[str, Any],
    issues: Issues,
) -> Iterator[Any]:  # fmt: skip
    known: set[str] = set()
    for sort, item in entities:
        if sort in {"user", "team"}:
            yield from _party(sort, item)
        elif sort in KINDS and _name(item):
            key = _key(sort, item)
            if key not in known and is_usable_key(key, issues):
                known.add(key)
                yield _asset(key, sort, item, options)
                yield from _columns(key, item)
                yield from _claims(key, item)
        else:
            issues.error(
                "ownership.missing_name", "An entity without name or known type is skipped.", sample=str(item)[:200]
            )
    yield from _lineage(edges, known, issues)


def _key(sort: str, item: dict[str, Any]) -> str:
    """The full name; old lists lack it, then it is put together."""
    full = _text(item.get("fullyQualifiedName"))
    if full:
        return f"{sort}/{full}"
    parts = [_ref(item.get("database")), _ref(item.get("databaseSchema") or item.get("schema")), _name(item)]
    return f"{sort}/" + "/".join(part for part in parts if part)


def _asset(key: str, sort: str, item: dict[str, Any], options: dict[str, Any]) -> AssetFact:
    tags = [_text(tag.get("tagFQN")).rpartition(".")[2] for tag in _dicts(item.get("tags"))]
    columns = list(_columns(key, item))
    placement = place(
        KINDS[sort].code, told={}, rules=options.get("rules", ()), fields={"name": _name(item), "type": sort}, tags=tags
    )  # fmt: skip
    url = item.get("dashboardUrl") or item.get("pipelineUrl")
    owners = item.get("owners") is not None or item.get("owner") is not None
    return AssetFact(
        key=key,
        kind=placement.kind,
        name=cut_bytes(clean(_text(item.get("displayName")) or _name(item))),
        system=SYSTEM,
        relation=_relation(sort, item),
        tier=placement.tier,
        domain=placement.domain or _ref(item.get("domain"))[:120],
        description=clean(_text(item.get("description")))[:DESCRIPTION_CHARACTERS],
        schema_hash=digest([[column.name, column.type] for column in columns]) if columns else "",
        attrs={SYSTEM: {"url": _text(url)[:1000]} if _text(url) else {}},
        says={**({OWNERS: None} if owners else {}), **({COLUMNS: None} if columns else {})},
    )


def _relation(sort: str, item: dict[str, Any]) -> str:
    """service.database.schema.table is the table behind it."""
    parts = normal_relation(_text(item.get("fullyQualifiedName"))).split(".")
    return ".".join(parts[1:]) if sort == "table" and len(parts) == SQL_PARTS else ""


def _columns(key: str, item: dict[str, Any]) -> Iterator[ColumnFact]:
    seen: set[str] = set()
    for n, column in enumerate(_dicts(item.get("columns"))):
        name = cut_bytes(clean(_name(column)))
        if name and name not in seen and n < MOST_COLUMNS:
            seen.add(name)
            kind = _text(column.get("dataTypeDisplay")) or _text(column.get("dataType"))
            yield ColumnFact(key, n, name, cut_bytes(clean(kind)), clean(_text(column.get("description"))))


def _claims(key: str, item: dict[str, Any]) -> Iterator[Any]:
    """`owners` since 1.5, one `owner` before; inherited ones are no claims."""
    given = _dicts(item.get("owners")) or _dicts([item.get("owner")])
    raws = [_owner(owner) for owner in given if owner.get("inherited") is not True]
    yield from ranked_claims(key, [raw for raw in raws if raw], system=SYSTEM, place="owners")


def _owner(owner: dict[str, Any]) -> str:
    name = clean(_name(owner) or _text(owner.get("fullyQualifiedName")))
    return f"{_text(owner.get('type')) or 'user'}:{name}" if name else ""


def _lineage(edges: list[tuple[str, dict[str, Any]]], known: set[str], issues: Issues) -> Iterator[Any]:
    pairs: dict[tuple[str, str], None] = {}
    for at, edge in edges:
        ends = _ends(edge)
        if ends is None or not all(ends):
            issues.error("ownership.missing_name", "An edge without both ends is skipped.", pointer=at)
            continue
        src, dst = ends
        through = _through(edge)
        pairs.update(dict.fromkeys([(src, through), (through, dst)] if through else [(src, dst)]))
    for pair in pairs:
        for key in pair:
            if key not in known and is_usable_key(key, issues):
                known.add(key)
                yield _placeholder(key)
        if set(pair) <= known and pair[0] != pair[1]:
            yield EdgeFact(*pair)


def _ends(edge: dict[str, Any]) -> tuple[str, str] | None:
    inner = _inner(edge)
    src, dst = inner.get("from", inner.get("fromEntity")), inner.get("to", inner.get("toEntity"))
    return (_end(src), _end(dst)) if isinstance(src, dict) and isinstance(dst, dict) else None


def _inner(edge: dict[str, Any]) -> dict[str, Any]:
    found = edge.get("edge")
    return found if isinstance(found, dict) else edge


def _end(end: dict[str, Any]) -> str:
    name = _text(end.get("fqn") or end.get("fullyQualifiedName") or end.get("id"))
    return f"{(_text(end.get('type')) or 'table').casefold()}/{name}" if name else ""


def _through(edge: dict[str, Any]) -> str:
    details = _inner(edge).get("lineageDetails")
    meta = edge.get("edge_meta") or (details.get("pipeline") if isinstance(details, dict) else None)
    return _end({"type": "pipeline", **meta}) if isinstance(meta, dict) else ""


def _placeholder(key: str) -> AssetFact:
    sort, _, name = key.partition("/")
    kind = KINDS.get(sort, kinds.DATASET)
    return AssetFact(
        key=key, kind=kind.code, name=cut_bytes(clean(name)), system=SYSTEM, lifecycle="draft", is_placeholder=True
    )


def _party(sort: str, item: dict[str, Any]) -> Iterator[PartyFact]:
    name = _name(item)
    if name and sort == "user":
        yield PartyFact(f"user:{name}", email=_text(item.get("email")))
    elif name:
        yield PartyFact(f"team:{name}", team=name)


def _ref(value: Any) -> str:
    return _text(value.get("name") or value.get("fullyQualifiedName")) if isinstance(value, dict) else _text(value)


def _name(item: dict[str, Any]) -> str:
    return _text(item.get("name"))


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
