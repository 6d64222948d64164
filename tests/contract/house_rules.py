"""The rules of the house that no linter knows (ARCHITECTURE 4): a parsed file in, faults out."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 40
MOST_VIEW_LINES = 20
MOST_TASK_LINES = 6
MOST_TEMPLATE_LINES = 120
VAGUE_NAMES = {"utils.py", "util.py", "common.py", "helpers.py", "misc.py"}
WRITERS = {"services", "importers", "tests", "migrations", "bench", "deploy"}
DOCUMENTED = {"services", "queries", "domain"}
CLOCK = PurePosixPath("portal/core/clock.py")
# The worker's edge records what a channel raised; a panel, a check or a handler must not take its page or tick along.
BROAD_EXCEPT_ALLOWED = {"portal/engine", "portal/core/panels.py", "portal/site/health.py"}
LATER = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A Python file: its path from the root, its text and its syntax tree."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def parts(self) -> set[str]:
        """The names of its folders, and its own without the suffix."""
        return {*self.path.parent.parts, self.path.stem}

    @property
    def is_test(self) -> bool:
        return self.path.parts[0] == "tests"


def lines_of(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def functions(source: Source) -> Iterator[Function]:
    return (node for node in source.nodes if isinstance(node, Function))


def calls(source: Source) -> Iterator[ast.Call]:
    return (node for node in source.nodes if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The dotted name that is called, as far as it is a name."""
    return ast.unparse(call.func)


def file_size(source: Source) -> Iterator[str]:
    lines = len(source.text.splitlines())
    if lines > MOST_FILE_LINES:
        yield f"{lines} lines; at most {MOST_FILE_LINES}"


def function_size(source: Source) -> Iterator[str]:
    for node in functions(source):
        if lines_of(node) > MOST_FUNCTION_LINES:
            yield f"{node.lineno}: {node.name} has {lines_of(node)} lines; at most {MOST_FUNCTION_LINES}"


def view_size(source: Source) -> Iterator[str]:
    """A view takes a request; it calls one service or query and renders."""
    if source.is_test or not source.parts & {"web", "api", "views"}:
        return
    for node in functions(source):
        if "request" in {argument.arg for argument in node.args.args} and lines_of(node) > MOST_VIEW_LINES:
            yield f"{node.lineno}: view {node.name} has {lines_of(node)} lines; at most {MOST_VIEW_LINES}"


def task_size(source: Source) -> Iterator[str]:
    for node in functions(source):
        marks = " ".join(ast.unparse(mark) for mark in node.decorator_list)
        if re.search(r"\b(?:shared_task|app\.task)\b", marks) and lines_of(node) > MOST_TASK_LINES:
            yield f"{node.lineno}: task {node.name} has {lines_of(node)} lines; at most {MOST_TASK_LINES}"


def writes(source: Source) -> Iterator[str]:
    """Rows are written by services and importers."""
    if source.parts & WRITERS:
        return
    for call in calls(source):
        if called(call).endswith((".save", ".create", ".bulk_create", ".get_or_create", ".update_or_create")):
            yield f"{call.lineno}: {called(call)}() outside a service or importer"


def clock(source: Source) -> Iterator[str]:
    if source.path == CLOCK:
        return
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith("timezone.now"):
            yield f"{node.lineno}: timezone.now; use portal.core.clock.now"


def celery_timers(source: Source) -> Iterator[str]:
    """Redis may vanish: what must happen later is a Deadline row."""
    for call in calls(source):
        timers = {keyword.arg for keyword in call.keywords} & {"eta", "countdown"}
        if timers or called(call).endswith(".retry"):
            yield f"{call.lineno}: {called(call)}: eta, countdown and retry are the engine's work"


def safe_marks(source: Source) -> Iterator[str]:
    for node in source.nodes:
        names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        if "mark_safe" in names or (isinstance(node, ast.Name) and node.id == "mark_safe"):
            yield f"{getattr(node, 'lineno', 0)}: mark_safe"


def contracts(source: Source) -> Iterator[str]:
    """A public function of services, queries or domain says what it promises."""
    if source.is_test or not source.parts & DOCUMENTED:
        return
    for node in source.tree.body:
        if isinstance(node, Function) and not node.name.startswith("_") and not ast.get_docstring(node):
            yield f"{node.lineno}: {node.name} has no docstring"


def broad_excepts(source: Source) -> Iterator[str]:
    if source.is_test or any(source.path.is_relative_to(allowed) for allowed in BROAD_EXCEPT_ALLOWED):
        return
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler) and (
            node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
        ):
            yield f"{node.lineno}: except Exception"


def model_lookups(source: Source) -> Iterator[str]:
    if "migrations" in source.parts:
        return
    for call in calls(source):
        if called(call) in {"apps.get_model", "django.apps.apps.get_model"}:
            yield f"{call.lineno}: apps.get_model"


def names(source: Source) -> Iterator[str]:
    if source.path.name in VAGUE_NAMES:
        yield f"{source.path.name} says nothing: name the file by what it holds"


def postponed_annotations(source: Source) -> Iterator[str]:
    body = [node for node in source.tree.body if not isinstance(node, ast.Expr)]
    if body and "from __future__ import annotations" not in source.text:
        yield "from __future__ import annotations is missing"


def later(source: Source) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and LATER.search(token.string):
            yield f"{token.start[0]}: {token.string}"


def template_size(text: str) -> Iterator[str]:
    lines = len(text.splitlines())
    if lines > MOST_TEMPLATE_LINES:
        yield f"{lines} lines; at most {MOST_TEMPLATE_LINES}"
