"""Open Data Contracts (ODCS 2.2 and 3.x): datasets with columns, promises, and a team whose tenures are history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ownership.domain import kinds
from ownership.domain.naming import GRAIN_CHARACTERS, PITFALLS_CHARACTERS, clean, cut_bytes, normal_relation
from ownership.domain.replay import ranked
from ownership.domain.states import Duty, EdgeKind, Lifecycle
from ownership.importers.facts import COLUMNS, OWNERS, AssetFact, ClaimFact, ColumnFact, EdgeFact
from ownership.importers.fields import digest
from ownership.importers.rules import place
from ownership.importers.wording import instant_of, is_usable_key, listed
from portal.core.importing.issues import Unusable
from portal.core.importing.protocol import Reading, Scope
from portal.core.importing.yaml_records import Document, documents
from portal.core.limits import DESCRIPTION_CHARACTERS, OWNER_CHARACTERS, OWNERS_A_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SYSTEM = "odcs"
REQUIRED = ("version", "apiVersion", "kind", "status")
LIFECYCLES = {
    "proposed": Lifecycle.DRAFT, "draft": Lifecycle.DRAFT, "active": Lifecycle.ACTIVE,
    "deprecated": Lifecycle.DEPRECATED, "retired": Lifecycle.DEPRECATED,
}  # fmt: skip
MOST_COLUMNS = 2000
ROLES = (
    (Duty.TECHNICAL, ("owner", "engineer", "maintainer", "developer")),
    (Duty.BUSINESS, ("business", "product")),
    (Duty.STEWARD, ("steward",)),
)


@dataclass(frozen=True)
class Member:
    """One line of the team, with the duty its role says."""

    name: str
    duty: int
    since: Any
    until: Any


class OdcsImporter:
    """Each document is a contract; each object of its schema is a dataset."""

    code = SYSTEM
    label = "Data contract (ODCS)"
    snapshot = False
    precedence = 80

    def sniff(self, head: bytes, filename: str) -> float:
        if b"DataContract" in head and b"apiVersion" in head:
            return 0.97
        return 0.6 if ".odcs." in filename else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        found = [contract for document in documents(stream) if (contract := _contract(document, issues)) is not None]
        if not found:
            raise Unusable("ownership.odcs_nothing", "The file holds no data contract with an id.", line=1)
        scope = Scope(str(options.get("scope") or "contracts")[:300], complete=False)
        return Reading(scope, _facts(found, options, issues))


def _contract(document: Document, issues: Issues) -> dict[str, Any] | None:
    told = document.value
    if document.fault or not isinstance(told, dict):
        issues.error("core.yaml_syntax", document.fault or "This document is no mapping.", line=document.line)
        return None
    if not _text(told.get("id")) and not _text(told.get("uuid")):
        issues.error("ownership.odcs_id", "A contract without id is skipped.", line=document.line)
        return None
    for name in REQUIRED:
        if not _text(told.get(name)):
            message = f"The contract lacks {name}."
            issues.error("ownership.odcs_missing", message, line=document.line, record=_text(told.get("id")))
    return told


def _facts(contracts: list[dict[str, Any]], options: dict[str, Any], issues: Issues) -> Iterator[Any]:
    seen: set[str] = set()
    for told in contracts:
        identity = clean(_text(told.get("id")) or _text(told.get("uuid")))
        keys = []
        for key, name, part in _parts(told, identity):
            if key not in seen and is_usable_key(key, issues, line=getattr(told, "line", None)):
                seen.add(key)
                keys.append(key)
                yield _asset(key, name, told, part, options)
                yield from _columns(key, part)
        for key in keys:
            yield from _claims(key, told, options, issues)
        yield from _edges(told, identity, set(keys))


def _parts(told: dict[str, Any], identity: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(key, name, object) of each dataset; a contract without any is one itself."""
    given = told.get("schema", told.get("dataset"))
    parts = [part for part in given if isinstance(part, dict)] if isinstance(given, list) else []
    for part in parts:
        name = _text(part.get("name")) or _text(part.get("table"))
        if name:
            yield f"{identity}#{name}", name, part
    if not parts:
        yield identity, _text(told.get("name")) or _text(told.get("datasetName")) or identity, {}


def _asset(key: str, name: str, told: dict[str, Any], part: dict[str, Any], options: dict[str, Any]) -> AssetFact:
    tags = [tag for tag in listed(told.get("tags")) if isinstance(tag, str)]
    domain = _text(told.get("domain"))
    placement = place(
        kinds.DATASET.code, told={"domain": domain[:120]} if domain else {}, rules=options.get("rules", ()),
        fields={"name": name, "domain": domain}, tags=tags,
    )  # fmt: skip
    columns = list(_columns(key, part))
    lifecycle = LIFECYCLES.get(_text(told.get("status")).casefold(), Lifecycle.ACTIVE)
    return AssetFact(
        key=key,
        kind=placement.kind,
        name=cut_bytes(clean(name)),
        system=SYSTEM,
        relation=_relation(told, part),
        tier=placement.tier,
        domain=placement.domain,
        lifecycle=lifecycle.value,
        description=_description(told, part)[:DESCRIPTION_CHARACTERS],
        grain=clean(_text(part.get("dataGranularityDescription")))[:GRAIN_CHARACTERS],
        pitfalls=_limitations(told)[:PITFALLS_CHARACTERS],
        schema_hash=digest([[column.name, column.type] for column in columns]) if columns else "",
        attrs={SYSTEM: _attrs(told)},
        says={OWNERS: None, **({COLUMNS: None} if columns else {})},
    )


