"""Answers as lists and pages read them; everything starts from what the viewer may see (spec faq 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery

from ownership.models import Ownership
from requests_queue.answer_policies import findable_entries, visible_entries
from requests_queue.domain.answering import EntryState, Visibility
from requests_queue.domain.matching import WORD, normal_form
from requests_queue.models import FaqAnswer, FaqDependency, FaqEntry, FaqPhrase
from requests_queue.policies import visible_to

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from django.db.models import QuerySet

    from requests_queue.models import DataRequest

MOST_WORDS = 8
MOST_LISTED = 50


def with_question(rows: QuerySet[FaqEntry]) -> QuerySet[FaqEntry]:
    """Each entry with its question as `question`."""
    canonical = FaqPhrase.objects.filter(entry=OuterRef("pk"), is_canonical=True)
    return rows.annotate(question=Subquery(canonical.values("text")[:1]))


def listed_entries(viewer: Any, at: datetime) -> QuerySet[FaqEntry]:
    """Rows of a list with what a line shows; two queries whatever the size."""
    about = Prefetch(
        "current__dependencies", FaqDependency.objects.select_related("asset").order_by("asset__name")
    )  # fmt: skip
    rows = visible_entries(viewer, at).filter(merged_into=None)
    return with_question(rows).select_related("team", "owner", "current__verified_by").prefetch_related(about)


def whole_entries(viewer: Any, at: datetime) -> QuerySet[FaqEntry]:
    """Entries with versions, wordings and assets, for the page and the API."""
    versions = FaqAnswer.objects.select_related("author", "verified_by").order_by("-n")
    return (
        listed_entries(viewer, at)
        .select_related("verifier", "created_from")
        .prefetch_related(Prefetch("answers", versions), Prefetch("phrases", FaqPhrase.objects.order_by("pk")))
    )


def address_of(slug: str, viewer: Any, at: datetime) -> str | None:
    """Where the entry of this address is now, when it was merged and both may be seen."""
    merged = visible_entries(viewer, at).filter(slug=slug, merged_into__isnull=False).first()
    if merged is None or merged.merged_into_id is None:
        return None
    survivor = visible_entries(viewer, at).filter(pk=merged.merged_into_id).first()
    return survivor.get_absolute_url() if survivor else None


def with_words(rows: QuerySet[FaqEntry], text: str) -> QuerySet[FaqEntry]:
    """Entries of which one wording holds every word."""
    words = WORD.findall(normal_form(text))[:MOST_WORDS]
    holding = FaqPhrase.objects.filter(entry=OuterRef("pk"))
    for word in words:
        holding = holding.filter(normal__contains=word)
    return rows.filter(Exists(holding)) if words else rows


def of_asset(asset_ids: Iterable[int], viewer: Any, at: datetime) -> QuerySet[FaqEntry]:
    """Published answers that rest on one of these assets, checked ones first."""
    resting = FaqDependency.objects.filter(answer=OuterRef("current"), asset__in=list(asset_ids))
    rows = with_question(findable_entries(viewer, at)).filter(Exists(resting)).select_related("current")
    return rows.order_by(F("current__stale_since").asc(nulls_first=True), "-helped", "pk")


def to_review(person: Any, at: datetime, within: timedelta) -> QuerySet[FaqEntry]:
    """What this person may check and that is stale, never checked, changed underneath, or runs out soon."""
    return waiting_for_check(listed_entries(person, at), person, at, within)


def waiting_for_check(rows: QuerySet[FaqEntry], person: Any, at: datetime, within: timedelta) -> QuerySet[FaqEntry]:
    """The rows that wait for a check by this person; stale ones first."""
    own = Q(owner=person) | Q(verifier=person) | Exists(_on_own_assets(person))
    newer = FaqAnswer.objects.filter(entry=OuterRef("pk"), n__gt=OuterRef("current__n"))
    waiting = (
        Q(current__stale_since__isnull=False) | Q(current__verified_at=None) | ~Q(current__notes=[])
        | Q(current__verified_until__lt=at + within) | Exists(newer)
    )  # fmt: skip
    found = rows.filter(own & waiting, state=EntryState.PUBLISHED.value)
    return found.order_by(F("current__stale_since").asc(nulls_last=True), F("current__verified_until").asc(), "pk")


def newest_version(entry: FaqEntry) -> FaqAnswer | None:
    """The last version written, which may wait for its check beside the one shown."""
    return max(entry.answers.all(), key=lambda answer: answer.n, default=None)


def mergeable_into(entry: FaqEntry, viewer: Any, at: datetime) -> QuerySet[FaqEntry]:
    """Entries of the same readers that this one could become part of."""
    rows = with_question(findable_entries(viewer, at)).filter(visibility=entry.visibility).exclude(pk=entry.pk)
    return rows.exclude(visibility=Visibility.MEMBERS.value)


@dataclass(frozen=True)
class Prefill:
    """What a request already says of its answer."""

    question: str
    body: str
    aliases: tuple[str, ...]
    assets: tuple[Any, ...]


def prefill_from(request: DataRequest, viewer: Any) -> Prefill | None:
    """Question, result, assets and the wordings of those who joined; nothing of a private request (spec faq 2).

    None for a request this person may not see.
    """
    found = visible_to(viewer).filter(pk=request.pk).first()
    if found is None:
        return None
    assets = tuple(link.asset for link in found.assets.select_related("asset").order_by("pk"))
    if found.is_private:
        return Prefill("", "", (), ())
    said = found.messages.filter(is_public=True, is_question=False, author__isnull=False).exclude(
        author=found.requester_id
    )
    last = said.order_by("-pk").first()
    merged = visible_to(viewer).filter(merged_into=found.pk).values_list("title", flat=True)
    wordings = [*found.supporters.exclude(wording="").values_list("wording", flat=True), *merged]
    aliases = tuple(dict.fromkeys(text[:500] for text in wordings if text.strip()))
    return Prefill(found.title, last.body if last else "", aliases, assets)


def _on_own_assets(person: Any) -> QuerySet[FaqDependency]:
    held = Ownership.objects.filter(person=person, state="accepted", valid__upper_inf=True, rank=1).values("asset_id")
    return FaqDependency.objects.filter(answer=OuterRef("current"), asset__in=held)
