"""Who hears that an answer needs a look, once (spec faq 4)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.accounts.models import Person
from portal.accounts.queries.people import away_among
from portal.accounts.queries.teams import responsible_leads
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import DeadlineDraft, NoticeDraft, Recipient
from portal.engine.domain.subjects import Subject, subject_of
from portal.engine.models import Notice
from portal.engine.services.arming import arm_deadlines
from portal.engine.services.notices import raise_notices
from requests_queue.domain.answering import STALE_WORDS, STRICT_TIER, Stale, Visibility
from requests_queue.models import FaqAnswer, FaqDependency, FaqEntry
from requests_queue.queries.resting import owner_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

STALE_NOTICE = "requests.answer_stale"
DUE_NOTICE = "requests.answer_due"
DIGEST_KIND = "requests.answer_digest"
REVIEW = "/faq/review/"
MORNING = time(9)


def tell_stale(*, entry: FaqEntry, answer: FaqAnswer, reason: Stale, at: datetime) -> None:
    """One notice a day to the owner, the next morning for what came later; tier 1 at once, each by itself."""
    for person in judges_present(entry, at)[:1]:
        words = STALE_WORDS[reason]
        line = f"“{question_of(entry)}”: {words}."
        day = at.astimezone(ZoneInfo(person.zone)).date()
        single = f"{STALE_NOTICE}:{answer.pk}:{reason}:{at.isoformat()}:user.{person.pk}"
        key = single if entry.tier == STRICT_TIER else f"{STALE_NOTICE}:{day}:user.{person.pk}"
        if Notice.objects.filter(dedup_key=key[:200]).exists():
            arm_digest(person, at)
            continue
        raise_notices(planned=[Planned(_draft(STALE_NOTICE, key, entry, person, line))], at=at)


def arm_digest(person: Person, at: datetime) -> None:
    """What went stale after today's notice is told tomorrow at nine, in one."""
    zone = ZoneInfo(person.zone)
    tomorrow = (at.astimezone(zone) + timedelta(days=1)).date()
    due_at = datetime.combine(tomorrow, MORNING, tzinfo=zone)
    arm_deadlines(drafts=[DeadlineDraft(DIGEST_KIND, Subject("accounts.person", person.pk), due_at)], at=at)


def digest_draft(person: Person, entries: Sequence[FaqEntry], at: datetime) -> NoticeDraft:
    """The notice of a morning: how many of the person's answers wait for a look."""
    day = at.astimezone(ZoneInfo(person.zone)).date()
    number = len(entries)
    line = f"{number} of your answers are stale." if number > 1 else f"“{question_of(entries[0])}” is stale."
    return _draft(STALE_NOTICE, f"{STALE_NOTICE}:{day}:user.{person.pk}", entries[0], person, line)


def due_draft(entry: FaqEntry, step: int, at: datetime) -> list[NoticeDraft]:
    """The reminder before a check runs out, to whoever may check it and is there."""
    until = entry.current.verified_until if entry.current else None
    when = f" by {until:%d %b}" if until else ""
    line = f"“{question_of(entry)}” needs another check{when}."
    key = f"{DUE_NOTICE}:{entry.pk}:{until and until.isoformat()}:s{step}"
    return [
        _draft(DUE_NOTICE, f"{key}:user.{person.pk}", entry, person, line)
        for person in judges_present(entry, at)[:1]
    ]  # fmt: skip


def judges_present(entry: FaqEntry, at: datetime) -> list[Person]:
    """Verifier, owner, owners of the data, leads of the team, in this order; nobody is asked while away."""
    own = [pk for pk in (entry.verifier_id, entry.owner_id) if pk is not None]
    assets = FaqDependency.objects.filter(answer=entry.current_id).values_list("asset_id", flat=True)
    chain = list(dict.fromkeys([*own, *owner_ids(assets).values()]))
    people = Person.objects.filter(pk__in=chain, state="active").in_bulk()
    away = away_among(people, at)
    present = [people[pk] for pk in chain if pk in people and pk not in away]
    if present:
        return present
    leads = responsible_leads(entry.team, at.date())
    gone = away_among([lead.pk for lead in leads], at)
    return [lead for lead in leads if lead.pk not in gone] or leads


def question_of(entry: FaqEntry) -> str:
    """The question as it is written now, short enough for a notice."""
    return (entry.phrases.filter(is_canonical=True).values_list("text", flat=True).first() or "")[:160]


def _draft(kind: str, key: str, entry: FaqEntry, person: Person, line: str) -> NoticeDraft:
    is_private = entry.visibility == Visibility.MEMBERS
    context = {"url": REVIEW, "number": "answer"} if is_private else {"url": REVIEW, "line": line[:300]}
    return NoticeDraft(
        kind, key[:200], subject_of(entry), Recipient(person_id=person.pk), "info", context, is_private=is_private
    )
