"""CSV: assets, edges and identities of our own layout, and the four tables of Amundsen (spec import_formats 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ownership.domain import kinds
from ownership.domain.kinds import kind_named
from ownership.domain.naming import GRAIN_CHARACTERS, PITFALLS_CHARACTERS, clean, cut_bytes, normal_relation
from ownership.domain.owner_text import is_party, split_owners
from ownership.domain.states import DUTY_WORDS, Duty, EdgeKind
from ownership.importers.facts import OWNERS, AssetFact, ClaimFact, EdgeFact, PartyFact
from ownership.importers.files.csv_rows import header_line, table_of
from ownership.importers.seen import Seen
from ownership.importers.wording import instant_of, is_usable_key, ranked_claims
from portal.core.importing.issues import Unusable
from portal.core.importing.protocol import Reading, Scope
from portal.core.limits import DESCRIPTION_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

    Rows = Iterator[tuple[int, dict[str, str]]]

SYSTEM = "csv"
NOBODY = "-"
TIERS = {"1": 1, "2": 2, "3": 3, "4": 4}
EDGE_KINDS = {"": EdgeKind.DATA, "data": EdgeKind.DATA, "control": EdgeKind.CONTROL, "reference": EdgeKind.REFERENCE}
DUTIES = {word: duty for duty, word in DUTY_WORDS.items()}


@dataclass(frozen=True)
class Layout:
    """One sort of file: the columns it needs, those it may have, and who reads its rows."""

    name: str
    needed: frozenset[str]
    known: frozenset[str]
    read: Callable[[Rows, dict[str, Any], Issues], Iterator[Any]]


class CsvImporter:
    """What a row does not say stays as it is; a person wrote the sheet, so its cells count above catalogues."""

    code = SYSTEM
    label = "CSV"
    snapshot = False
    precedence = 90

    def sniff(self, head: bytes, filename: str) -> float:
        first = head.split(b"\n", 1)[0].decode("utf-8", "replace").casefold()
        names = {name.strip().strip('"') for mark in (",", ";", "\t") for name in first.split(mark)}
        if any(layout.needed <= names for layout in LAYOUTS):
            return 0.9
        return 0.4 if filename.endswith((".csv", ".tsv")) else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        table = table_of(stream)
        layout = next((each for each in LAYOUTS if each.needed <= set(table.header)), None)
        if layout is None:
            needed = "; or ".join(", ".join(sorted(each.needed)) for each in LAYOUTS[:3])
            message = f"Required columns are missing: {needed}. The file has {header_line(table.header)}."
            raise Unusable("ownership.csv_required", message, line=1)
        for name in sorted(set(table.header) - layout.needed - layout.known):
            issues.info_once("ownership.csv_column", name, f"The column {name[:60]} is not read.")
        scope = Scope(str(options.get("scope") or layout.name)[:300], complete=False)
        return Reading(scope, layout.read(table.rows, options, issues))


def _assets(rows: Rows, options: dict[str, Any], issues: Issues) -> Iterator[Any]:
    seen, said = Seen(), Seen()
    for line, row in rows:
        key, kind = clean(row["asset_key"]), kind_named(row["kind"].casefold().replace(" ", "_"))
        if kind is None:
            issues.error("ownership.unknown_kind", "There is no such kind.", line=line, sample=row["kind"])
        elif row.get("tier") and row["tier"] not in TIERS:
            issues.error("ownership.bad_tier", "The tier is 1, 2, 3, 4 or empty.", line=line, sample=row["tier"])
        elif is_usable_key(key, issues, line=line):
            if seen.add(key):
                yield _asset(key, kind.code, row)
            yield from _once(_owners(key, row, line, options, issues), said)


def _asset(key: str, kind: int, row: dict[str, str]) -> AssetFact:
    cells = [row[name] for name in ("owner", "backup") if name in row]
    return AssetFact(
        key=key,
        kind=kind,
        name=cut_bytes(clean(row["name"] or key)),
        system=SYSTEM,
        relation=normal_relation(row.get("relation", "")),
        file_path=clean(row.get("file_path", ""))[:1000],
        tier=TIERS.get(row.get("tier", "")),
        domain=clean(row.get("domain", ""))[:120],
        description=clean(row.get("description", ""))[:DESCRIPTION_CHARACTERS],
        grain=clean(row.get("grain", ""))[:GRAIN_CHARACTERS],
        pitfalls=clean(row.get("pitfalls", ""))[:PITFALLS_CHARACTERS],
        says={OWNERS: None} if any(cells) else {},
    )


def _once(claims: Iterable[ClaimFact], said: Seen) -> Iterator[ClaimFact]:
    """A row that comes twice states nothing twice."""
    return (claim for claim in claims if said.add((claim.asset_key, claim.raw, claim.duty, claim.valid_from)))


def _owners(key: str, row: dict[str, str], line: int, options: dict[str, Any], issues: Issues) -> Iterator[ClaimFact]:
    """Owners first, then backups; an empty cell states nothing, `-` states that there is none."""
    duty = DUTIES.get(row.get("duty", "").casefold(), Duty.TECHNICAL)
    zone = str(options.get("zone") or "UTC")
    since, until = (instant_of(row.get(name), zone) for name in ("valid_from", "valid_to"))
    if (row.get("valid_from") and since is None) or (row.get("valid_to") and until is None):
        issues.warning("ownership.csv_date", "A date is written 2026-03-12; this one is ignored.", line=line)
    owners = split_owners(row.get("owner", ""))
    parties = [raw for raw in [*owners, *split_owners(row.get("backup", ""))] if raw != NOBODY and is_party(raw)]
    first = 1 if owners or not row.get("backup") else 2
    for claim in ranked_claims(key, map(clean, parties), system=SYSTEM, place=f"line {line}", duty=duty.value):
        yield ClaimFact(
            asset_key=key, raw=claim.raw, id_system=SYSTEM, duty=claim.duty, rank=min(claim.rank + first - 1, 5),
            rank_inferred=len(owners) > 1, confidence=0.95, evidence=claim.evidence, valid_from=since, valid_to=until,
        )  # fmt: skip


def _edges(rows: Rows, options: dict[str, Any], issues: Issues) -> Iterator[Any]:
    del options
    seen, ends = Seen(), Seen()
    for line, row in rows:
        kind = EDGE_KINDS.get(row.get("kind", "").casefold())
        src, dst = clean(row["src_key"]), clean(row["dst_key"])
        if kind is None:
            message = "An edge is data, control or reference."
            issues.error("ownership.csv_edge", message, line=line, sample=row.get("kind", ""))
        elif is_usable_key(src, issues, line=line) and is_usable_key(dst, issues, line=line) and src != dst:
            yield from (_end(key) for key in (src, dst) if ends.add(key))
            if seen.add((src, dst, kind.value)):
                yield EdgeFact(src, dst, kind.value)


def _end(key: str) -> AssetFact:
    """A placeholder, where the register does not know this end of an edge."""
    return AssetFact(
        key=key, kind=kinds.DATASET.code, name=cut_bytes(key.rpartition("/")[2]), system=SYSTEM, lifecycle="draft",
        is_placeholder=True,
    )  # fmt: skip


def _identities(rows: Rows, options: dict[str, Any], issues: Issues) -> Iterator[Any]:
    del options
    for line, row in rows:
        email, team = row.get("person_email", ""), row.get("team", "")
        if row["key"] and (email or team):
            yield PartyFact(clean(row["key"]), email=email, team="" if email else team)
        else:
            issues.error("ownership.csv_identity", "A name needs a person's mail or a team.", line=line)


def _amundsen_key(database: str, cluster: str, schema: str, table: str) -> str:
    return clean(f"{database}://{cluster}.{schema}/{table}")


def _amundsen_tables(rows: Rows, options: dict[str, Any], issues: Issues) -> Iterator[Any]:
    del options
    seen = Seen()
    for line, row in rows:
        key = _amundsen_key(row["database"], row["cluster"], row["schema"], row["name"])
        if is_usable_key(key, issues, line=line) and seen.add(key):
            yield AssetFact(
                key=key, kind=kinds.DATASET.code, name=cut_bytes(clean(row["name"])), system=SYSTEM,
                description=clean(row.get("description", ""))[:DESCRIPTION_CHARACTERS],
                attrs={"amundsen": {"database": row["database"][:100], "cluster": row["cluster"][:100]}},
            )  # fmt: skip


def _amundsen_owners(rows: Rows, options: dict[str, Any], issues: Issues) -> Iterator[Any]:
    del options
    seen, said = Seen(), Seen()
    for line, row in rows:
        key = _amundsen_key(row["db_name"], row["cluster"], row["schema"], row["table_name"])
        if is_usable_key(key, issues, line=line):
            says = {OWNERS: None} if row["owners"] else {}
            if seen.add(key):
                yield AssetFact(
                    key=key, kind=kinds.DATASET.code, name=cut_bytes(clean(row["table_name"])), system=SYSTEM,
                    lifecycle="draft", is_placeholder=True, says=says,
                )  # fmt: skip
            parties = [raw for raw in split_owners(row["owners"]) if is_party(raw)]
            yield from _once(ranked_claims(key, parties, system=SYSTEM, place=f"line {line}"), said)


def _amundsen_lineage(rows: Rows, options: dict[str, Any], issues: Issues) -> Iterator[Any]:
    mapped = ((line, {"src_key": row["source_table_key"], "dst_key": row["target_table_key"]}) for line, row in rows)
    yield from _edges(mapped, options, issues)


def _amundsen_users(rows: Rows, options: dict[str, Any], issues: Issues) -> Iterator[Any]:
    del options, issues
    for _, row in rows:
        for name in ("github_username", "slack_id"):
            if row.get(name):
                yield PartyFact(clean(row[name]), email=row["email"])


def _layout(
    name: str, needed: str, known: str, read: Callable[[Rows, dict[str, Any], Issues], Iterator[Any]]
) -> Layout:
    return Layout(name, frozenset(needed.split()), frozenset(known.split()), read)


LAYOUTS = (
    _layout(
        "assets", "asset_key kind name",
        "domain tier relation file_path owner backup duty valid_from valid_to description grain pitfalls lifecycle",
        _assets,
    ),
    _layout("edges", "src_key dst_key", "kind", _edges),
    _layout("identities", "system key", "person_email team", _identities),
    _layout("tables", "database cluster schema name", "description tags is_view description_source", _amundsen_tables),
    _layout("owners", "db_name schema cluster table_name owners", "", _amundsen_owners),
    _layout("lineage", "source_table_key target_table_key", "", _amundsen_lineage),
    _layout(
        "users", "email first_name last_name",
        "full_name github_username team_name employee_type manager_email slack_id role_name", _amundsen_users,
    ),
)  # fmt: skip
