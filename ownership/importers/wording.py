"""What readers of all formats share: owner texts as claims, days as instants, keys of two parts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from ownership.domain.naming import clean
from ownership.domain.owner_text import is_party, split_owners
from ownership.domain.states import LAST_RANK, Basis, Duty
from ownership.importers.facts import ClaimFact
from portal.core.limits import KEY_CHARACTERS, OWNER_CHARACTERS, OWNERS_A_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portal.core.importing.issues import Issues

BARE_DAY = 10


def owner_claims(
    key: str, value: Any, *, system: str, issues: Issues, place: str = "", duty: int = Duty.TECHNICAL.value,
    basis: str = Basis.DECLARED.value, confidence: float = 0.9,
) -> Iterator[ClaimFact]:  # fmt: skip
    """A claim for each owner text of the value, in order; `airflow`, `root` and the like are no party."""
    owners = [clean(raw) for raw in split_owners(value)]
    if len(owners) > OWNERS_A_RECORD:
        message = f"More than {OWNERS_A_RECORD} owners; the rest is not read."
        issues.error("core.limit_owners", message, pointer=place, record=key)
    parties = [raw for raw in owners[:OWNERS_A_RECORD] if is_party(raw)]
    yield from ranked_claims(key, parties, system=system, place=place, duty=duty, basis=basis, confidence=confidence)


def ranked_claims(
    key: str, parties: Iterable[str], *, system: str, place: str = "", duty: int = Duty.TECHNICAL.value,
    basis: str = Basis.DECLARED.value, confidence: float = 0.9,
) -> Iterator[ClaimFact]:  # fmt: skip
    """A claim for each single owner text, each once, the first as primary."""
    for rank, raw in enumerate(dict.fromkeys(raw[:OWNER_CHARACTERS] for raw in parties), start=1):
        yield ClaimFact(
            asset_key=key, raw=raw, id_system=system, duty=duty, rank=min(rank, LAST_RANK), basis=basis,
            confidence=confidence, evidence=({"kind": system, "ref": place},),
        )  # fmt: skip


def listed(value: Any) -> list[Any]:
    """The list, or nothing for what is none."""
    return value if isinstance(value, list) else []


def instant_of(value: Any, zone: str) -> datetime | None:
    """An ISO instant; without a zone it is UTC, a bare day is midnight in `zone`; None for what is neither."""
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    try:
        if len(text) == BARE_DAY:
            return datetime.combine(date.fromisoformat(text), time(), ZoneInfo(zone)).astimezone(UTC)
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def key_of(sort: str, namespace: str, name: str) -> str:
    """`dataset:<namespace>/<name>`, both percent-encoded."""
    return f"{sort}:{quote(clean(namespace), safe='')}/{quote(clean(name), safe='')}"


def is_usable_key(key: str, issues: Issues, *, line: int | None = None, place: str = "") -> bool:
    """Whether the database can hold the key; one that is too long is an error."""
    if key and len(key) <= KEY_CHARACTERS:
        return True
    if key:
        message = "The name of this record is longer than 1,000 characters; it is skipped."
        issues.error("ownership.key_too_long", message, line=line, pointer=place)
    else:
        issues.error("ownership.missing_name", "A record without a name is skipped.", line=line, pointer=place)
    return False
