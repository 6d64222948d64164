"""YAML of others, document by document: no tags, few aliases, capped depth, and every mapping knows its line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from portal.core.importing.issues import Unusable
from portal.core.importing.streams import whole_of
from portal.core.limits import JSON_DEPTH, WHOLE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.streams import TextStream

MOST_ALIASES = 100
MOST_DOCUMENTS = 2000
# What aliases may unfold to: a small file must not become a large one.
MOST_NODES = 1_000_000
_SEPARATOR = re.compile(r"(?m)^---(?:[ \t].*)?\r?$\n?")


class Located(dict[str, Any]):
    """A mapping that knows the line it began at."""

    line = 0


@dataclass(frozen=True)
class Document:
    """One document: its value, or why it cannot be read; lines count from 1 in the whole file."""

    line: int
    value: Any = None
    fault: str = ""


class _Loader(yaml.SafeLoader):
    """Dates stay text, as the file wrote them."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def documents(stream: TextStream) -> Iterator[Document]:
    """Each document that is not empty; a broken one does not stop the next.

    Raises `Unusable` above 5 MiB, 2,000 documents, 100 aliases, depth 64, or when aliases unfold to too much.
    """
    text = _whole(stream)
    pieces = list(_pieces(text))
    if len(pieces) > MOST_DOCUMENTS:
        raise Unusable("core.limit_documents", f"The file holds more than {MOST_DOCUMENTS:,} documents.")
    for line, piece in pieces:
        document = _read(piece, line)
        if document is not None:
            yield document


def _whole(stream: TextStream) -> str:
    return whole_of(stream, most=WHOLE_BYTES).decode("utf-8", "replace").replace("\x00", "")


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """(first line, text) between separators."""
    start, line = 0, 1
    for match in _SEPARATOR.finditer(text):
        piece = text[start : match.start()]
        if piece.strip():
            yield line, piece
        line += text.count("\n", start, match.end())
        start = match.end()
    if text[start:].strip():
        yield line, text[start:]


def _read(piece: str, line: int) -> Document | None:
    try:
        _check(piece, line)
        loader = _Loader(piece)
        node = loader.get_single_node()
        if node is None:
            return None
        _Sizes().size(node)
        return Document(line + node.start_mark.line, _value(loader, node, line))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        return Document(line + (mark.line if mark else 0), fault=_words(error))


def _check(piece: str, line: int) -> None:
    """Depth and aliases, before anything is built."""
    depth = aliases = 0
    for event in yaml.parse(piece, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > JSON_DEPTH:
                raise Unusable(
                    "core.limit_depth", f"The file nests deeper than {JSON_DEPTH} levels.",
                    line=line + (event.start_mark.line if event.start_mark else 0),
                )  # fmt: skip
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if aliases > MOST_ALIASES:
                raise Unusable("core.limit_aliases", f"The file has more than {MOST_ALIASES} aliases.")


class _Sizes:
    """How much a node unfolds to, aliases counted each time."""

    def __init__(self) -> None:
        self.known: dict[int, int] = {}

    def size(self, node: yaml.Node) -> int:
        if id(node) in self.known:
            if not self.known[id(node)]:
                raise Unusable("core.limit_aliases", "An alias stands inside what it names.")
            return self.known[id(node)]
        self.known[id(node)] = 0
        total = 1 + sum(self.size(child) for child in _children(node))
        if total > MOST_NODES:
            raise Unusable("core.limit_aliases", "The aliases of this file unfold to too much.")
        self.known[id(node)] = total
        return total


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _value(loader: _Loader, node: yaml.Node, line: int) -> Any:
    if isinstance(node, yaml.MappingNode):
        made = Located()
        made.line = line + node.start_mark.line
        for key, value in node.value:
            made[str(key.value if isinstance(key, yaml.ScalarNode) else "")] = _value(loader, value, line)
        return made
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, child, line) for child in node.value]
    return loader.construct_object(node)


def _words(error: Exception) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "context", None) or str(error)
    return f"This is no valid YAML: {problem}."[:300]
