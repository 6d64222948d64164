"""What became of an ask: events, deflection and re-contact (spec faq 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import F

from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core.errors import DomainError, NotVisible
from portal.core.services.drafts import discard_draft
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline
from requests_queue.answer_policies import findable_entries
from requests_queue.domain.deflection import WINDOW
from requests_queue.domain.matching import LOWER
from requests_queue.models import DataRequest, FaqEntry, FaqEvent, FaqPhrase, SuggestionModel
from requests_queue.queries.suggest import judged_entries, question_for
from requests_queue.services.phrases import index_request, remove_phrases

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.queries.suggest import Suggestions

SALT = "faq.ask"
WINDOW_KIND = "requests.deflection_window"
DRAFT = "request"
ENDED = ("solved", "submitted_anyway", "joined")
WATCHED = ("opened", "not_quite")
ACTS = ("shown", "opened", "solved", "not_quite", "submitted_anyway", "joined")
MOST_AGE = 7 * 24 * 3600


@dataclass(frozen=True)
class Ask:
    """What somebody was shown, as it comes back signed with each event; nothing is stored by showing it."""

    id: UUID
    person: int
    text: str
    p: float
    band: str
    features: tuple[float, ...]
    number: int
    entries: tuple[int, ...]
    assets: tuple[int, ...]


def sign_ask(found: Suggestions, *, viewer: Any, assets: tuple[int, ...] = ()) -> str:
    """The mark that goes with the suggestions into the page or the answer of the API."""
    facts = {
        "id": str(found.ask), "by": viewer.pk, "q": found.text, "p": round(found.judged.p, 4), "b": found.band,
        "f": [round(x, 4) for x in found.judged.features], "m": found.number,
        "e": [one.entry.pk for one in found.entries], "a": list(assets),
    }  # fmt: skip
    return signing.dumps(facts, salt=SALT, compress=True)


def read_ask(mark: str, *, viewer: Any) -> Ask:
    """The ask of a mark; raises `DomainError` (`faq.unknown_ask`) for one that is forged, old or somebody else's."""
    try:
        facts = signing.loads(mark, salt=SALT, max_age=MOST_AGE)
    except signing.BadSignature:
        facts = {}
    if facts.get("by") != viewer.pk:
        raise DomainError("faq.unknown_ask", "These suggestions are too old. Look again.", "ask")
    return Ask(
        UUID(facts["id"]), facts["by"], facts["q"], facts["p"], facts["b"], tuple(facts["f"]), facts["m"],
        tuple(facts["e"]), tuple(facts["a"]),
    )  # fmt: skip


@transaction.atomic
def record_event(
    *, actor: Any, ask: Ask, kind: str, entry: FaqEntry | None = None, request: DataRequest | None = None, at: datetime
) -> FaqEvent:
    """Write one step of an ask, and that it was shown at all; the same step of one ask is written once.

    "Solved" on a fresh answer counts as an explicit deflection and closes the draft; on a stale one it is kept and
    counts for nothing. "Joined" closes the draft too. "Opened" and "not quite" start the seven days after which an ask
    that led nowhere is abandoned. Raises `NotVisible`.
    """
    if kind not in ACTS:
        raise DomainError("faq.unknown_event", f"Choose one of {', '.join(ACTS)}.", "event")
    if entry is not None:
        entry = findable_entries(actor, at).select_related("current").filter(pk=entry.pk).first()
        if entry is None:
            raise NotVisible
    _shown(actor, ask, at)
    event, is_new = _write(actor, ask, kind, entry, request, at)
    if is_new and kind in {"solved", "joined"}:
        discard_draft(actor=actor, kind=DRAFT)
    if is_new and kind == "solved" and entry is not None and not event.is_stale:
        FaqEntry.objects.filter(pk=entry.pk).update(helped=F("helped") + 1)
    if is_new and kind in WATCHED:
        arm_deadline(actor=actor, kind=WINDOW_KIND, subject=subject_of(event), due_at=at + WINDOW, at=at)
    return event


@transaction.atomic
def help_noted(*, actor: Any, entry: FaqEntry, helped: bool, at: datetime) -> FaqEvent:
    """A reader of the page says whether it helped. That is no deflection: nobody was about to ask."""
    standing = findable_entries(actor, at).select_related("current").filter(pk=entry.pk).first()
    if standing is None:
        raise NotVisible
    ask = Ask(UUID(int=entry.pk << 64 | actor.pk), actor.pk, "", 0.0, "", (), 0, (), ())
    event, is_new = _write(actor, ask, "helped" if helped else "not_helped", standing, None, at)
    if is_new and helped and not event.is_stale:
        FaqEntry.objects.filter(pk=entry.pk).update(helped=F("helped") + 1)
    return event


