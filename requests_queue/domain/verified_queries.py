"""Questions with their SQL in the verified-query form of semantic models: read, compared, written (spec faq 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import yaml

from portal.core.errors import BadRequest, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 10 * 1024 * 1024
MOST_QUERIES = 5000
MOST_QUESTION = 500
LIST = "verified_queries"


@dataclass(frozen=True)
class VerifiedQuery:
    """One question with its SQL; `verified_by` is a name as the file writes it, `verified_at` seconds or None."""

    name: str
    question: str
    sql: str
    verified_at: int | None = None
    verified_by: str = ""
    answer: str = ""


class _Reader(yaml.SafeLoader):
    """Plain values only: an anchor, an alias or a tag is refused before anything is built."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it out
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            line = event.start_mark.line + 1
            message = f"Line {line}: anchors, aliases and tags are not read here."
            raise BadRequest("faq.bad_yaml", message, "file")
        return super().compose_node(parent, index)


def read_verified_queries(text: str) -> list[VerifiedQuery]:
    """The queries of a file; raises `TooLarge` above 10 MB and `BadRequest` (`faq.bad_yaml`) naming the place."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise TooLarge("faq.yaml_too_long", "At most 10 MB of YAML fit here.", "file")
    try:
        content = yaml.load(text, Loader=_Reader)  # noqa: S506 (a SafeLoader that reads less)
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        first = str(fault).splitlines()[0][:160] if str(fault) else "nested too deeply"
        raise BadRequest("faq.bad_yaml", f"This is no YAML we can read: {first}", "file") from None
    rows = content.get(LIST) if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise BadRequest("faq.bad_yaml", f"A list called {LIST} is missing.", "file")
    if len(rows) > MOST_QUERIES:
        raise TooLarge("faq.yaml_too_long", f"At most {MOST_QUERIES:,} queries in one file.", "file")
    return list(_read(rows))


def write_verified_queries(queries: list[VerifiedQuery]) -> str:
    """The file that reads back to the same queries."""
    rows = [
        {
            "name": query.name, "question": query.question, "sql": query.sql, "answer": query.answer,
            **({"verified_at": query.verified_at} if query.verified_at is not None else {}),
            **({"verified_by": query.verified_by} if query.verified_by else {}),
        }
        for query in queries
    ]  # fmt: skip
    text: str = yaml.safe_dump({LIST: rows}, sort_keys=False, allow_unicode=True, width=120)
    return text


def _read(rows: list[Any]) -> Iterator[VerifiedQuery]:
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise _bad(number, "is no mapping")
        facts = {key: str(row.get(key) or "").strip() for key in ("name", "question", "sql", "verified_by", "answer")}
        if not facts["name"] or not facts["question"]:
            raise _bad(number, "needs `name` and `question`")
        if len(facts["question"]) > MOST_QUESTION:
            raise _bad(number, f"has a question of more than {MOST_QUESTION} characters")
        if facts["name"] in seen:
            raise _bad(number, f"repeats the name {facts['name'][:60]!r}")
        seen.add(facts["name"])
        yield VerifiedQuery(**facts, verified_at=_seconds(row.get("verified_at"), number))


def _seconds(value: Any, number: int) -> int | None:
    """Seconds since 1970, or an ISO date or instant."""
    if value in (None, ""):
        return None
    if isinstance(value, bool):
        raise _bad(number, "has a `verified_at` that is no instant")
    if isinstance(value, int | float):
        return int(value)
    if isinstance(value, datetime):
        return int(value.replace(tzinfo=value.tzinfo or UTC).timestamp())
    if isinstance(value, date):
        return int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp())
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        raise _bad(number, "has a `verified_at` that is no instant") from None
    return int(read.replace(tzinfo=read.tzinfo or UTC).timestamp())


def _bad(number: int, what: str) -> BadRequest:
    return BadRequest("faq.bad_yaml", f"Query {number} {what}.", "file")
