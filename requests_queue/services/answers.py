"""Entries and their versions: write, publish, merge, put away (spec faq 2, 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import responsible_leads
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from requests_queue.answer_policies import can_write, require_open
from requests_queue.domain.answering import MOST_QUESTION, EntryState, Visibility, slug_of
from requests_queue.domain.matching import normal_form
from requests_queue.domain.texts import checked_line, checked_text
from requests_queue.models import FaqAnswer, FaqDependency, FaqEntry, FaqPhrase
from requests_queue.queries.resting import owner_ids, resting_of, snapshots_of
from requests_queue.services.entries import audit_entry, locked_entry, save_entry, sync_public
from requests_queue.services.phrases import add_phrases
from requests_queue.services.traces import trace_written
from requests_queue.services.wordings import change_question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ownership.models import Asset
    from portal.accounts.models import Person, Team
    from requests_queue.models import DataRequest
    from requests_queue.queries.resting import Resting

MOST_TAGS, MOST_PARAMETERS, MOST_ASSETS = 10, 20, 50
PARAMETER_KEYS = ("name", "type", "example", "meaning")


@dataclass(frozen=True)
class EntryDraft:
    """A question as somebody writes it; the owner is that of the first asset when nobody is named."""

    question: str
    team: Team
    tier: int = 2
    visibility: str = Visibility.ALL.value
    tags: Sequence[str] = ()
    owner: Person | None = None
    verifier: Person | None = None
    aliases: Sequence[str] = ()
    created_from: DataRequest | None = None
    slug: str = ""
    source: str = "author"


@dataclass(frozen=True)
class AnswerDraft:
    """A version as somebody writes it. `acknowledged` are names in the SQL that stand for no asset, said aloud."""

    body: str
    sql: str = ""
    dialect: str = ""
    parameters: Sequence[Mapping[str, Any]] = ()
    limits: str = ""
    assets: Sequence[Asset] = ()
    acknowledged: Sequence[str] = ()


@dataclass(frozen=True)
class EntryChange:
    """What is changed of an entry; None leaves a fact as it is."""

    question: str | None = None
    tier: int | None = None
    visibility: str | None = None
    tags: Sequence[str] | None = None
    owner: Person | None = None
    verifier: Person | None = None


@transaction.atomic
def create_entry(*, actor: Any, draft: EntryDraft, at: datetime) -> FaqEntry:
    """A draft with its question and aliases as wordings, visible to its team.

    One made from a private request is its members' alone and starts without the request's words: the caller writes
    the question. Raises `NotAllowed`, `DomainError` naming the field.
    """
    source = draft.created_from
    is_private = source is not None and source.is_private
    if not is_private and actor is not None:
        require(can_write(actor, draft.team, at))
    question = checked_line(draft.question, "question", most=MOST_QUESTION)
    wanted = draft.slug or slug_of(question)
    taken = list(FaqEntry.objects.filter(slug__startswith=wanted[:80]).values_list("slug", flat=True))
    entry = FaqEntry.objects.create(
        slug=slug_of(wanted, taken), team=draft.team, owner=draft.owner, owner_follows=draft.owner is None,
        verifier=draft.verifier, tier=checked_tier(draft.tier), tags=checked_tags(draft.tags),
        visibility=Visibility.MEMBERS.value if is_private else checked_visibility(draft.visibility),
        created_from=source, created_by=actor, created_at=at, updated_at=at,
    )  # fmt: skip
    wordings = {normal_form(text): text for text in (" ".join(alias.split()) for alias in draft.aliases) if text}
    wordings.pop(normal_form(question), None)
    phrases = [FaqPhrase(entry=entry, text=question, is_canonical=True, source=draft.source)]
    phrases += [FaqPhrase(entry=entry, text=text[:MOST_QUESTION], source="request") for text in wordings.values()]
    add_phrases(phrases, at=at)
    audit_entry(actor=actor, verb="faq.created", entry=entry, at=at, after={"tier": entry.tier})
    return entry


@transaction.atomic
def publish_answer(
    *, actor: Any, entry: FaqEntry, answer: AnswerDraft, version: int | None = None, at: datetime
) -> FaqAnswer:
    """Write the next version; the first one publishes the entry.

    A checked version stays shown until the new one is checked. Names in the SQL that stand for no asset must be
    acknowledged (`faq.unresolved_sql`); a published entry has an owner (`faq.no_owner`). Locks the entry.
    """
    standing = locked_entry(actor=actor, entry=entry, version=version, at=at)
    require_open(standing)
    resting = _resting(answer)
    made = FaqAnswer.objects.create(
        entry=standing, n=standing.answers.count() + 1, body=checked_text(answer.body, "body", required=True),
        sql=checked_text(answer.sql, "sql"), dialect=answer.dialect, parameters=checked_parameters(answer.parameters),
        limits=checked_text(answer.limits, "limits")[:500], unresolved=list(resting.unresolved), author=actor,
        created_at=at,
    )  # fmt: skip
    write_dependencies(made, resting)
    trace_written(actor=actor, answer=made, at=at)
    if standing.owner_id is None:
        standing.owner = _owner_of(standing, answer.assets, resting, actor, at)
    shown = standing.current
    if shown is None or shown.verified_at is None:
        standing.current = made
    is_first = standing.state == EntryState.DRAFT
    standing.state = EntryState.PUBLISHED.value
    standing.published_at = standing.published_at or at
    save_entry(standing, ["owner", "current", "state", "published_at"], at)
    sync_public(standing)
    verb = "faq.published" if is_first else "faq.revised"
    audit_entry(actor=actor, verb=verb, entry=standing, at=at, after={"version": made.n})
    return made


@transaction.atomic
def edit_entry(
    *, actor: Any, entry: FaqEntry, change: EntryChange, version: int | None = None, at: datetime
) -> FaqEntry:
    """Change the question, tier, readers, tags, owner or verifier; none of them renews a check. Locks the entry."""
    standing = locked_entry(actor=actor, entry=entry, version=version, at=at)
    require_open(standing)
    before = {"tier": standing.tier, "visibility": standing.visibility, "tags": list(standing.tags)}
    if change.question is not None:
        change_question(standing, checked_line(change.question, "question", most=MOST_QUESTION), at=at)
    standing.tier = standing.tier if change.tier is None else checked_tier(change.tier)
    if change.visibility is not None:
        standing.visibility = _next_visibility(standing, change.visibility)
    standing.tags = standing.tags if change.tags is None else checked_tags(change.tags)
    if change.owner is not None:
        standing.owner, standing.owner_follows = change.owner, False
    standing.verifier = change.verifier or standing.verifier
    save_entry(standing, ["tier", "visibility", "tags", "owner", "owner_follows", "verifier"], at)
    sync_public(standing)
    after = {"tier": standing.tier, "visibility": standing.visibility, "tags": list(standing.tags)}
    audit_entry(actor=actor, verb="faq.edited", entry=standing, at=at, before=before, after=after)
    return standing


@transaction.atomic
def retire_entry(*, actor: Any, entry: FaqEntry, reason: str = "", at: datetime) -> FaqEntry:
    """Put the entry away: it is found by nothing, its address still answers. Undone by `restore_entry`."""
    standing = locked_entry(actor=actor, entry=entry, at=at)
    require_open(standing)
    standing.state = EntryState.ARCHIVED.value
    save_entry(standing, ["state"], at)
    sync_public(standing)
    audit_entry(actor=actor, verb="faq.retired", entry=standing, at=at, reason=reason[:500])
    return standing


@transaction.atomic
def restore_entry(*, actor: Any, entry: FaqEntry, at: datetime) -> FaqEntry:
    """Bring an entry back; one that was merged stays where it went, one without an answer is a draft again."""
    standing = locked_entry(actor=actor, entry=entry, at=at)
    if standing.merged_into_id is not None:
        raise Conflict("faq.merged", "This answer became part of another one; its wordings are there.")
    if standing.state != EntryState.ARCHIVED:
        raise Conflict("faq.not_archived", "This answer is not put away.")
    standing.state = (EntryState.PUBLISHED if standing.current_id else EntryState.DRAFT).value
    save_entry(standing, ["state"], at)
    sync_public(standing)
    audit_entry(actor=actor, verb="faq.restored", entry=standing, at=at)
    return standing


def write_dependencies(answer: FaqAnswer, resting: Resting) -> None:
    """What the version rests on, as it stands now."""
    snapshots = snapshots_of(resting.used)
    FaqDependency.objects.bulk_create(
        FaqDependency(
            answer=answer, asset_id=pk, columns=list(snapshot.used), snapshot=snapshot.as_json(),
            via="sql" if pk in resting.via_sql else "link",
        )
        for pk, snapshot in snapshots.items()
    )  # fmt: skip


def checked_tier(tier: int) -> int:
    """1, 2 or 3; raises `DomainError`."""
    if tier not in (1, 2, 3):
        raise DomainError("faq.bad_tier", "Choose 1 (checked every 30 days), 2 (90) or 3 (180).", "tier")
    return tier


def checked_visibility(word: str) -> str:
    """Everybody or the team; only a private request makes an answer for its members."""
    if word not in {Visibility.ALL.value, Visibility.TEAM.value}:
        raise DomainError("faq.bad_visibility", "Choose everybody or the team.", "visibility")
    return word


def checked_tags(tags: Sequence[str]) -> list[str]:
    """At most 10 short tags, each once."""
    found = list(dict.fromkeys(" ".join(tag.lower().split())[:40] for tag in tags if tag.strip()))
    if len(found) > MOST_TAGS:
        raise DomainError("faq.too_many_tags", f"At most {MOST_TAGS} tags.", "tags")
    return found


def checked_parameters(given: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Name, type, example and meaning of each parameter; raises `DomainError` for one without a name."""
    if len(given) > MOST_PARAMETERS:
        raise DomainError("faq.bad_parameters", f"At most {MOST_PARAMETERS} parameters.", "parameters")
    rows = [{key: str(row.get(key, "")).strip()[:200] for key in PARAMETER_KEYS} for row in given]
    if any(not row["name"] for row in rows):
        raise DomainError("faq.bad_parameters", "Each parameter needs a name.", "parameters")
    return rows


