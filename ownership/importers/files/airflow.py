"""Airflow: a saved answer of its `dags` API, or the YAML that DAGs are generated from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.domain import kinds
from ownership.domain.naming import clean, cut_bytes
from ownership.domain.states import Basis
from ownership.importers.facts import AssetFact
from ownership.importers.rules import place
from ownership.importers.wording import is_usable_key, listed, owner_claims, ranked_claims
from portal.core.importing.issues import Unusable
from portal.core.importing.json_items import items
from portal.core.importing.protocol import Reading, Scope
from portal.core.importing.yaml_records import Located, documents
from portal.core.limits import DESCRIPTION_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SYSTEM = "airflow"
ALERTS = 0.4


class AirflowImporter:
    """Owners of a pipeline are declared; its alert addresses are a hint."""

    code = SYSTEM
    label = "Airflow DAGs"
    snapshot = True
    precedence = 40

    def sniff(self, head: bytes, filename: str) -> float:
        if b'"dags"' in head and b'"dag_id"' in head:
            return 0.95
        is_yaml = filename.endswith((".yaml", ".yml"))
        return (0.8 if is_yaml else 0.5) if b"default_args:" in head else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        stream.rewind()
        is_json = stream.read(64).lstrip()[:1] in {b"{", b"["}
        dags, total = _of_json(stream, issues) if is_json else _of_yaml(stream, issues)
        if not dags:
            raise Unusable("ownership.airflow_nothing", "The file names no DAG.", line=1)
        complete = total is None or total <= len(dags)
        scope = Scope(str(options.get("scope") or "airflow")[:300], complete=complete)
        return Reading(scope, _facts(dags, options, issues))


def _of_json(stream: TextStream, issues: Issues) -> tuple[list[tuple[str, dict[str, Any]]], int | None]:
    found: list[tuple[str, dict[str, Any]]] = []
    total = None
    for at, value in items(stream, issues):
        page = value if isinstance(value, dict) else {}
        given = page.get("dags", [page] if "dag_id" in page else [])
        for n, dag in enumerate(given if isinstance(given, list) else ()):
            if isinstance(dag, dict) and isinstance(dag.get("dag_id"), str):
                found.append((f"{at}/dags/{n}", dag))
            else:
                issues.error("ownership.missing_name", "A DAG without dag_id is skipped.", pointer=f"{at}/dags/{n}")
        if isinstance(page.get("total_entries"), int):
            total = page["total_entries"]
    return found, total


def _of_yaml(stream: TextStream, issues: Issues) -> tuple[list[tuple[str, dict[str, Any]]], None]:
    found: list[tuple[str, dict[str, Any]]] = []
    for document in documents(stream):
        if document.fault or not isinstance(document.value, dict):
            issues.error("core.yaml_syntax", document.fault or "This document is no mapping.", line=document.line)
            continue
        for dag_id, told in document.value.items():
            if isinstance(told, Located):
                found.append((f"line {told.line}", {**told, "dag_id": dag_id}))
            else:
                issues.error("ownership.wrong_type", "A DAG is a mapping.", line=document.line, record=dag_id)
    return found, None


def _facts(dags: list[tuple[str, dict[str, Any]]], options: dict[str, Any], issues: Issues) -> Iterator[Any]:
    seen: set[str] = set()
    for at, dag in dags:
        key = clean(dag["dag_id"]).strip()
        if key not in seen and is_usable_key(key, issues, place=at):
            seen.add(key)
            yield _asset(key, dag, options)
            yield from _claims(key, dag, at, issues)


def _asset(key: str, dag: dict[str, Any], options: dict[str, Any]) -> AssetFact:
    tags = [_tag(tag) for tag in listed(dag.get("tags")) if _tag(tag)] if isinstance(dag.get("tags"), list) else []
    placement = place(
        kinds.PIPELINE.code, told={}, rules=options.get("rules", ()), fields={"name": key}, tags=tags
    )  # fmt: skip
    path = dag.get("relative_fileloc") or dag.get("fileloc")
    return AssetFact(
        key=key,
        kind=placement.kind,
        name=cut_bytes(key),
        system=SYSTEM,
        repo=str(options.get("repo") or ""),
        file_path=f"{options.get('repo_prefix', '')}{clean(path)}"[:1000] if isinstance(path, str) else "",
        tier=placement.tier,
        domain=placement.domain,
        description=_text(dag.get("description"))[:DESCRIPTION_CHARACTERS],
        attrs={SYSTEM: _attrs(dag, tags)},
    )


def _attrs(dag: dict[str, Any], tags: list[str]) -> dict[str, Any]:
    schedule = dag.get("timetable_summary") or dag.get("schedule_interval")
    attrs = {
        "schedule": _text(schedule)[:200],
        "is_paused": dag.get("is_paused") is True,
        "tags": sorted(tags)[:50],
        "alerts": [mail[:300] for mail in _mails(dag)][:50],
    }
    return {name: value for name, value in attrs.items() if value}


def _claims(key: str, dag: dict[str, Any], at: str, issues: Issues) -> Iterator[Any]:
    told = dag.get("default_args")
    owner = (
        dag.get("owners") if dag.get("owners") is not None else told.get("owner") if isinstance(told, dict) else None
    )
    claims = list(owner_claims(key, owner, system=SYSTEM, issues=issues, place=at))
    yield from claims
    named = {claim.raw for claim in claims}
    alerts = [mail for mail in _mails(dag) if mail not in named]
    yield from ranked_claims(key, alerts, system=SYSTEM, place=at, basis=Basis.INFERRED.value, confidence=ALERTS)


def _mails(dag: dict[str, Any]) -> list[str]:
    told = dag.get("default_args")
    given = told.get("email") if isinstance(told, dict) else None
    found = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return [clean(mail).strip() for mail in found if isinstance(mail, str) and "@" in mail]


def _tag(tag: Any) -> str:
    return _text(tag.get("name")) if isinstance(tag, dict) else _text(tag)


def _text(value: Any) -> str:
    return clean(value).strip() if isinstance(value, str) else ""
