"""Verified queries in and out: a plan that people can read, then the same again as writes (spec faq 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import DomainError
from portal.core.policies import require
from requests_queue.answer_policies import can_write, visible_entries
from requests_queue.domain.answering import EntryState, Visibility, slug_of
from requests_queue.domain.sql_reading import read_sql
from requests_queue.domain.verified_queries import VerifiedQuery, read_verified_queries
from requests_queue.queries.answers import newest_version, with_question
from requests_queue.services.answers import (
    AnswerDraft,
    EntryChange,
    EntryDraft,
    create_entry,
    edit_entry,
    publish_answer,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.accounts.models import Team
    from requests_queue.models import FaqEntry

NO_WORDS = "See the SQL."


@dataclass(frozen=True)
class QueryLine:
    """One query beside the library: `sign` is + new, ~ changed, = the same, ! not readable."""

    sign: str
    name: str
    line: str = ""


def plan_verified_queries(*, actor: Any, team: Team, text: str, at: datetime) -> list[QueryLine]:
    """What `import_verified_queries` would do; writes nothing. Raises as `read_verified_queries`."""
    require(can_write(actor, team, at))
    queries = read_verified_queries(text)
    known = _known(actor, team, queries, at)
    return [_line(query, known.get(_slug(query))) for query in queries]


@transaction.atomic
def import_verified_queries(*, actor: Any, team: Team, text: str, at: datetime) -> list[QueryLine]:
    """New questions become published answers of the team, changed ones get a new version; nothing is checked by it.

    The name is the key, so that a file applied twice changes nothing. SQL that cannot be read is left out and said.
    """
    require(can_write(actor, team, at))
    queries = read_verified_queries(text)
    known = _known(actor, team, queries, at)
    lines = []
    for query in queries:
        entry = known.get(_slug(query))
        line = _line(query, entry)
        lines.append(line)
        if line.sign in {"+", "~"}:
            _write(actor, team, query, entry, at)
    return lines


def exported(entries: Iterable[Any]) -> list[VerifiedQuery]:
    """Published answers with SQL, as the file writes them; `entries` carry their question."""
    return [
        VerifiedQuery(
            entry.slug, entry.question or "", entry.current.sql.strip(),
            int(entry.current.verified_at.astimezone(UTC).timestamp()) if entry.current.verified_at else None,
            entry.current.verified_by.handle if entry.current.verified_by else "", entry.current.body.strip(),
        )
        for entry in entries
    ]  # fmt: skip


def _known(actor: Any, team: Team, queries: list[VerifiedQuery], at: datetime) -> dict[str, FaqEntry]:
    slugs = [_slug(query) for query in queries]
    rows = with_question(visible_entries(actor, at).filter(team=team, slug__in=slugs)).prefetch_related("answers")
    return {entry.slug: entry for entry in rows.exclude(state=EntryState.ARCHIVED.value)}


def _line(query: VerifiedQuery, entry: Any) -> QueryLine:
    try:
        read_sql(query.sql)
    except DomainError as fault:
        return QueryLine("!", query.name, fault.message)
    if entry is None:
        return QueryLine("+", query.name, query.question)
    answer = newest_version(entry)
    changed = [
        word
        for word, differs in (
            ("question", entry.question != query.question),
            ("SQL", answer is None or answer.sql.strip() != query.sql),
            ("answer", bool(query.answer) and (answer is None or answer.body.strip() != query.answer)),
        )
        if differs
    ]
    return QueryLine("~", query.name, f"{', '.join(changed)} differs") if changed else QueryLine("=", query.name)


def _write(actor: Any, team: Team, query: VerifiedQuery, entry: FaqEntry | None, at: datetime) -> None:
    last = newest_version(entry) if entry else None
    body = query.answer or (last.body if last else NO_WORDS)
    if entry is None:
        draft = EntryDraft(query.question, team, visibility=Visibility.ALL.value, slug=_slug(query), source="import")
        entry = create_entry(actor=actor, draft=draft, at=at)
    else:
        edit_entry(actor=actor, entry=entry, change=EntryChange(question=query.question), at=at)
    said = read_sql(query.sql).tables
    publish_answer(actor=actor, entry=entry, answer=AnswerDraft(body, query.sql, acknowledged=said), at=at)


def _slug(query: VerifiedQuery) -> str:
    return slug_of(query.name)
