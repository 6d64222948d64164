"""`check_schema`: who would lose a column, for dbt, ODCS, JSON Schema and Avro (spec additions, "schema promises")."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db.models import Q

from ownership.importers.checks.snapshot import of_facts, of_manifest
from ownership.importers.files.odcs import OdcsImporter
from ownership.models import Asset, ColumnEdge, Edge
from ownership.queries.owners import current_owners
from portal.core.importing.checks import ERROR, WARNING, CheckedFiles, Finding
from portal.core.importing.issues import Issues, Unusable
from portal.core.importing.streams import TextStream
from portal.core.limits import JSON_DEPTH, MIB, UPLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

Schemas = dict[str, dict[str, str]]
MOST_BYTES = 16 * MIB


def check_schema(files: CheckedFiles, at: datetime) -> list[Finding]:
    """HW008 for each column that is lost or retyped, naming its readers; a warning where the register knows none.

    Reads only. Raises `Unusable` for a file of no known form, or when there is nothing to compare with.
    """
    del at
    new = schemas_of(files.file)
    if files.base is None:
        raise Unusable("ownership.schema_base", "Name the file to compare with: --base.")
    found = []
    for name, columns in sorted(schemas_of(files.base).items()):
        for column, words in _lost(columns, new.get(name)):
            found.append(_finding(name, column, words))
    return found


def _lost(old: dict[str, str], new: dict[str, str] | None) -> Iterator[tuple[str, str]]:
    for column, kind in sorted(old.items()):
        if new is None or column not in new:
            yield column, f"loses {column}"
        elif kind and new[column] and kind.casefold() != new[column].casefold():
            yield column, f"changes {column} from {kind} to {new[column]}"


def _finding(name: str, column: str, words: str) -> Finding:
    readers = _readers(name, column)
    owners = current_owners([asset.pk for asset in readers])
    ask = tuple(dict.fromkeys(held.primary.party.name for held in owners.values() if held.primary is not None))
    shown = ", ".join(asset.name for asset in readers[:5]) or "nobody this register knows of"
    sentence = f"{name} {words}, read by {shown}."
    return Finding("HW008", ERROR if readers else WARNING, sentence, name, ask=ask)


def _readers(name: str, column: str) -> list[Asset]:
    """Assets that use the column as far as that is known, else every direct reader."""
    named = (
        Q(name=name)
        | Q(slug=name.casefold())
        | Q(relation=name.casefold())
        | Q(relation__endswith=f".{name.casefold()}")
    )
    ids = list(Asset.objects.filter(named, retired_at=None).values_list("pk", flat=True)[:20])
    by_column = ColumnEdge.objects.filter(src_id__in=ids).values_list("src_id", "src_column", "dst_id")
    known = {src for src, _, _ in by_column}
    users = {dst for _, src_column, dst in by_column if src_column == column}
    edges = Edge.objects.filter(src_id__in=[pk for pk in ids if pk not in known], closed_at=None)
    users |= set(edges.values_list("dst_id", flat=True))
    return list(Asset.objects.filter(pk__in=users, retired_at=None).order_by("tier", "name")[:200])


def schemas_of(file: BinaryIO) -> Schemas:
    """Columns with their types by dataset, whatever of the four forms the file has."""
    file.seek(0)
    head = file.read(4096)
    if b"dbt_schema_version" in head:
        return _of_side(of_manifest(file))
    if head.lstrip()[:1] in {b"{", b"["}:
        return _of_json(file)
    stream = TextStream(file, max_bytes=UPLOAD_BYTES)
    return _of_side(of_facts(OdcsImporter().read(stream, options={"zone": "UTC"}, issues=Issues()).facts))


def _of_side(side: Any) -> Schemas:
    return {side.assets[key].name: columns for key, columns in side.columns.items() if key in side.assets}


def _of_json(file: BinaryIO) -> Schemas:
    file.seek(0)
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unusable("core.limit_bytes", "The file is larger than 16 MiB.")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unusable("core.json_syntax", f"This is no valid JSON: {error}"[:300]) from error
    found: Schemas = {}
    for record in value if isinstance(value, list) else [value]:
        if isinstance(record, dict) and record.get("type") == "record":
            found[str(record.get("name") or "record")] = dict(_avro(record.get("fields"), "", 0))
        elif isinstance(record, dict) and isinstance(record.get("properties"), dict):
            name = record.get("title") or str(record.get("$id") or "").rpartition("/")[2].partition(".")[0] or "schema"
            found[str(name)] = dict(_properties(record["properties"], "", 0))
    if not found:
        raise Unusable("ownership.schema_unknown", "This is neither dbt, ODCS, JSON Schema nor Avro.")
    return found


def _avro(fields: Any, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for field in fields if isinstance(fields, list) and depth < JSON_DEPTH else ():
        if isinstance(field, dict) and isinstance(field.get("name"), str):
            path, kind = f"{prefix}{field['name']}", field.get("type")
            yield path, _type(kind)
            for inner in kind if isinstance(kind, list) else [kind]:
                if isinstance(inner, dict) and inner.get("type") == "record":
                    yield from _avro(inner.get("fields"), f"{path}.", depth + 1)


def _properties(given: dict[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, told in given.items():
        path = f"{prefix}{name}"
        yield path, _type(told.get("type")) if isinstance(told, dict) else ""
        inner = told.get("properties") if isinstance(told, dict) else None
        if isinstance(inner, dict) and depth < JSON_DEPTH:
            yield from _properties(inner, f"{path}.", depth + 1)


def _type(kind: Any) -> str:
    """A type as one word; a union in its order, `null` left out, so that becoming optional is no change of type."""
    if isinstance(kind, dict):
        return _type(kind.get("logicalType") or kind.get("type"))
    if isinstance(kind, list):
        return "|".join(_words(kind))
    return kind if isinstance(kind, str) else ""


def _words(kinds: Iterable[Any]) -> list[str]:
    return [word for word in map(_type, kinds) if word and word != "null"]
