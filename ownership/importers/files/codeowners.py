"""CODEOWNERS: who reviews a file probably owns what it makes; inferred, never declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.domain.codeowners import GITLAB, Codeowners, owners_of, parse
from ownership.domain.states import Basis
from ownership.importers.facts import KNOWN, OWNERS, AssetFact
from ownership.importers.wording import ranked_claims
from portal.core.importing.issues import Unusable
from portal.core.importing.protocol import Reading, Scope
from portal.core.limits import MIB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SYSTEM = "codeowners"
MOST_BYTES = 3 * MIB
MANY_OWNERS = 3
SURE, UNSURE = 0.7, 0.5


class CodeownersImporter:
    """A rule gives no asset; claims arise where a rule matches the file of an asset."""

    code = SYSTEM
    label = "CODEOWNERS"
    snapshot = True
    precedence = 30
    needs_files = True

    def sniff(self, head: bytes, filename: str) -> float:
        del head
        return 0.9 if filename.rpartition("/")[2].rpartition("\\")[2].upper().endswith("CODEOWNERS") else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        repo = str(options.get("repo") or "")
        found = parse(_lines(stream, issues), str(options.get("dialect") or ""))
        for fault in found.faults:
            issues.warning("ownership.codeowners_pattern", fault.words, line=fault.line)
        if not found.rules and not found.faults:
            raise Unusable("ownership.codeowners_empty", "The file holds no rule.", line=1)
        files = [tuple(file) for file in options.get("files", ())]
        return Reading(Scope(repo or "files"), _facts(found, repo, files, issues))


def _lines(stream: TextStream, issues: Issues) -> list[str]:
    stream.rewind()
    parts, size = [], 0
    while block := stream.read():
        size += len(block)
        parts.append(block)
        if size > MOST_BYTES:
            issues.error("ownership.codeowners_size", "GitHub ignores a CODEOWNERS file of more than 3 MB.")
            raise Unusable("core.limit_bytes", "The file is larger than 3 MB.")
    text = b"".join(parts).decode("utf-8", "replace").replace("\x00", "")
    return text.splitlines()


def _facts(found: Codeowners, repo: str, files: Iterable[Any], issues: Issues) -> Iterator[Any]:
    used: set[int] = set()
    for asset_id, asset_repo, path in files:
        if repo and asset_repo and asset_repo != repo:
            continue
        match = owners_of(found, path)
        if match is None:
            continue
        used.update(rule.line for rule in match.rules)
        key = str(asset_id)
        yield AssetFact(
            key=key, kind=0, name=key, system=KNOWN, is_reference=True, is_placeholder=True, says={OWNERS: None}
        )
        places = ", ".join(_place(found, rule.line, rule.section) for rule in match.rules)
        sure = SURE if len(match.owners) <= MANY_OWNERS else UNSURE
        yield from ranked_claims(
            key, match.owners, system=SYSTEM, place=places, basis=Basis.INFERRED.value, confidence=sure
        )
    for rule in found.rules:
        if rule.line not in used and not rule.is_negated:
            issues.info_once(
                "ownership.codeowners_unused", f"{rule.line}", f"Line {rule.line} matches no asset: {rule.pattern[:80]}"
            )


def _place(found: Codeowners, line: int, section: str) -> str:
    return f"line {line} [{section}]" if found.dialect == GITLAB and section else f"line {line}"
