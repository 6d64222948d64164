"""A private word on My day before work on others' assets becomes a crossing (spec additions, "early word")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Subquery
from django.urls import reverse

from ownership.domain.crossings import WINDOW
from ownership.domain.kinds import kind_of
from ownership.domain.shadow import ACTS
from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Crossing, Evidence, Ownership
from ownership.queries.expected import crossed_by
from portal.accounts.models import Membership
from portal.core.web.presentation import Link, Row, count_words
from portal.core.web.shell import url_of

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person

SECOND, MOST = 2, 5


@dataclass(frozen=True)
class EarlyWord:
    """Assets that belong to another team, each with the way to ask it."""

    rows: tuple[Row, ...]


def early_word(subject: Any, viewer: Person, at: datetime) -> EarlyWord | None:
    """From the second act within 30 days on, until it is a crossing; nobody else reads it. 3 queries, 1 without acts.

    What the person answers for is left out: that is a crossing by itself.
    """
    del subject
    here = {"asset": OuterRef("asset"), "person": viewer}
    crossing = Crossing.objects.filter(valid__upper_inf=True, **here)
    owned = Ownership.objects.filter(
        duty=Duty.TECHNICAL, rank=PRIMARY, state=State.ACCEPTED.value, valid__upper_inf=True, **here
    )
    place = Membership.objects.filter(person=viewer, is_main=True, during__contains=at.date())
    acts = Evidence.objects.filter(person=viewer, kind__in=ACTS, at__gt=at - WINDOW, at__lte=at)
    counted = acts.exclude(Exists(crossing)).exclude(Exists(owned)).values("asset", "asset__kind")
    rows = counted.annotate(count=Count("pk"), craft=Subquery(place.values("discipline")[:1])).filter(count__gte=SECOND)
    found = list(rows.order_by("-count", "asset")[: 4 * MOST])
    craft = next((row["craft"] for row in found if row["craft"]), "")
    others = crossed_by([row["asset"] for row in found], craft, at) if craft else {}
    shown = [_row(*others[row["asset"]], row["asset__kind"], row["count"]) for row in found if row["asset"] in others]
    return EarlyWord(tuple(shown[:MOST])) if shown else None


def _row(asset: Any, expected: Any, kind: int, count: int) -> Row:
    ask = url_of("requests_new")
    whose = f"belongs to {expected.name}" if expected is not None else "belongs to another craft"
    return Row(
        asset.name, reverse("assets_detail", args=[asset.slug]), icon=kind_of(kind).icon,
        facts=[whose, f"{count_words(count, 'act')} of yours in 30 days"],
        action=Link("Open a ticket", f"{ask}?assets={asset.slug}") if ask else None,
    )  # fmt: skip
