"""`git log` of a repository: who worked on which file, as evidence only.

The page prints the command: git log --since=400.days --format='commit %H%x09%aE%x09%aI' --name-only
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ownership.domain.naming import clean
from ownership.importers.facts import KNOWN, EvidenceFact, pointer
from ownership.importers.wording import instant_of
from portal.core.importing.issues import Unusable
from portal.core.importing.protocol import Reading, Scope
from portal.core.importing.streams import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SYSTEM = "git"
COMMAND = "git log --since=400.days --format='commit %H%x09%aE%x09%aI' --name-only"
HEADER = re.compile(r"^commit ([0-9a-f]{7,64})\t([^\t]*)\t([^\t]+)$")
MOST_FILES = 100


class GitLogImporter:
    """Commits of robots, and those that touch more than 100 files, say nothing about who owns what."""

    code = SYSTEM
    label = "git log"
    snapshot = False
    precedence = 30
    needs_files = True

    def sniff(self, head: bytes, filename: str) -> float:
        del filename
        return 0.95 if HEADER.match(head.split(b"\n", 1)[0].decode("utf-8", "replace")) else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        repo = str(options.get("repo") or "")
        assets: dict[str, list[int]] = defaultdict(list)
        for asset_id, asset_repo, path in options.get("files", ()):
            if not repo or not asset_repo or asset_repo == repo:
                assets[path].append(asset_id)
        stream.rewind()
        first = stream.read().split(b"\n", 1)[0].decode("utf-8", "replace")
        if not HEADER.match(first.rstrip("\r")):
            raise Unusable("ownership.git_format", f"The file is not what this command writes: {COMMAND}", line=1)
        prefix = str(options.get("repo_prefix") or "")
        return Reading(Scope(repo or "commits", complete=False), _facts(stream, assets, prefix, issues))


def _facts(stream: TextStream, assets: dict[str, list[int]], prefix: str, issues: Issues) -> Iterator[Any]:
    pointed: set[int] = set()
    for commit, mail, at, paths in _commits(stream, issues):
        if "[bot]" in mail or not mail:
            issues.info_once("ownership.git_bot", "bots", "Commits of robots are left out.")
        elif len(paths) > MOST_FILES:
            issues.info_once("ownership.git_large", commit, f"A commit of more than {MOST_FILES} files is left out.")
        else:
            for asset_id in sorted({known for path in paths for known in assets.get(prefix + path, ())}):
                if asset_id not in pointed:
                    pointed.add(asset_id)
                    yield pointer(str(asset_id), KNOWN)
                yield EvidenceFact(str(asset_id), mail, "commit", commit, at)


def _commits(stream: TextStream, issues: Issues) -> Iterator[tuple[str, str, datetime, list[str]]]:
    head: tuple[str, str, datetime] | None = None
    paths: list[str] = []
    for n, line in enumerate(_lines(stream), start=1):
        match = HEADER.match(line)
        if match is None:
            if line.strip():
                paths.append(clean(line))
            continue
        if head is not None:
            yield (*head, paths)
        at = instant_of(match[3], "UTC")
        if at is None:
            issues.error("ownership.git_time", "A commit without a time is skipped.", line=n, sample=line)
        head, paths = ((match[1], clean(match[2]).casefold(), at) if at else None), []
    if head is not None:
        yield (*head, paths)


def _lines(stream: TextStream) -> Iterator[str]:
    return (line.decode("utf-8", "replace").rstrip("\r") for line in lines_of(stream))
