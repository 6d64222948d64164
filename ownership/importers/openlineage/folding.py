"""Many events become facts: sets add up, the newest word on each matter wins, whatever the order they came in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ownership.domain import kinds
from ownership.domain.naming import clean, cut_bytes, is_full_relation, normal_relation
from ownership.domain.states import EdgeKind, Lifecycle
from ownership.importers.facts import (
    COLUMNS,
    INPUTS,
    OWNERS,
    AliasFact,
    AssetFact,
    ColumnEdgeFact,
    EdgeFact,
    StatusFact,
)
from ownership.importers.fields import digest
from ownership.importers.openlineage import facets
from ownership.importers.openlineage.events import STOPPED, Event, Named
from ownership.importers.openlineage.nodes import OLDEST, Node
from ownership.importers.rules import place
from ownership.importers.wording import key_of
from portal.core.limits import DESCRIPTION_CHARACTERS, KEY_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues

SYSTEM = "openlineage"
NEWEST = datetime(9999, 1, 1, tzinfo=UTC)
SCHEMES = frozenset(
    {
        "postgres", "postgresql", "redshift", "snowflake", "bigquery", "mysql", "mssql", "sqlserver", "trino",
        "athena", "databricks", "hive", "awsathena",
    }
)  # fmt: skip
RUN_WORDS = {"COMPLETE": "success", "FAIL": "failed", "ABORT": "abort"}


class Folding:
    """Takes events in any order; `facts` gives what they say together."""

    def __init__(self, options: dict[str, Any], issues: Issues) -> None:
        self.options = options
        self.issues = issues
        self.nodes: dict[str, Node] = {}
        self.edges: dict[tuple[str, str, int], datetime] = {}
        self.runs: dict[tuple[str, str], tuple[datetime, str]] = {}

    def take(self, event: Event) -> None:
        """Fold one event in."""
        at = event.at or NEWEST
        if event.job is None:
            if event.dataset is not None:
                self._dataset(event.dataset, at)
            return
        job = self._job(event, at)
        for given in event.inputs:
            self._edge(self._dataset(given, at), job, at)
        outputs = () if event.type in STOPPED else event.outputs
        for given in outputs:
            self._edge(job, self._dataset(given, at), at)
        self._control(event, job, at)
        if event.is_run and event.type in RUN_WORDS:
            self._ran(job, event, at)

    def facts(self) -> Iterator[Any]:
        """Assets first, then everything that names them."""
        lineage = list(self._lineage())
        usable = {key for key in self.nodes if len(key) <= KEY_CHARACTERS}
        for key in self.nodes:
            if key in usable:
                yield from self._node(self.nodes[key])
            else:
                self.issues.error("ownership.key_too_long", "A name longer than 1,000 characters.", sample=key)
        stated = {(src, dst, EdgeKind.DATA.value): at for src, dst, at in lineage}
        for (src, dst, kind), at in {**stated, **self.edges}.items():
            if src in usable and dst in usable and src != dst:
                yield EdgeFact(src, dst, kind, None if at == NEWEST else at)
        for (key, what), (at, word) in self.runs.items():
            if key in usable:
                yield StatusFact(key, what, word, None if at == NEWEST else at)

    def _job(self, event: Event, at: datetime) -> str:
        job = event.job or Named("", "")
        parent = facets.folded_into(event, keeps_tasks=bool(self.options.get("task_assets")))
        key = self._named("job", parent or job, at, {} if parent else job.facets)
        if parent is not None and "ownership" in job.facets:
            self.nodes[key].hear({"ownership": job.facets["ownership"]}, at)
        return key

    def _dataset(self, given: Named, at: datetime) -> str:
        return self._named("dataset", given, at, given.facets)

    def _named(self, sort: str, given: Named, at: datetime, found: dict[str, Any]) -> str:
        key = key_of(sort, given.namespace, given.name)
        node = self.nodes.get(key)
        if node is None:
            node = self.nodes[key] = Node(key, given, is_job=sort == "job")
        node.is_named = node.is_named or at != OLDEST
        node.hear(found, at)
        return key

    def _edge(self, src: str, dst: str, at: datetime, kind: int = EdgeKind.DATA.value) -> None:
        if src != dst:
            self.edges[src, dst, kind] = max(at, self.edges.get((src, dst, kind), OLDEST))

    def _control(self, event: Event, job: str, at: datetime) -> None:
        """`jobDependencies` of the run: who must run before and after."""
        told = event.run_facets.get("jobDependencies", {})
        for side in ("upstream", "downstream"):
            for other in facets.jobs_of(told.get(side)):
                key = self._named("job", other, at, {})
                pair = (key, job) if side == "upstream" else (job, key)
                self._edge(*pair, at, EdgeKind.CONTROL.value)

    def _ran(self, job: str, event: Event, at: datetime) -> None:
        self._status(job, "last_run", RUN_WORDS[event.type], at)
        if event.type == "COMPLETE":
            for given in event.outputs:
                self._status(key_of("dataset", given.namespace, given.name), "landed", "complete", at)

    def _status(self, key: str, what: str, word: str, at: datetime) -> None:
        known = self.runs.get((key, what))
        if known is None or known[0] <= at:
            self.runs[key, what] = (at, word)

    def _lineage(self) -> Iterator[tuple[str, str, datetime]]:
        """Edges that facets of datasets state; their far ends may be new."""
        for node in list(self.nodes.values()):
            for sort, other in facets.inputs_of(node.facet("lineage")):
                yield self._named(sort, other, OLDEST, {}), node.key, node.said("lineage") or NEWEST
            for other, _, _ in facets.columns_made_of(node):
                self._named("dataset", other, OLDEST, {})

    def _node(self, node: Node) -> Iterator[Any]:
        yield self._asset(node)
        yield from facets.claims_of(node, self.issues)
        yield from facets.columns_of(node)
        for namespace, name in facets.symlinks_of(node):
            yield AliasFact(node.key, SYSTEM, key_of("dataset", namespace, name)[:KEY_CHARACTERS])
        for other, src_column, dst_column in facets.columns_made_of(node):
            src = key_of("dataset", other.namespace, other.name)
            yield ColumnEdgeFact(src, src_column, node.key, dst_column)
        if facets.is_dropped(node):
            message = "The dataset was dropped at its source; its owner decides whether it retires here."
            self.issues.warning("ownership.ol_dropped", message, record=node.key)

    def _asset(self, node: Node) -> AssetFact:
        kind = kinds.PIPELINE if node.is_job else kinds.DATASET
        tags = facets.tags_of(node)
        placement = place(
            kind.code, told={}, rules=self.options.get("rules", ()), tags=tags,
            fields={"name": node.named.name, "namespace": node.named.namespace},
        )  # fmt: skip
        columns = list(facets.columns_of(node))
        repo, path = facets.code_of(node)
        return AssetFact(
            key=node.key,
            kind=placement.kind,
            name=cut_bytes(clean(node.named.name)),
            system=SYSTEM,
            relation="" if node.is_job else relation_of(node.named),
            repo=repo,
            file_path=path,
            tier=placement.tier,
            domain=placement.domain,
            description=clean(str(node.facet("documentation").get("description") or ""))[:DESCRIPTION_CHARACTERS],
            schema_hash=digest([[column.name, column.type] for column in columns]) if columns else "",
            attrs={SYSTEM: facets.attrs_of(node)},
            lifecycle=(Lifecycle.ACTIVE if node.is_named else Lifecycle.DRAFT).value,
            is_placeholder=not node.is_named,
            says=_says(node),
        )


def relation_of(given: Named) -> str:
    """The table behind a dataset of a database, else ""."""
    scheme = given.namespace.partition(":")[0].casefold()
    relation = normal_relation(given.name) if scheme in SCHEMES else ""
    return relation if is_full_relation(relation) else ""


def _says(node: Node) -> dict[str, datetime | None]:
    """Matters these events speak of; `NEWEST` is an event without a time and counts as now."""
    said = {OWNERS: node.said("ownership"), COLUMNS: node.said("schema")}
    if isinstance(node.facet("lineage").get("inputs"), list):
        said[INPUTS] = node.said("lineage")
    return {what: None if at == NEWEST else at for what, at in said.items() if at is not None}
