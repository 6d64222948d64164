"""One record of a manifest as an asset with its columns (spec import_formats 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.domain import kinds
from ownership.domain.naming import GRAIN_CHARACTERS, PITFALLS_CHARACTERS, clean, cut_bytes, normal_relation
from ownership.domain.states import Lifecycle
from ownership.importers.facts import COLUMNS, AssetFact, ColumnFact
from ownership.importers.fields import Fields, digest
from ownership.importers.rules import place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ownership.importers.dbt.outline import Outline

DEFAULT_KINDS = {
    "model": kinds.DATASET,
    "seed": kinds.DATASET,
    "snapshot": kinds.DATASET,
    "saved_query": kinds.DATASET,
    "source": kinds.EXPORT,
    "metric": kinds.METRIC,
    "semantic_model": kinds.METRIC,
    "exposure": kinds.DASHBOARD,
}
EXPERIMENTS = frozenset({"notebook", "analysis", "ml"})
KEPT_TEXTS = ("label", "url", "maturity", "loader", "access", "version", "latest_version", "deprecation_date", "type")
DEFINITIONS = {"metric": ("type", "type_params", "calculation_method", "expression", "filter", "filters")}


def asset_of(
    fields: Fields,
    columns: Sequence[ColumnFact],
    *,
    unique_id: str,
    key: str,
    sort: str,
    outline: Outline,
    options: dict[str, Any],
) -> AssetFact:
    """The asset of one record with these columns; the caller has checked that it has a name."""
    config = fields.inner("config")
    tags, metas = _tags(fields, config), [meta.value for meta in (config.inner("meta"), fields.inner("meta"))]
    path, package = fields.text("original_file_path"), fields.text("package_name")
    seen = {"name": fields.text("name"), "path": path, "package": package, "type": sort}
    rules = options.get("rules", ())
    placement = place(_default_kind(fields, sort), told=_told(metas), rules=rules, fields=seen, tags=tags)
    return AssetFact(
        key=key,
        system="dbt",
        kind=placement.kind,
        name=_name(fields, sort),
        relation=normal_relation(fields.text("relation_name")),
        repo=str(options.get("repo", "")),
        file_path=f"{options.get('repo_prefix', '')}{path}" if path else "",
        tier=placement.tier,
        domain=placement.domain,
        lifecycle=(Lifecycle.DEPRECATED if fields.get("deprecation_date") else Lifecycle.ACTIVE).value,
        description=fields.long_text("description"),
        grain=_said(metas, "grain")[:GRAIN_CHARACTERS],
        pitfalls=_said(metas, "pitfalls")[:PITFALLS_CHARACTERS],
        schema_hash=digest([[column.name, column.type] for column in columns]),
        definition_hash=_definition(fields, sort),
        attrs={"dbt": _attrs(fields, config, unique_id, sort, outline) | _marks(metas, tags)},
        is_reference=package != outline.project and key == unique_id,
        says={COLUMNS: None},
    )


def _tags(fields: Fields, config: Fields) -> list[str]:
    return [tag for tag in (fields.items("tags") or config.items("tags")) if isinstance(tag, str)]


def columns_of(fields: Fields, key: str) -> Iterator[ColumnFact]:
    """The columns in the order of the file."""
    columns = fields.inner("columns")
    for n, name in enumerate(columns.value):
        column = columns.inner(name)
        shown = cut_bytes(column.text("name") or name)
        kind = cut_bytes(column.text("data_type"))
        yield ColumnFact(key, n, shown, kind, column.long_text("description"))


def _name(fields: Fields, sort: str) -> str:
    name = fields.text("name")
    if sort == "source" and fields.text("source_name"):
        name = f"{fields.text('source_name')}.{name}"
    if fields.get("version") is not None:
        name = clean(f"{name} (v{fields.get('version')})")
    short = cut_bytes(name)
    if short != name:
        fields.issues.warning(
            "ownership.cut", "The name is cut at 255 bytes.", pointer=f"{fields.pointer}/name", record=fields.record
        )
    return short


def _default_kind(fields: Fields, sort: str) -> int:
    if sort == "exposure" and fields.text("type") in EXPERIMENTS:
        return kinds.EXPERIMENT.code
    return DEFAULT_KINDS[sort].code


def _told(metas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`meta.headwater`, where a project speaks to this portal."""
    for meta in metas:
        told = meta.get("headwater")
        if isinstance(told, dict):
            return told
    return {}


def _said(metas: Sequence[dict[str, Any]], name: str) -> str:
    """`meta.headwater.<name>`, else `meta.<name>`, where a project speaks of it."""
    for meta in metas:
        told = meta.get("headwater")
        found = (told.get(name) if isinstance(told, dict) else None) or meta.get(name)
        if isinstance(found, str) and found:
            return clean(found)
    return ""


def _definition(fields: Fields, sort: str) -> str:
    if sort in DEFINITIONS:
        return digest([fields.get(name) for name in DEFINITIONS[sort]])
    checksum = fields.get("checksum")
    found = checksum.get("checksum") if isinstance(checksum, dict) else None
    return clean(found)[:64] if isinstance(found, str) else ""


def _marks(metas: Sequence[dict[str, Any]], tags: list[str]) -> dict[str, Any]:
    """What people wrote on the record beside its own fields."""
    marks = {"tags": sorted(clean(tag) for tag in tags), "ignores": _ignores(metas)}
    return {name: value for name, value in marks.items() if value}


def _attrs(fields: Fields, config: Fields, unique_id: str, sort: str, outline: Outline) -> dict[str, Any]:
    contract = config.inner("contract").get("enforced") or fields.inner("contract").get("enforced")
    attrs: dict[str, Any] = {
        "unique_id": clean(unique_id),
        "resource_type": sort,
        "package": fields.text("package_name"),
        "materialized": config.text("materialized"),
        "tests": outline.tests[unique_id],
        "is_contract_enforced": bool(contract),
        "freshness": _freshness(fields.get("freshness") or config.get("freshness")),
        "role": "semantic_model" if sort == "semantic_model" else "",
    }
    for name in KEPT_TEXTS:
        value = fields.value.get(name)
        if value is not None and isinstance(value, (str, int)):
            attrs[name] = clean(str(value))[:300]
    if fields.get("version") is not None:
        attrs["version_of"] = clean(unique_id).rpartition(".")[0]
    return {name: value for name, value in attrs.items() if value not in ("", [], {}, None, False)}


def _ignores(metas: Sequence[dict[str, Any]]) -> list[str]:
    """What the record asks `check_manifest` to overlook, such as "HW006 until 2026-12-31"."""
    given: Any = next((value for meta in metas if (value := meta.get("headwater_ignore"))), [])
    return [clean(text)[:100] for text in given if isinstance(text, str)][:20] if isinstance(given, list) else []


def _freshness(found: Any) -> dict[str, Any]:
    """`{warn_after, error_after, filter}`; a null count means not set."""
    kept: dict[str, Any] = {}
    for name in ("warn_after", "error_after", "build_after") if isinstance(found, dict) else ():
        limit = found.get(name)
        if isinstance(limit, dict) and limit.get("count") is not None:
            kept[name] = {"count": limit.get("count"), "period": clean(str(limit.get("period")))}
    return kept
