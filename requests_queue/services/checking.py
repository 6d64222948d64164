"""Checking an answer, and everything that makes it stale (spec faq 3, 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import F

from ownership.models import Asset
from portal.core.errors import Conflict
from portal.core.policies import require
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadlines, cancel_deadlines
from requests_queue.answer_policies import can_verify, require_open, require_visible, require_write
from requests_queue.domain.answering import (
    OWNER_GRACE,
    EntryState,
    Stale,
    changes_between,
    reminders_for,
    snapshot_from,
    valid_until,
)
from requests_queue.models import FaqAnswer, FaqDependency, FaqEntry
from requests_queue.queries.resting import owner_ids, snapshots_of
from requests_queue.services.entries import audit_entry, save_entry
from requests_queue.services.stale_telling import tell_stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from requests_queue.domain.answering import Change, Snapshot

EXPIRY_KIND = "requests.answer_expiry"
EXPIRED_STEP, OWNER_STEP = 3, 10
CHUNK = 500
# Answers in use whose data is no longer what it was when they were checked.
MOVED = """
SELECT DISTINCT rests.asset_id
FROM requests_queue_faqdependency AS rests
JOIN requests_queue_faqentry AS entry ON entry.current_id = rests.answer_id AND entry.state = 'published'
JOIN requests_queue_faqanswer AS answer ON answer.id = rests.answer_id AND answer.stale_since IS NULL
JOIN ownership_asset AS asset ON asset.id = rests.asset_id
WHERE (rests.snapshot ->> 'schema', rests.snapshot ->> 'definition', rests.snapshot ->> 'lifecycle',
       rests.snapshot ->> 'name')
   IS DISTINCT FROM (asset.schema_hash, asset.definition_hash, asset.lifecycle, asset.name)
