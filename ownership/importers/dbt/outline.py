"""The first walk through a manifest: what must be known of the whole file before a single record can be read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ownership.domain.naming import clean
from ownership.importers.seen import Seen
from portal.core.importing.issues import Unusable
from portal.core.importing.json_records import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SCHEMA = re.compile(r"/manifest/v(\d+)\.json$")
OLDEST, FIRST_FULL, FIRST_SUPPORTED, NEWEST = 1, 4, 10, 12
NODE_TYPES = frozenset({"model", "seed", "snapshot"})
RECORD_SECTIONS = {
    "nodes": NODE_TYPES,
    "sources": frozenset({"source"}),
    "exposures": frozenset({"exposure"}),
    "metrics": frozenset({"metric"}),
    "semantic_models": frozenset({"semantic_model"}),
    "saved_queries": frozenset({"saved_query"}),
}
EARLY_SECTIONS = frozenset({"nodes", "sources", "exposures"})
OTHER_SECTIONS = frozenset({"metadata", "groups", "functions"})


@dataclass
class Outline:
    """Project, groups, which ids become assets, which of them come twice, and how many tests stand on each."""

    project: str = ""
    version: int = NEWEST
    assets: Seen = field(default_factory=Seen)
    repeated: set[str] = field(default_factory=set)
    tests: Counter[str] = field(default_factory=Counter)
    groups: dict[str, Any] = field(default_factory=dict)
    packages: Counter[str] = field(default_factory=Counter)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def sections(self) -> frozenset[str]:
        """The sections that hold assets in this version."""
        return EARLY_SECTIONS if self.version < FIRST_FULL else frozenset(RECORD_SECTIONS)


def outline_of(stream: TextStream, options: dict[str, Any], issues: Issues) -> Outline:
    """Walk the whole file once; a file that is cut, too deep or of another kind is refused here."""
    outline = Outline()
    for section, key, value in records(stream, RECORD_SECTIONS.keys() | OTHER_SECTIONS):
        _note(outline, section, key, value, options, issues)
    outline.version = _version(outline.metadata, issues)
    named = outline.metadata.get("project_name")
    most = outline.packages.most_common(1)
    outline.project = named if isinstance(named, str) and named else most[0][0] if most else ""
    if not outline.project:
        raise Unusable("ownership.dbt_no_project", "The manifest names no project and holds no node.")
    if stream.had_bad_bytes:
        issues.warning("core.bad_bytes", "Some bytes are no UTF-8; they were replaced.")
    return outline


def _note(outline: Outline, section: str, key: str, value: Any, options: dict[str, Any], issues: Issues) -> None:
    if section == "metadata":
        outline.metadata[key] = value
    elif section == "groups" and isinstance(value, dict):
        outline.groups[key] = value.get("owner")
    elif section == "functions":
        issues.info_once("ownership.dbt_ignored", section, "Functions are no assets.", pointer=f"/{section}")
    elif isinstance(value, dict) and section in RECORD_SECTIONS:
        _note_record(outline, section, key, value, options, issues)


def _note_record(
    outline: Outline, section: str, key: str, value: dict[str, Any], options: dict[str, Any], issues: Issues
) -> None:
    sort = type_of(value, key)
    if sort == "test":
        outline.tests.update(tested_by(value))
    if sort not in RECORD_SECTIONS[section] or not is_taken(sort, value, options):
        if sort != "test":
            issues.info_once("ownership.dbt_ignored", sort, f"Records of type {sort} are no assets.")
        return
    plain = clean(key)
    if not outline.assets.add(plain):
        outline.repeated.add(plain)
    if section == "nodes":
        outline.packages[package_of(key)] += 1


def is_taken(sort: str, value: dict[str, Any], options: dict[str, Any]) -> bool:
    """Saved queries count only on request, and only those that write a table."""
    return sort != "saved_query" or bool(options.get("saved_queries") and value.get("exports"))


def type_of(value: dict[str, Any], key: str) -> str:
    """The resource type; the id begins with it where the field is missing."""
    found = value.get("resource_type")
    return found if isinstance(found, str) and found else key.partition(".")[0]


def package_of(unique_id: str) -> str:
    """The package in `<type>.<package>.<name>`."""
    return [*unique_id.split(".", 2), "", ""][1]


def upstream_of(value: dict[str, Any]) -> Iterator[str]:
    """Ids in `depends_on.nodes`, which may be missing, null, or hold things that are no text."""
    depends = value.get("depends_on")
    nodes = depends.get("nodes") if isinstance(depends, dict) else None
    for item in nodes if isinstance(nodes, list) else ():
        if isinstance(item, str):
            yield item


def tested_by(value: dict[str, Any]) -> list[str]:
    """Ids of what a test stands on: its own word, else all that it reads."""
    attached = value.get("attached_node")
    return [attached] if isinstance(attached, str) and attached else list(dict.fromkeys(upstream_of(value)))


def _version(metadata: dict[str, Any], issues: Issues) -> int:
    schema = metadata.get("dbt_schema_version")
    match = SCHEMA.search(schema) if isinstance(schema, str) else None
    if not match:
        raise Unusable(
            "ownership.dbt_not_manifest",
            "This is no dbt manifest: metadata.dbt_schema_version does not end in /manifest/vN.json.",
            pointer="/metadata/dbt_schema_version",
        )
    version = int(match[1])
    if not OLDEST <= version <= NEWEST:
        message = f"This is a dbt manifest v{version}; v{OLDEST} to v{NEWEST} can be read."
        raise Unusable("ownership.dbt_version", message, pointer="/metadata/dbt_schema_version")
    if version < FIRST_SUPPORTED:
        issues.warning(
            "ownership.dbt_old",
            f"Manifest v{version} is older than dbt 1.6; what it has is read.",
            pointer="/metadata/dbt_schema_version",
        )
    return version
