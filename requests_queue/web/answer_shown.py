"""View models of one answer: ready strings, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ownership.queries.owners import current_owners
from portal.accounts.queries.changes import follows
from portal.core.web.presentation import Badge, Banner, Fact, OwnerChip, when
from portal.engine.domain.subjects import subject_of
from requests_queue.answer_policies import can_verify, can_write
from requests_queue.answer_rows import helped_words, plain, truth_badge, truth_words
from requests_queue.domain.answering import (
    STALE_WORDS,
    VALID_DAYS,
    EntryState,
    Stale,
    Visibility,
    changes_between,
    snapshot_from,
)
from requests_queue.queries.answers import newest_version
from requests_queue.queries.incidents import late_assets
from requests_queue.queries.resting import snapshots_of
from requests_queue.web.markdown import CleanHtml, clean_html

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ownership.domain.parties import Owners
    from requests_queue.models import FaqAnswer, FaqDependency, FaqEntry

READERS = {"all": "everybody", "team": "the team", "members": "members of its private request"}


@dataclass(frozen=True)
class Rest:
    """An asset an answer rests on, with whoever owns it."""

    name: str
    url: str
    owner: OwnerChip
    columns: str


@dataclass(frozen=True)
class ReviewItem:
    """An answer that waits for a check: why, and what changed since the last one."""

    entry: Any
    badge: Badge
    line: str
    changes: tuple[str, ...]
    can_check: bool
    version: int


def answer_context(entry: Any, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything on the page of an answer."""
    answer: FaqAnswer | None = entry.current or newest_version(entry)
    newest = newest_version(entry)
    rests = list(answer.dependencies.select_related("asset").order_by("asset__name")) if answer else []
    owners = current_owners([rest.asset_id for rest in rests])
    waiting = newest if newest is not None and answer is not None and newest.pk != answer.pk else None
    judged = waiting or answer
    return {
        "entry": entry,
        "answer": answer,
        "page_title": entry.question or "A question that is not written yet",
        "crumbs": (("Answers", "/faq/"), (entry.team.name, f"/faq/?team={entry.team.slug}")),
        "badge": truth_badge(entry),
        "banners": banners_of(entry, answer, [rest.asset_id for rest in rests], viewer, at),
        "body": clean_html(answer.body) if answer else CleanHtml(""),
        "facts": _facts(entry, answer, viewer.zone, at),
        "rests": [_rest(rest, owners[rest.asset_id]) for rest in rests],
        "aliases": [phrase for phrase in entry.phrases.all() if not phrase.is_canonical],
        "can_write": bool(can_write(viewer, entry.team, at)) or entry.visibility == Visibility.MEMBERS,
        "can_check": judged is not None and _may_check(viewer, entry, judged, owners),
        "to_check": judged,
        "waiting": waiting,
        "waiting_body": clean_html(waiting.body) if waiting else CleanHtml(""),
        "follows": follows(viewer, subject_of(entry)),
        "is_open": entry.state != EntryState.ARCHIVED,
        "versions": [(version.n, when(version.created_at, viewer.zone, at)) for version in entry.answers.all()],
    }


def banners_of(
    entry: FaqEntry, answer: FaqAnswer | None, asset_ids: Sequence[int], viewer: Any, at: datetime
) -> list[Banner]:
    """Why the answer may not be true, wherever it is shown: stale, late data, changes underneath."""
    found = []
    if answer is not None and answer.is_stale and answer.stale_since is not None:
        words = STALE_WORDS[Stale(answer.stale_reason)]
        lines = "; ".join(answer.stale_detail.get("lines", []))
        since = when(answer.stale_since, viewer.zone, at).text
        told = f"{lines}. " if lines else ""
        found.append(Banner(f"Stale since {since}: {words}.", f"{told}It is shown as it was until somebody checks it."))
    late = late_assets(asset_ids, viewer) if asset_ids else []
    if late:
        found.append(Banner("Data late now", f"{', '.join(late)}: an incident is open. The answer itself stands."))
    notes = [note["line"] for note in answer.notes] if answer is not None and not answer.is_stale else []
    if notes:
        found.append(Banner("Something changed underneath", "; ".join(notes) + ".", "note", "info"))
    if entry.state == EntryState.ARCHIVED:
        found.append(Banner("Put away", "It is found by nothing any more.", "note", "eye-off"))
    return found


def review_items(entries: list[Any], viewer: Any, at: datetime) -> list[ReviewItem]:
    """Each with what changed in its assets since it was checked; four queries whatever the number."""
    rests: dict[int, list[FaqDependency]] = {}
    for entry in entries:
        rests[entry.pk] = list(entry.current.dependencies.all()) if entry.current else []
    used = {rest.asset_id: tuple(rest.columns) for found in rests.values() for rest in found}
    now = snapshots_of(used) if used else {}
    owners = current_owners(used)
    return [_review_item(entry, rests[entry.pk], now, owners, viewer, at) for entry in entries]


def _review_item(
    entry: Any, rests: list[FaqDependency], now: Any, owners: dict[int, Owners], viewer: Any, at: datetime
) -> ReviewItem:
    changes = [
        change.line
        for rest in rests
        if rest.asset_id in now
        for change in changes_between(snapshot_from(rest.snapshot), now[rest.asset_id])
    ]
    line = " · ".join(plain(truth_words(entry.current, viewer.zone, at)))
    return ReviewItem(
        entry, truth_badge(entry), line, tuple(dict.fromkeys(changes)),
        entry.current is not None and _may_check(viewer, entry, entry.current, owners), entry.current.n,
    )  # fmt: skip


def _may_check(viewer: Any, entry: Any, answer: FaqAnswer, owners: dict[int, Owners]) -> bool:
    answer.entry = entry
    ids = {
        held.primary.party.person_id
        for held in owners.values()
        if held.primary is not None and held.primary.party.person_id is not None
    }
    return bool(can_verify(viewer, answer, ids))


def _facts(entry: Any, answer: FaqAnswer | None, zone: str, at: datetime) -> list[Fact]:
    words = truth_words(answer, zone, at)
    facts = [Fact("Truth", " · ".join(plain(words)))] if words else []
    facts += [
        Fact("Owner", entry.owner.name if entry.owner else "nobody yet", "" if entry.owner else "text-bad"),
        Fact("Team", entry.team.name, url=f"/teams/{entry.team.slug}"),
        Fact("Checked", f"every {VALID_DAYS[entry.tier]} days (tier {entry.tier})"),
        Fact("Read by", READERS[entry.visibility]),
    ]
    if entry.verifier:
        facts.append(Fact("May also check", entry.verifier.name))
    facts += [Fact("Used", words) for words in helped_words(entry.helped)]
    return facts


def _rest(rest: FaqDependency, owners: Owners) -> Rest:
    held = owners.primary
    url = f"/assets/{rest.asset.slug}"
    chip = OwnerChip(held.party.name, held.party.craft) if held else OwnerChip("", url=f"{url}#owners", is_nobody=True)
    return Rest(rest.asset.name, url, chip, ", ".join(rest.columns))
