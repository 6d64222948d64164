"""Backstage catalogues: many YAML documents; owners with a kind, references instead of data flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.domain import kinds
from ownership.domain.naming import clean, cut_bytes
from ownership.domain.states import EdgeKind
from ownership.importers.facts import OWNERS, AssetFact, ClaimFact, EdgeFact, PartyFact
from ownership.importers.rules import place
from ownership.importers.wording import is_usable_key, listed, ranked_claims
from portal.core.importing.issues import Unusable
from portal.core.importing.protocol import Reading, Scope
from portal.core.importing.yaml_records import documents
from portal.core.limits import DESCRIPTION_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SYSTEM = "backstage"
ENTITIES = frozenset({"component", "api", "resource", "system", "domain", "group", "user"})
COMPONENTS = {"data-pipeline": kinds.PIPELINE, "workflow": kinds.PIPELINE, "dag": kinds.PIPELINE}
RESOURCES = frozenset({"dataset", "table", "database", "s3-bucket"})
SOURCE_LOCATION = "backstage.io/source-location"
# (field, whether this entity is the one that reads)
RELATIONS = (("dependsOn", True), ("dependencyOf", False), ("consumesApis", True), ("providesApis", False))


class BackstageImporter:
    """Services, websites and libraries are no assets unless a rule of the source says so."""

    code = SYSTEM
    label = "Backstage catalogue"
    snapshot = True
    precedence = 60

    def sniff(self, head: bytes, filename: str) -> float:
        if b"apiVersion: backstage.io/" in head:
            return 0.95
        return 0.5 if filename.endswith("catalog-info.yaml") else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        found = []
        for document in documents(stream):
            told = document.value
            if document.fault or not isinstance(told, dict):
                words = document.fault or "This document is no mapping."
                issues.error("core.yaml_syntax", words, line=document.line)
            elif (sort := _text(told.get("kind")).casefold()) not in ENTITIES:
                issues.info_once("ownership.backstage_ignored", sort, f"Entities of kind {sort[:40]} are not read.")
            elif not _name(told):
                issues.error("ownership.missing_name", "An entity without a name is skipped.", line=document.line)
            else:
                found.append((sort, told))
        if not found:
            raise Unusable("ownership.backstage_nothing", "The file holds no Backstage entity that is read.", line=1)
        return Reading(Scope(str(options.get("scope") or "backstage")[:300]), _Walk(options, issues).facts(found))


class _Walk:
    """Assets first; references that point at something else are left out."""

    def __init__(self, options: dict[str, Any], issues: Issues) -> None:
        self.options = options
        self.issues = issues
        self.assets: dict[str, dict[str, Any]] = {}

    def facts(self, entities: list[tuple[str, dict[str, Any]]]) -> Iterator[Any]:
        for sort, told in entities:
            if sort in {"group", "user"}:
                yield from _parties(sort, told)
                continue
            kind = self._kind(sort, told)
            key = _ref(sort, told)
            if kind is None:
                self.issues.info_once(
                    "ownership.backstage_no_asset", _type(told), f"A {sort} of type {_type(told)} is no asset here."
                )
            elif key not in self.assets and is_usable_key(key, self.issues, line=getattr(told, "line", None)):
                self.assets[key] = told
                yield self._asset(key, kind, told)
                yield from _claims(key, told)
        yield from self._edges()

    def _kind(self, sort: str, told: dict[str, Any]) -> int | None:
        """The kind by default, or by a rule of the source; None for what is no asset."""
        default = _default_kind(sort, _type(told))
        fields = {"name": _name(told), "type": _type(told), "kind": sort}
        ruled = place(0, told={}, rules=self.options.get("rules", ()), fields=fields, tags=()).kind
        return ruled or default

    def _asset(self, key: str, kind: int, told: dict[str, Any]) -> AssetFact:
        meta, spec = _part(told, "metadata"), _part(told, "spec")
        tags = [tag for tag in listed(meta.get("tags")) if isinstance(tag, str)]
        fields = {"name": _name(told), "type": _type(told), "kind": _text(told.get("kind")).casefold()}
        placement = place(kind, told={}, rules=self.options.get("rules", ()), fields=fields, tags=tags)
        domain = placement.domain or _bare(_text(spec.get("domain"))) or _bare(_text(spec.get("system")))
        attrs = {"type": _type(told), "lifecycle": _text(spec.get("lifecycle")), "title": _text(meta.get("title"))}
        return AssetFact(
            key=key,
            kind=kind,
            name=cut_bytes(clean(_name(told))),
            system=SYSTEM,
            repo=_repo(meta),
            tier=placement.tier,
            domain=domain[:120],
            description=clean(_text(meta.get("description")))[:DESCRIPTION_CHARACTERS],
            attrs={SYSTEM: {name: value[:300] for name, value in attrs.items() if value}},
            says={OWNERS: None},
        )

    def _edges(self) -> Iterator[EdgeFact]:
        seen: set[tuple[str, str]] = set()
        for key, told in self.assets.items():
            for field, reads in RELATIONS:
                given = _part(told, "spec").get(field)
                for other in given if isinstance(given, list) else ():
                    default = "api" if field.endswith("Apis") else "component"
                    far = _reference(other, default) if isinstance(other, str) else ""
                    pair = (far, key) if reads else (key, far)
                    if far in self.assets and far != key and pair not in seen:
                        seen.add(pair)
                        yield EdgeFact(*pair, EdgeKind.REFERENCE.value)


def _default_kind(sort: str, kind: str) -> int | None:
    if sort == "component":
        found = COMPONENTS.get(kind)
        return found.code if found else None
    if sort == "resource":
        return kinds.DATASET.code if kind in RESOURCES else None
    return kinds.LOGGING_EVENT.code if sort == "api" and kind == "asyncapi" else None


def _claims(key: str, told: dict[str, Any]) -> Iterator[ClaimFact]:
    owner = _text(_part(told, "spec").get("owner"))
    if owner:
        yield from ranked_claims(key, [_owner(owner)], system=SYSTEM, place="spec/owner")


def _owner(given: str) -> str:
    """`[kind:][namespace/]name`; a group unless it says otherwise."""
    text = clean(given).strip()
    return text if ":" in text else f"group:{text}"


def _parties(sort: str, told: dict[str, Any]) -> Iterator[PartyFact]:
    """Names of people and teams, as suggestions."""
    profile = _part(_part(told, "spec"), "profile")
    name = _name(told)
    if sort == "user":
        yield PartyFact(f"user:default/{name}", email=_text(profile.get("email")))
        yield PartyFact(f"user:{name}", email=_text(profile.get("email")))
    else:
        yield PartyFact(f"group:default/{name}", team=name)


def _ref(sort: str, told: dict[str, Any]) -> str:
    namespace = _text(_part(told, "metadata").get("namespace")) or "default"
    return f"{sort}:{namespace}/{_name(told)}".casefold()


def _reference(given: str, default_kind: str) -> str:
    sort, _, rest = given.rpartition(":")
    namespace, _, name = rest.rpartition("/")
    return f"{sort or default_kind}:{namespace or 'default'}/{name}".casefold()


def _bare(given: str) -> str:
    return given.rpartition("/")[2].rpartition(":")[2]


def _repo(meta: dict[str, Any]) -> str:
    location = _text(_part(meta, "annotations").get(SOURCE_LOCATION)).removeprefix("url:")
    return clean(location.partition("/tree/")[0].partition("/blob/")[0])[:1000]


def _name(told: dict[str, Any]) -> str:
    return _text(_part(told, "metadata").get("name"))


def _type(told: dict[str, Any]) -> str:
    return _text(_part(told, "spec").get("type")).casefold()


def _part(told: dict[str, Any], name: str) -> dict[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
