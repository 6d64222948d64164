"""The API's reference as ready strings, made from its OpenAPI document. Pure Python."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
PREFIX = "/api/v1/"
VARIABLE = re.compile(r"\{(\w+)\}")
DEEPEST = 3


@dataclass(frozen=True)
class Field:
    """A parameter, or a value of a body; `name` of a nested one holds its way, such as `items[].name`."""

    name: str
    kind: str
    words: str = ""
    is_required: bool = False


@dataclass(frozen=True)
class Answer:
    status: str
    words: str
    is_refusal: bool


@dataclass(frozen=True)
class Operation:
    """One method of one path; `curl` and `try_url` are filled in with names the reader may see."""

    anchor: str
    method: str
    path: str
    words: str
    scope: str
    room: str
    parameters: Sequence[Field] = ()
    body: Sequence[Field] = ()
    answers: Sequence[Answer] = ()
    shown: Sequence[Field] = ()
    example: str = ""
    operation_id: str = ""


@dataclass(frozen=True)
class Tag:
    """The operations of one resource."""

    name: str
    operations: list[Operation] = field(default_factory=list)

    @property
    def rooms(self) -> list[str]:
        return sorted({operation.room for operation in self.operations})


def tags_of(document: Json) -> list[Tag]:
    """Every resource with its operations, in the order of the alphabet and of the document."""
    found: dict[str, Tag] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                name = operation["tags"][0]
                found.setdefault(name, Tag(name)).operations.append(_operation(document, path, method, operation))
    return [found[name] for name in sorted(found)]


def _operation(document: Json, path: str, method: str, operation: Json) -> Operation:
    sent, returned = _body_schema(operation.get("requestBody")), _returned(operation["responses"])
    scope = operation.get("x-scope")
    return Operation(
        anchor=f"{method}-{re.sub('[^a-z0-9]+', '-', path.removeprefix(PREFIX).lower()).strip('-') or 'index'}",
        method=method.upper(),
        path=path,
        words=operation.get("description", ""),
        scope="session only" if scope is None else scope or "any token",
        room=operation.get("x-room", ""),
        parameters=[_parameter(document, parameter) for parameter in operation.get("parameters", [])],
        body=list(_fields(document, sent)) if sent else [],
        answers=[_answer(status, answer) for status, answer in sorted(operation["responses"].items())],
        shown=list(_fields(document, returned)) if returned else [],
        example=json.dumps(_sample(document, sent, 0), ensure_ascii=False) if sent else "",
        operation_id=operation.get("operationId", ""),
    )


def _parameter(document: Json, parameter: Json) -> Field:
    words = parameter.get("description", "")
    place = {"path": "in the path", "header": "header"}.get(parameter["in"], "query")
    kind = f"{place}, {_kind(document, parameter['schema'])}"
    return Field(parameter["name"], kind, words, bool(parameter.get("required")))


def _answer(status: str, answer: Json) -> Answer:
    is_refusal = "application/problem+json" in answer.get("content", {})
    return Answer(status, answer.get("description", "") or "Done.", is_refusal)


def _body_schema(body: Json | None) -> Json | None:
    content: Mapping[str, Json] = (body or {}).get("content", {})
    first = next(iter(content.values()), None)
    return first.get("schema") if first else None


def _returned(responses: Json) -> Json | None:
    for status in sorted(responses):
        if status.startswith("2"):
            return _body_schema(responses[status])
    return None


def _resolved(document: Json, schema: Json) -> Json:
    """The schema behind a reference; of several, the first that says something."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            continue
        several = schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf")
        if not several or "properties" in schema:
            return schema
        schema = next((part for part in several if part.get("type") != "null"), several[0])


def _fields(document: Json, schema: Json, way: str = "", depth: int = 0) -> Iterator[Field]:
    schema = _resolved(document, schema)
    if schema.get("type") == "array":
        yield from _fields(document, schema["items"], f"{way}[]", depth)
        return
    required = set(schema.get("required", ()))
    for name, below in schema.get("properties", {}).items():
        place = f"{way}.{name}" if way else name
        yield Field(place, _kind(document, below), below.get("description", ""), name in required)
        if depth < DEEPEST:
            yield from _fields(document, below, place, depth + 1)


def _kind(document: Json, schema: Json) -> str:
    schema = _resolved(document, schema)
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"] if value is not None)
    kind = schema.get("type", "any")
    names = [name for name in (kind if isinstance(kind, list) else [kind]) if name != "null"]
    if names == ["array"]:
        return f"list of {_kind(document, schema['items'])}"
    words = schema.get("format") or " or ".join(names)
    limits = [f"{word} {schema[key]}" for key, word in LIMITS.items() if key in schema]
    return ", ".join([words, *limits, *(["or null"] if isinstance(kind, list) and "null" in kind else [])])


LIMITS = {"maxLength": "at most characters:", "minimum": "from", "maximum": "to"}


def _sample(document: Json, schema: Json, depth: int) -> Any:
    """A body that shows the required fields, or the first when none is."""
    schema = _resolved(document, schema)
    if "example" in schema:
        return schema["example"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "array":
        return [_sample(document, schema["items"], depth + 1)] if depth < DEEPEST else []
    if kind == "object":
        names = schema.get("required") or list(schema.get("properties", {}))[:1]
        return {name: _sample(document, schema["properties"][name], depth + 1) for name in names if depth < DEEPEST}
    return SAMPLES.get(schema.get("format", ""), {"integer": 1, "number": 1, "boolean": True}.get(str(kind), "text"))


SAMPLES: dict[str, Any] = {
    "date-time": "2027-01-11T09:00:00Z",
    "date": "2027-01-11",
    "uuid": "3f2b8c1e-0000-4000-8000-000000000000",
    "email": "ana@example.com",
    "uri": "https://example.com/hook",
}


def filled(path: str, names: Mapping[str, str]) -> str:
    """The path with known names in place of its variables; the unknown stay as `{name}`."""
    return VARIABLE.sub(lambda match: names.get(match[1], match[0]), path)


def curl(operation: Operation, base_url: str, names: Mapping[str, str]) -> str:
    """One line for a shell; the token is read from the environment."""
    parts = ["curl", '-H "Authorization: Bearer $HEADWATER_TOKEN"']
    if operation.method != "GET":
        parts.append(f"-X {operation.method}")
    if operation.example:
        quoted = operation.example.replace("'", "'\\''")
        parts += ['-H "Content-Type: application/json"', f"-d '{quoted}'"]
    return " ".join([*parts, f'"{base_url}{filled(operation.path, names)}"'])


def try_url(operation: Operation, names: Mapping[str, str]) -> str:
    """Where a click on *Try* leads with the session; empty when it needs a name or a question that nobody knows."""
    url = filled(operation.path, names)
    is_asked = any(field.is_required and field.kind.startswith("query") for field in operation.parameters)
    return url if operation.method == "GET" and "{" not in url and not is_asked else ""
