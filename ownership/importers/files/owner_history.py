"""One JSON object a line: owners of tables as they are, or every coming and going with its date."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ownership.domain import kinds
from ownership.domain.naming import clean, cut_bytes
from ownership.domain.replay import Move, replay
from ownership.domain.states import Lifecycle
from ownership.importers.facts import OWNERS, AssetFact, ClaimFact
from ownership.importers.wording import instant_of, is_usable_key, owner_claims
from portal.core.importing.issues import Unusable
from portal.core.importing.json_items import items
from portal.core.importing.protocol import Reading, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SYSTEM = "history"
OPS = {"add": True, "remove": False}


class OwnerHistoryImporter:
    """`{"asset", "op": "add" | "remove", "owner", "ts"}` replays into tenures; `{"path", "owners"}` states today."""

    code = SYSTEM
    label = "Owner history (JSON lines)"
    snapshot = False
    precedence = 80

    def sniff(self, head: bytes, filename: str) -> float:
        first = head.split(b"\n", 1)[0]
        if b'"op"' in first and b'"owner"' in first and b'"asset"' in first:
            return 0.9
        return 0.5 if filename.endswith(".jsonl") and b'"path"' in first else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        moves: dict[str, list[Move]] = defaultdict(list)
        tables: list[tuple[str, dict[str, Any]]] = []
        for at, value in items(stream, issues):
            _take(at, value, moves, tables, issues)
        if not moves and not tables:
            raise Unusable("ownership.history_nothing", "The file holds no owner of any asset.", line=1)
        scope = Scope(str(options.get("scope") or "owners")[:300], complete=False)
        return Reading(scope, _facts(moves, tables, issues))


def _take(
    at: str, value: Any, moves: dict[str, list[Move]], tables: list[tuple[str, dict[str, Any]]], issues: Issues
) -> None:
    told = value if isinstance(value, dict) else {}
    when = instant_of(told.get("ts"), "UTC")
    if isinstance(told.get("path"), str):
        tables.append((at, told))
    elif (
        when is not None
        and told.get("op") in OPS
        and all(isinstance(told.get(name), str) for name in ("asset", "owner"))
    ):
        moves[clean(told["asset"])].append(Move(when, clean(told["owner"])[:300], OPS[told["op"]]))
    else:
        line = int(at.removeprefix("line ")) if at.startswith("line ") else None
        issues.error(
            "ownership.history_record", "A line names asset, owner, op and ts, or path.", line=line, pointer=at
        )


def _facts(moves: dict[str, list[Move]], tables: list[tuple[str, dict[str, Any]]], issues: Issues) -> Iterator[Any]:
    for asset, own in moves.items():
        if is_usable_key(asset, issues):
            yield AssetFact(
                key=asset, kind=kinds.DATASET.code, name=cut_bytes(asset.rpartition("/")[2]), system=SYSTEM,
                file_path=asset[:1000], says={OWNERS: None},
            )  # fmt: skip
            for tenure in replay(own):
                yield ClaimFact(
                    asset_key=asset, raw=tenure.owner, id_system=SYSTEM, rank=tenure.rank, confidence=0.95,
                    valid_from=tenure.start, valid_to=tenure.end,
                )  # fmt: skip
    seen: set[str] = set()
    for at, told in tables:
        key = clean(told["path"])
        if key not in seen and is_usable_key(key, issues, place=at):
            seen.add(key)
            yield _table(key, told)
            yield from owner_claims(key, told.get("owners"), system=SYSTEM, issues=issues, place=at)


def _table(key: str, told: dict[str, Any]) -> AssetFact:
    """The folder of a metadata file names the table."""
    name = told.get("friendly_name") if isinstance(told.get("friendly_name"), str) else ""
    folder = key.rpartition("/")[0].rpartition("/")[2]
    lifecycle = Lifecycle.DEPRECATED if told.get("deprecated") is True else Lifecycle.ACTIVE
    return AssetFact(
        key=key, kind=kinds.DATASET.code, name=cut_bytes(clean(folder or str(name) or key)), system=SYSTEM,
        file_path=key[:1000], lifecycle=lifecycle.value, description=clean(str(name or "")), says={OWNERS: None},
    )  # fmt: skip
