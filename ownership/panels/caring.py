"""Who in fact takes care of an asset, on its page: figures for all, names for those whom it concerns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from ownership.domain.shadow import ACT_WORDS
from ownership.queries.care import Care, care_of, is_concerned
from portal.core.web.presentation import Fact, Row, count_words, percent_words, when

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import Asset

LATELY = timedelta(days=90)
MOST_SHARES = 4


@dataclass(frozen=True)
class CareCard:
    """`sentence` is there for those concerned when somebody looks after it in another's place."""

    facts: tuple[Fact, ...]
    shares: tuple[Row, ...]
    sentence: str
    hand_over_url: str
    row: int | None
    slug: str


def care_card(asset: Asset, viewer: Any, at: datetime) -> CareCard | None:
    """None where nobody has done anything on it. Two queries."""
    care = care_of([asset.pk], at)[asset.pk]
    if not care.done:
        return None
    names = is_concerned(care, viewer, at)
    shadow = care.parties[care.shadow.party] if names and care.shadow else None
    answers = care.accountable
    return CareCard(
        facts=tuple(_facts(care, viewer, at)),
        shares=tuple(_shares(care)) if names else (),
        sentence=f"{shadow.name} has looked after it for more than 30 days; {answers.name} answers for it."
        if shadow and answers
        else "",
        hand_over_url=_hand_over(asset, answers.slug, shadow.slug) if shadow and answers else "",
        row=care.row if answers is not None and answers.key == viewer.pk else None,
        slug=asset.slug,
    )


def _hand_over(asset: Asset, giver: str, taker: str) -> str:
    return f"{reverse('handoffs_new')}?{urlencode({'asset': asset.slug, 'owner': giver, 'taker': taker})}"


def _facts(care: Care, viewer: Any, at: datetime) -> list[Fact]:
    kinds = Counter(done.event.kind for done in care.done if done.event.at > at - LATELY)
    told = [Fact(ACT_WORDS[kind].capitalize(), count_words(count, "time")) for kind, count in kinds.most_common()]
    return [*told, Fact("The newest", when(care.done[0].event.at, viewer.zone, at).text)]


def _shares(care: Care) -> list[Row]:
    whole = sum(share.total for share in care.shares)
    return [
        Row(
            care.parties[share.party].name,
            f"/{'people' if share.party > 0 else 'teams'}/{care.parties[share.party].slug}",
            icon="user-round" if share.party > 0 else "users",
            facts=[count_words(share.events, "trace") if share.events else "named by a file or accepted"],
            side=percent_words(share.total / whole, 0) if whole else "",
        )
        for share in care.shares[:MOST_SHARES]
        if share.party in care.parties
    ]