ORDER BY 1
"""


@transaction.atomic
def verify_answer(*, actor: Any, answer: FaqAnswer, at: datetime) -> FaqAnswer:
    """Say that a version is true as things stand: new snapshots, no longer stale, valid by its tier.

    A newer version becomes the one shown. Arms the reminders and the expiry. Locks entry and version. Raises
    `NotVisible`, `NotAllowed` (`faq.not_judge`, `faq.verify_self`) or `Conflict` (`faq.archived`, `faq.superseded`).
    """
    entry, standing = _locked(answer)
    require_visible(entry, actor, at)
    used = {row.asset_id: row.columns for row in standing.dependencies.all()}
    require(can_verify(actor, standing, set(owner_ids(used).values())))
    require_open(entry)
    if entry.current is not None and entry.current.n > standing.n:
        raise Conflict("faq.superseded", "There is a newer version. Check that one.")
    _store_snapshots(standing, snapshots_of(used))
    standing.verified_by, standing.verified_at = actor, at
    standing.verified_until = valid_until(entry.tier, at)
    standing.stale_since, standing.stale_reason, standing.stale_detail, standing.notes = None, "", {}, []
    standing.save(
        update_fields=[
            "verified_by", "verified_at", "verified_until", "stale_since", "stale_reason", "stale_detail", "notes",
        ]
    )  # fmt: skip
    entry.current = standing
    save_entry(entry, ["current"], at)
    _arm(entry, standing.verified_until, at)
    audit_entry(actor=actor, verb="faq.verified", entry=entry, at=at, after={"version": standing.n})
    return standing


@transaction.atomic
def mark_stale(*, actor: Any = None, answer: FaqAnswer, reason: Stale, lines: Sequence[str] = (), at: datetime) -> bool:
    """The version no longer claims to be true; says whether it did until now. A stale one keeps its first reason.

    Its owner is told once. Locks entry and version.
    """
    entry, standing = _locked(answer)
    if standing.stale_since is not None or entry.state != EntryState.PUBLISHED:
        return False
    standing.stale_since, standing.stale_reason = at, reason.value
    standing.stale_detail = {"lines": list(lines)[:20]}
    standing.save(update_fields=["stale_since", "stale_reason", "stale_detail"])
    save_entry(entry, [], at)
    audit_entry(
        actor=actor, verb="faq.stale", entry=entry, at=at, after={"reason": reason.value, "lines": list(lines)[:5]}
    )  # fmt: skip
    tell_stale(entry=entry, answer=standing, reason=reason, at=at)
    return True


@transaction.atomic
def report_wrong(*, actor: Any, answer: FaqAnswer, text: str, at: datetime) -> bool:
    """A reader who may judge it, or who writes for the team, says that the answer is wrong now."""
    require_visible(answer.entry, actor, at)
    used = answer.dependencies.values_list("asset_id", flat=True)
    if not can_verify(actor, answer, set(owner_ids(used).values())):
        require_write(actor, answer.entry, at)
    return mark_stale(actor=actor, answer=answer, reason=Stale.REPORTED, lines=[text[:300]], at=at)


def recheck(*, asset_ids: Iterable[int], at: datetime) -> list[int]:
    """Hold the shown answers that rest on these assets against the assets as they are; returns those now stale.

    The same event again does nothing: a stale answer stays as it is, a note stands once. Inside a transaction.
    """
    rows = list(
        FaqDependency.objects.filter(asset__in=list(asset_ids), answer__entry__state=EntryState.PUBLISHED.value)
        .filter(answer=F("answer__entry__current"))
        .select_related("answer__entry")
        .order_by("answer_id", "asset_id")
    )
    now = snapshots_of({row.asset_id: row.columns for row in rows})
    return [row.answer_id for row in rows if row.asset_id in now and _recheck_one(row, now[row.asset_id], at)]


def mark_restated(*, asset_id: int, rebuilt_at: datetime, line: str, at: datetime) -> list[int]:
    """The past of an asset is another: what rests on it and was checked before is stale; returns those now stale.

    `line` says what happened, `{}` is the name of the asset.

    The same event again does nothing to an answer that was checked after the rebuild.
    """
    answers = (
        FaqAnswer.objects.filter(dependencies__asset=asset_id, entry__state=EntryState.PUBLISHED.value)
        .filter(pk=F("entry__current"), verified_at__lt=rebuilt_at)
        .select_related("entry")
        .order_by("pk")
    )
    names = dict(Asset.objects.filter(pk=asset_id).values_list("pk", "name"))
    told = [line.format(names.get(asset_id, "its data"))]
    return [answer.pk for answer in answers if mark_stale(answer=answer, reason=Stale.RESTATED, lines=told, at=at)]


def sweep(*, at: datetime) -> int:
    """Look at every answer whose data differs from its snapshot; returns how many are now stale. Idempotent."""
    with connection.cursor() as cursor:
        cursor.execute(MOVED)
        moved = [row[0] for row in cursor.fetchall()]
    return sum(len(recheck(asset_ids=moved[start : start + CHUNK], at=at)) for start in range(0, len(moved), CHUNK))


def _recheck_one(row: FaqDependency, now: Snapshot, at: datetime) -> bool:
    then = snapshot_from(row.snapshot)
    changes = changes_between(replace(then, used=tuple(row.columns)), replace(now, used=tuple(row.columns)))
    causes = [change for change in changes if change.reason not in (None, Stale.OWNER)]
    if causes:
        lines = [change.line for change in causes]
        return mark_stale(answer=row.answer, reason=causes[0].reason or Stale.SCHEMA, lines=lines, at=at)
    for change in changes:
        _note(row.answer, change, now.owner, at)
    return False


def _note(answer: FaqAnswer, change: Change, owner: int | None, at: datetime) -> None:
    """What changed without making it stale. A new owner of the data has 14 days to confirm the answer."""
    entry, standing = _locked(answer)
    if change.reason is Stale.OWNER:
        _follow_owner(entry, owner, change.line, at)
    if standing.stale_since is not None or any(note["line"] == change.line for note in standing.notes):
        return
    standing.notes = [*standing.notes, {"line": change.line, "at": at.isoformat(), "kind": change.reason or "grew"}]
    standing.save(update_fields=["notes"])
    if change.reason is Stale.OWNER:
        arm_deadlines(drafts=[DeadlineDraft(EXPIRY_KIND, subject_of(entry), at + OWNER_GRACE, OWNER_STEP)], at=at)
        tell_stale(entry=entry, answer=standing, reason=Stale.OWNER, at=at)


def _follow_owner(entry: FaqEntry, owner: int | None, line: str, at: datetime) -> None:
    """The answer follows its data to a person; a team has no hands to check with, so the old owner stays."""
    if entry.owner_follows and owner is not None and owner > 0 and entry.owner_id != owner:
        entry.owner_id = owner
        save_entry(entry, ["owner"], at)
        audit_entry(actor=None, verb="faq.owner_followed", entry=entry, at=at, after={"line": line})


def _locked(answer: FaqAnswer) -> tuple[FaqEntry, FaqAnswer]:
    entry = (
        FaqEntry.objects.select_for_update(of=("self",))
        .select_related("current", "team", "created_from")
        .get(pk=answer.entry_id)
    )
    standing = FaqAnswer.objects.select_for_update().get(pk=answer.pk)
    standing.entry = entry
    return entry, standing


def _store_snapshots(answer: FaqAnswer, snapshots: dict[int, Snapshot]) -> None:
    rows = list(answer.dependencies.filter(asset__in=snapshots))
    for row in rows:
        row.snapshot = snapshots[row.asset_id].as_json()
    FaqDependency.objects.bulk_update(rows, ["snapshot"])


def _arm(entry: FaqEntry, until: datetime, at: datetime) -> None:
    subject = subject_of(entry)
    cancel_deadlines(actor=None, subject=subject, kinds=[EXPIRY_KIND], reason="checked again", at=at)
    drafts = [DeadlineDraft(EXPIRY_KIND, subject, due_at, step) for step, due_at in reminders_for(until, at)]
    arm_deadlines(drafts=drafts, at=at)