def _resting(answer: AnswerDraft) -> Resting:
    if len(answer.assets) > MOST_ASSETS:
        raise DomainError("faq.too_many_assets", f"At most {MOST_ASSETS} assets.", "assets")
    resting = resting_of(answer.sql, answer.dialect, answer.assets)
    said = {name.lower() for name in answer.acknowledged}
    missing = [name for name in resting.unresolved if name.lower() not in said]
    if missing:
        message = f"No asset is known for {', '.join(missing[:5])}. Link one below, or tick that this is so."
        raise DomainError("faq.unresolved_sql", message, "sql", names=missing)
    return resting


def _owner_of(entry: FaqEntry, linked: Sequence[Asset], resting: Resting, actor: Any, at: datetime) -> Person:
    """The owner of the first asset, linked ones before those of the SQL; else a lead of the team."""
    order = [asset.pk for asset in linked] + sorted(resting.used)
    owners = owner_ids(order)
    first = next((owners[pk] for pk in order if pk in owners), None)
    people: Any = FaqEntry._meta.get_field("owner").related_model  # noqa: SLF001 (Django's public name)
    found = people.objects.filter(pk=first, state="active").first() if first else None
    if found is not None:
        return found  # type: ignore[no-any-return]  # the custom user model
    entry.owner_follows = False
    leads = responsible_leads(entry.team, local_day(actor, at) if actor else at.date())
    if not leads:
        raise DomainError("faq.no_owner", "Name somebody who answers for this: its data has no owner.", "owner")
    return leads[0]


def _next_visibility(entry: FaqEntry, word: str) -> str:
    """Only its members can open what came from a private request; nobody closes an answer into a compartment."""
    return entry.visibility if word == entry.visibility else checked_visibility(word)
