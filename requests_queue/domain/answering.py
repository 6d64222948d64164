"""What an answer is, how long a check holds, and what makes it stale (spec faq 2, 3, 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_ALIASES = 50
MOST_QUESTION = 500
VALID_DAYS = {1: 30, 2: 90, 3: 180}
REMINDERS = (timedelta(days=14), timedelta(days=3))
OWNER_GRACE = timedelta(days=14)
STRICT_TIER = 1


class EntryState(StrEnum):
    """An entry is written, shown, and put away; only a merge or its owner puts it away."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Visibility(StrEnum):
    """Who reads the entry: everybody, the owning team, or the members of the private request it came from."""

    ALL = "all"
    TEAM = "team"
    MEMBERS = "members"


class Stale(StrEnum):
    """Why an answer no longer claims to be true."""

    SCHEMA = "schema_changed"
    DEFINITION = "definition_changed"
    OWNER = "owner_changed"
    OWNER_LEFT = "owner_left"
    RETIRED = "asset_retired"
    RESTATED = "restated"
    EXPIRED = "expired"
    REPORTED = "reported"


STALE_WORDS = {
    Stale.SCHEMA: "a column it uses changed",
    Stale.DEFINITION: "a definition it rests on changed",
    Stale.OWNER: "its data has a new owner who has not confirmed it",
    Stale.OWNER_LEFT: "its owner left",
    Stale.RETIRED: "data it rests on was retired or renamed",
    Stale.RESTATED: "history it rests on was rebuilt",
    Stale.EXPIRED: "nobody confirmed it in time",
    Stale.REPORTED: "somebody reported that it is wrong",
}
MOVES: Mapping[EntryState, frozenset[EntryState]] = {
    EntryState.DRAFT: frozenset({EntryState.PUBLISHED, EntryState.ARCHIVED}),
    EntryState.PUBLISHED: frozenset({EntryState.ARCHIVED}),
    EntryState.ARCHIVED: frozenset({EntryState.PUBLISHED}),
}


@dataclass(frozen=True)
class Snapshot:
    """An asset as it stood when somebody said the answer is true. `columns` maps name to type."""

    lifecycle: str
    schema_hash: str
    definition_hash: str
    owner: int | None
    columns: Mapping[str, str]
    used: tuple[str, ...] = ()
    name: str = ""

    def as_json(self) -> dict[str, Any]:
        """The snapshot as it is stored."""
        return {
            "lifecycle": self.lifecycle, "schema": self.schema_hash, "definition": self.definition_hash,
            "owner": self.owner, "columns": dict(self.columns), "used": list(self.used), "name": self.name,
        }  # fmt: skip


def snapshot_from(stored: Mapping[str, Any]) -> Snapshot:
    """Read what `as_json` wrote; missing keys count as unknown and therefore as unchanged."""
    return Snapshot(
        stored.get("lifecycle", ""), stored.get("schema", ""), stored.get("definition", ""), stored.get("owner"),
        stored.get("columns", {}), tuple(stored.get("used", ())), stored.get("name", ""),
    )  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What a difference between two snapshots means: a reason to go stale, or only a note (`reason` None)."""

    reason: Stale | None
    line: str


def changes_between(then: Snapshot, now: Snapshot) -> list[Change]:
    """Everything that differs, worst first; columns that were only added are a note, not a reason (spec faq 4)."""
    found = []
    if then.lifecycle != now.lifecycle and now.lifecycle in {"deprecated", "retired"}:
        found.append(Change(Stale.RETIRED, f"{now.name} is {now.lifecycle}"))
    elif then.name and now.name and then.name != now.name:
        found.append(Change(Stale.RETIRED, f"{then.name} is now called {now.name}"))
    if _differ(then.definition_hash, now.definition_hash):
        found.append(Change(Stale.DEFINITION, f"the definition of {now.name} changed"))
    found += _column_changes(then, now)
    if then.owner != now.owner:
        found.append(Change(Stale.OWNER, f"{now.name} has another owner"))
    return found


def _differ(then: str, now: str) -> bool:
    return bool(then) and then != now


def _column_changes(then: Snapshot, now: Snapshot) -> list[Change]:
    watched = then.used or tuple(then.columns)
    lost = [name for name in watched if name in then.columns and name not in now.columns]
    retyped = [
        name for name in watched
        if name in then.columns and name in now.columns and then.columns[name] != now.columns[name]
    ]  # fmt: skip
    found = [Change(Stale.SCHEMA, f"{now.name}.{name} is gone") for name in lost]
    found += [
        Change(Stale.SCHEMA, f"{now.name}.{name} was {then.columns[name] or 'untyped'}, is {now.columns[name]}")
        for name in retyped
    ]
    if not found and _differ(then.schema_hash, now.schema_hash):
        # Where nobody ever told the columns, what changed cannot be said, so it may concern the answer.
        known = bool(then.columns or now.columns)
        word = "grew" if set(now.columns) > set(then.columns) else "changed elsewhere" if known else "changed"
        found.append(Change(None if known else Stale.SCHEMA, f"the schema of {now.name} {word}"))
    return found


def valid_until(tier: int, at: datetime) -> datetime:
    """Until when a check holds: 30, 90 or 180 days by tier."""
    return at + timedelta(days=VALID_DAYS[tier])


def reminders_for(until: datetime, at: datetime) -> list[tuple[int, datetime]]:
    """(step, instant) of the reminders 14 and 3 days before, and of the expiry as step 3; past ones are left out."""
    steps = [(n, until - before) for n, before in enumerate(REMINDERS, 1)] + [(len(REMINDERS) + 1, until)]
    return [(n, instant) for n, instant in steps if instant > at]


def may_verify(*, person: int, tier: int, author: int | None, judges: Iterable[int]) -> tuple[bool, str]:
    """Owner, verifier and asset owners check an answer; of tier 1 its author alone does not (spec faq 3).

    Returns whether, and the code of the refusal.
    """
    if person not in set(judges):
        return False, "faq.not_judge"
    if tier == STRICT_TIER and person == author:
        return False, "faq.verify_self"
    return True, ""


def slug_of(question: str, taken: Sequence[str] = ()) -> str:
    """An address made of the question's words, at most 80 characters; a number follows where it is taken."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in question.lower()).split()
    stem = ""
    for word in words:
        if len(stem) + len(word) + 1 > 80:  # noqa: PLR2004 (the limit itself)
            break
        stem = f"{stem}-{word}" if stem else word
    stem = stem or "answer"
    slug, number = stem, 2
    while slug in taken or slug in RESERVED:
        slug, number = f"{stem}-{number}", number + 1
    return slug


RESERVED = frozenset({"review", "figures", "new", "export", "import", "export.csv", "export.yaml", "themes", "ask"})