def close_window(*, event: FaqEvent, at: datetime) -> bool:
    """Seven days after an answer was opened or found wanting: what became of the ask; says whether it counts.

    An ask that led to no press, no request and nobody's side is abandoned; where a fresh answer was read before and
    none was called not quite, it counts as implicit. Each is written once.
    """
    said = set(FaqEvent.objects.filter(ask=event.ask).values_list("kind", flat=True))
    if event.person_id is None or said & {*ENDED, "implicit"}:
        return False
    filed = DataRequest.objects.filter(
        requester=event.person_id, filed_at__gte=event.at, filed_at__lt=event.at + WINDOW
    )
    if any(_is_same_matter(event, request, at) for request in filed.prefetch_related("assets")):
        return False
    if "abandoned" not in said:
        _again(event, "abandoned", None, at)
    if event.kind != "opened" or event.is_stale or "not_quite" in said:
        return False
    _again(event, "implicit", None, at)
    return True


def after_filing(*, request: DataRequest, at: datetime) -> None:
    """A new request: its title becomes a wording to join by, and what it takes back is taken back.

    An explicit deflection of the same person within seven days, on the same asset or the same question, is a
    re-contact. Nothing of a private request is indexed. Inside the transaction of filing.
    """
    if request.is_private or not index_request(request=request, since=at - WINDOW):
        return
    solved = FaqEvent.objects.filter(
        kind="solved", is_stale=False, person=request.requester_id, at__gt=at - WINDOW, at__lte=at
    )
    for event in solved.order_by("pk"):
        is_known = FaqEvent.objects.filter(ask=event.ask, kind="recontacted").exists()
        if not is_known and _is_same_matter(event, request, at):
            _again(event, "recontacted", request, at)


def forget_wording(*, request: DataRequest) -> None:
    """A request that became private leaves the wordings; nobody outside finds it by its words."""
    remove_phrases(FaqPhrase.objects.filter(request=request))


def forget_people(*, before: datetime) -> int:
    """Drop the person of events older than `before`; the counts stay. Returns how many."""
    return FaqEvent.objects.filter(person__isnull=False, at__lt=before).update(person=None)


def _is_same_matter(event: FaqEvent, request: DataRequest, at: datetime) -> bool:
    """The same asset; where none was chosen, a title that finds the same answer with p of one half or more."""
    if event.asset_id is not None:
        return any(link.asset_id == event.asset_id for link in request.assets.all())
    if event.entry_id is None:
        return False
    question = question_for(request.title)
    judged = judged_entries(question, findable_entries(request.requester, at))
    return judged.p >= LOWER and any(one.id == event.entry_id for one in judged.entries)


def _shown(actor: Any, ask: Ask, at: datetime) -> None:
    if ask.entries and not FaqEvent.objects.filter(ask=ask.id, kind="shown").exists():
        first = FaqEntry.objects.filter(pk=ask.entries[0]).first()
        _write(actor, ask, "shown", first, None, at)


def _write(
    actor: Any, ask: Ask, kind: str, entry: FaqEntry | None, request: DataRequest | None, at: datetime
) -> tuple[FaqEvent, bool]:
    standing = FaqEvent.objects.filter(ask=ask.id, kind=kind, entry=entry).first()
    if standing is not None:
        return standing, False
    answer = entry.current if entry is not None else None
    rank = ask.entries.index(entry.pk) + 1 if entry is not None and entry.pk in ask.entries else None
    event = FaqEvent.objects.create(
        ask=ask.id, kind=kind, person=actor, team=main_team(actor, local_day(actor, at)), query=ask.text[:2000],
        asset_id=ask.assets[0] if ask.assets else None, entry=entry, answer=answer, request=request, rank=rank,
        p=ask.p, band=ask.band, features=list(ask.features) if kind == "shown" else [],
        model=SuggestionModel.objects.filter(n=ask.number).first() if ask.number else None,
        is_stale=bool(answer and answer.is_stale), at=at,
    )  # fmt: skip
    return event, True


def _again(event: FaqEvent, kind: str, request: DataRequest | None, at: datetime) -> None:
    FaqEvent.objects.create(
        ask=event.ask, kind=kind, person_id=event.person_id, team_id=event.team_id, query=event.query,
        asset_id=event.asset_id, entry_id=event.entry_id, answer_id=event.answer_id, request=request, p=event.p,
        band=event.band, model_id=event.model_id, at=at,
    )  # fmt: skip
    if kind == "recontacted" and event.entry_id is not None:
        FaqEntry.objects.filter(pk=event.entry_id, helped__gt=0).update(helped=F("helped") - 1)
