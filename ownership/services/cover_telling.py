"""What leads hear of days on which nobody could act: once for each window (spec ownership 8)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ownership.domain.impact import asset_words
from ownership.models import Risk
from portal.accounts.queries.teams import leads_of_person
from portal.core.web.presentation import count_words
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from portal.accounts.models import Person

UNCOVERED = "ownership.uncovered"
NAMES = 5


def tell_leads(person: Person, names: Sequence[str], key: str, at: datetime) -> None:
    """One notice a lead, for all these assets of which nobody could act while the person is away."""
    context = {
        "name": person.name, "count": count_words(len(names), "asset"), "assets": asset_words([*names], NAMES),
        "url": "/risks/?kind=uncovered",
    }  # fmt: skip
    drafts = [
        NoticeDraft(UNCOVERED, f"{key}:{to.key}", subject_of(person), to, "info", context)
        for lead in leads_of_person(person, at.date())
        if lead.pk != person.pk
        for to in (Recipient(person_id=lead.pk),)
    ]
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)


def tell_found(rows: Iterable[Risk], at: datetime) -> None:
    """Windows that appeared by themselves: a backup left, or moved an absence. One notice for all of one owner."""
    ids = [row.pk for row in rows]
    by_owner: dict[Person, list[str]] = defaultdict(list)
    for row in Risk.objects.filter(pk__in=ids, person__isnull=False).select_related("person", "asset").order_by("pk"):
        if row.person is not None and row.asset is not None:
            by_owner[row.person].append(row.asset.name)
    for person, names in by_owner.items():
        tell_leads(person, names, f"{UNCOVERED}:found.{person.pk}:{int(at.timestamp())}", at)
