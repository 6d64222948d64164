"""What the facets of jobs and datasets say; any of them may be missing, null or of another shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.domain.naming import clean, cut_bytes
from ownership.domain.owner_text import is_party
from ownership.domain.states import Duty
from ownership.importers.facts import ClaimFact, ColumnFact
from ownership.importers.openlineage.events import Event, Named
from portal.core.limits import OWNER_CHARACTERS, OWNERS_A_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ownership.importers.openlineage.nodes import Node
    from portal.core.importing.issues import Issues

SYSTEM = "openlineage"
MOST_COLUMNS = 5000
SORTS = {"DATASET": "dataset", "JOB": "job"}


def folded_into(event: Event, *, keeps_tasks: bool) -> Named | None:
    """The pipeline a task belongs to: Airflow says it in the run's `parent`, since ids of pipelines may hold dots."""
    job, parent = event.job, event.run_facets.get("parent", {}).get("job")
    if keeps_tasks or job is None or not isinstance(parent, dict):
        return None
    namespace, name = parent.get("namespace"), parent.get("name")
    if not isinstance(namespace, str) or not isinstance(name, str) or not name or name == job.name:
        return None
    is_task = job.facets.get("jobType", {}).get("jobType") == "TASK"
    return Named(namespace, name) if is_task or job.name.startswith(f"{name}.") else None


def jobs_of(value: Any) -> Iterator[Named]:
    """The jobs of one side of `jobDependencies`."""
    for item in value if isinstance(value, list) else ():
        found = item.get("job") if isinstance(item, dict) else None
        named = _named(found)
        if named is not None:
            yield named


def inputs_of(facet: dict[str, Any]) -> Iterator[tuple[str, Named]]:
    """The direct inputs a `lineage` facet states, datasets or jobs."""
    given = facet.get("inputs")
    for item in given if isinstance(given, list) else ():
        named = _named(item)
        if named is not None:
            yield SORTS.get(str(item.get("type", "DATASET")).upper(), "dataset"), named


def columns_made_of(node: Node) -> list[tuple[Named, str, str]]:
    """(dataset, its column, column here) of `columnLineage` and of the fields of `lineage`."""
    found = []
    for facet in (node.facet("columnLineage"), node.facet("lineage")):
        fields = facet.get("fields")
        for column, told in fields.items() if isinstance(fields, dict) else ():
            inputs = told.get("inputFields", told.get("inputs")) if isinstance(told, dict) else None
            for item in inputs if isinstance(inputs, list) else ():
                named = _named(item)
                name = item.get("field") if named is not None else None
                if named is not None and isinstance(name, str) and name:
                    found.append((named, cut_bytes(clean(name)), cut_bytes(clean(column))))
    return found[:MOST_COLUMNS]


def columns_of(node: Node) -> Iterator[ColumnFact]:
    """The fields of the `schema` facet, nested ones as `outer.inner`."""
    seen: set[str] = set()
    for n, (name, kind, description) in enumerate(_fields(node.facet("schema").get("fields"), "", 0)):
        if name not in seen and n < MOST_COLUMNS:
            seen.add(name)
            yield ColumnFact(node.key, n, name, kind, description)


def _fields(given: Any, prefix: str, depth: int) -> Iterator[tuple[str, str, str]]:
    for field in given if isinstance(given, list) and depth < 5 else ():  # noqa: PLR2004 (deep enough for people)
        name = field.get("name") if isinstance(field, dict) else None
        if isinstance(name, str) and name:
            path = cut_bytes(clean(prefix + name))
            yield path, cut_bytes(_text(field.get("type"))), _text(field.get("description"))[:2000]
            yield from _fields(field.get("fields"), f"{path}.", depth + 1)


def claims_of(node: Node, issues: Issues) -> Iterator[ClaimFact]:
    """The owners of the newest `ownership` facet; `airflow` and applications are no parties."""
    given = node.facet("ownership").get("owners")
    ranks: dict[int, int] = {}
    seen: set[tuple[str, int]] = set()
    for owner in given[:OWNERS_A_RECORD] if isinstance(given, list) else ():
        raw = clean(_text(owner.get("name") if isinstance(owner, dict) else None)).strip()[:OWNER_CHARACTERS]
        if raw.casefold().startswith("application:"):
            issues.info_once("ownership.ol_application", raw, "An application is no owner.")
            continue
        duty = _duty(_text(owner.get("type"))) if raw else Duty.TECHNICAL
        if not raw or not is_party(raw.removeprefix("user:")) or (raw, duty) in seen:
            continue
        seen.add((raw, duty))
        ranks[duty] = rank = ranks.get(duty, 0) + 1
        yield ClaimFact(
            asset_key=node.key, raw=raw, id_system=SYSTEM, duty=duty.value, rank=min(rank, 5), confidence=0.9,
            evidence=({"kind": SYSTEM, "ref": "ownership"},),
        )  # fmt: skip


def _duty(kind: str) -> Duty:
    word = kind.upper()
    if word.startswith("BUSINESS"):
        return Duty.BUSINESS
    return Duty.STEWARD if "STEWARD" in word else Duty.TECHNICAL


def symlinks_of(node: Node) -> Iterator[tuple[str, str]]:
    """Other names of the same dataset."""
    given = node.facet("symlinks").get("identifiers")
    for item in given if isinstance(given, list) else ():
        named = _named(item)
        if named is not None:
            yield named.namespace, named.name


def tags_of(node: Node) -> list[str]:
    """`key` or `key:value` of each tag, for the tier rules."""
    given = node.facet("tags").get("tags")
    found = []
    for tag in given if isinstance(given, list) else ():
        if isinstance(tag, dict):
            key, value = _text(tag.get("key")), _text(tag.get("value"))
            found += [key, f"{key}:{value}", f"{key}_{value}"]
    return found


def code_of(node: Node) -> tuple[str, str]:
    """Repository and path of the code, as far as the facet says."""
    facet = node.facet("sourceCodeLocation")
    return _text(facet.get("repoUrl"))[:1000], _text(facet.get("path"))[:1000]


def is_dropped(node: Node) -> bool:
    return _text(node.facet("lifecycleStateChange").get("lifecycleStateChange")).upper() == "DROP"


def attrs_of(node: Node) -> dict[str, Any]:
    """What is kept beside columns of our own."""
    source = node.facet("dataSource")
    attrs = {
        "namespace": clean(node.named.namespace)[:300],
        "data_source": _text(source.get("name"))[:300],
        "data_source_uri": _text(source.get("uri"))[:1000],
        "code_url": _text(node.facet("sourceCodeLocation").get("url"))[:1000],
        "integration": _text(node.facet("jobType").get("integration"))[:100],
    }
    return {name: value for name, value in attrs.items() if value}


def _named(value: Any) -> Named | None:
    if not isinstance(value, dict):
        return None
    namespace, name = value.get("namespace"), value.get("name")
    if isinstance(namespace, str) and isinstance(name, str) and name.strip():
        return Named(namespace, name)
    return None


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""