def _relation(told: dict[str, Any], part: dict[str, Any]) -> str:
    servers = told.get("servers")
    server = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], dict) else {}
    table = _text(part.get("physicalName")) or _text(part.get("table"))
    place_ = [_text(server.get("database")) or _text(server.get("project")),
              _text(server.get("schema")) or _text(server.get("dataset"))]  # fmt: skip
    return normal_relation(".".join([name for name in place_ if name] + [table])) if table and all(place_) else ""


def _description(told: dict[str, Any], part: dict[str, Any]) -> str:
    own = part.get("description")
    if isinstance(own, str):
        return clean(own)
    general = told.get("description")
    if isinstance(general, dict):
        return clean(" ".join(_text(general.get(name)) for name in ("purpose", "usage")).strip())
    return clean(_text(general))


def _limitations(told: dict[str, Any]) -> str:
    """What the contract warns of, for each of its objects."""
    general = told.get("description")
    return clean(_text(general.get("limitations"))) if isinstance(general, dict) else ""


def _attrs(told: dict[str, Any]) -> dict[str, Any]:
    terms = told.get("slaProperties")
    sla = [
        {name: term[name] for name in ("property", "value", "valueExt", "unit", "element", "driver") if name in term}
        for term in (terms if isinstance(terms, list) else ())
        if isinstance(term, dict)
    ]
    attrs = {
        "id": _text(told.get("id"))[:300],
        "version": _text(told.get("version"))[:50],
        "data_product": _text(told.get("dataProduct"))[:300],
        "sla": sla[:100],
        "support": [item for item in listed(told.get("support")) if isinstance(item, dict)][:20],
    }
    return {name: value for name, value in attrs.items() if value}


def _columns(key: str, part: dict[str, Any]) -> Iterator[ColumnFact]:
    given = part.get("properties", part.get("columns"))
    seen: set[str] = set()
    for n, column in enumerate(given if isinstance(given, list) else ()):
        name = _text(column.get("name")) or _text(column.get("column")) if isinstance(column, dict) else ""
        if name and name not in seen and n < MOST_COLUMNS:
            seen.add(name)
            kind = _text(column.get("physicalType")) or _text(column.get("logicalType"))
            yield ColumnFact(
                key, n, cut_bytes(clean(name)), cut_bytes(clean(kind)), clean(_text(column.get("description")))
            )


def _edges(told: dict[str, Any], identity: str, keys: set[str]) -> Iterator[EdgeFact]:
    """References between objects of one contract."""
    given = told.get("schema")
    seen: set[tuple[str, str]] = set()
    for part in given if isinstance(given, list) else ():
        if isinstance(part, dict):
            here = f"{identity}#{_text(part.get('name'))}"
            for target in _targets(part):
                there = f"{identity}#{target}"
                if there in keys and here in keys and there != here and (there, here) not in seen:
                    seen.add((there, here))
                    yield EdgeFact(there, here, EdgeKind.REFERENCE.value)


def _targets(part: dict[str, Any]) -> Iterator[str]:
    """The objects that relationships of the object or of its columns point at."""
    columns = [column for column in listed(part.get("properties")) if isinstance(column, dict)]
    for place_ in (part, *columns):
        for relation in listed(place_.get("relationships")):
            to = relation.get("to") if isinstance(relation, dict) else None
            for target in to if isinstance(to, list) else [to]:
                if isinstance(target, str):
                    yield target.rpartition("/")[2].partition(".")[0]


def _claims(key: str, told: dict[str, Any], options: dict[str, Any], issues: Issues) -> Iterator[ClaimFact]:
    members = _members(told, str(options.get("zone") or "UTC"), issues)
    for duty in Duty:
        own = [member for member in members if member.duty == duty.value]
        for member, rank in _with_ranks(own):
            yield ClaimFact(
                asset_key=key, raw=member.name, id_system=SYSTEM, duty=duty.value, rank=rank, confidence=0.95,
                evidence=({"kind": SYSTEM, "ref": "team"},), valid_from=member.since, valid_to=member.until,
            )  # fmt: skip


def _with_ranks(members: list[Member]) -> list[tuple[Member, int]]:
    """Members in order; a tenure that follows another takes its rank."""
    dated = [(str(n), member.since, member.until) for n, member in enumerate(members) if member.since is not None]
    kept, _ = ranked(dated)
    ranks = {int(tenure.owner): tenure.rank for tenure in kept}
    current = 0
    found = []
    for n, member in enumerate(members):
        current += member.since is None
        found.append((member, min(ranks.get(n, current), 5)))
    return found


def _members(told: dict[str, Any], zone: str, issues: Issues) -> list[Member]:
    team = told.get("team", told.get("stakeholders"))
    given = team.get("members") if isinstance(team, dict) else team
    rows = (
        [row for row in given if isinstance(row, dict) and _text(row.get("username"))]
        if isinstance(given, list)
        else []
    )
    duties = [_duty(_text(row.get("role"))) for row in rows]
    is_plain = not any(duties)
    if len(rows) > OWNERS_A_RECORD:
        issues.error("core.limit_owners", f"More than {OWNERS_A_RECORD} members; the rest is not read.")
    return [
        Member(
            name=clean(_text(row.get("username")))[:OWNER_CHARACTERS],
            duty=Duty.TECHNICAL.value if is_plain else int(duty or 0),
            since=instant_of(_text(row.get("dateIn")), zone),
            until=instant_of(_text(row.get("dateOut")), zone),
        )
        for row, duty in zip(rows[:OWNERS_A_RECORD], duties, strict=False)
        if is_plain or duty
    ]


def _duty(role: str) -> Duty | None:
    word = role.casefold()
    return next((duty for duty, names in ROLES if any(name in word for name in names)), None)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
