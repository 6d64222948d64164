"""Pages whose owner should read them again, in "Needs you"."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from django.urls import reverse

from ownership.domain.documents import review_day
from ownership.queries.documents import due_documents
from portal.core.registries import Need
from portal.core.web.presentation import day_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.accounts.models import Person


def documents_to_read(viewer: Person, at: datetime) -> Sequence[Need]:
    """The oldest day first; the line goes when an import brings a later `review_on`."""
    found = []
    for asset in due_documents(viewer, at):
        day = review_day(asset.attrs)
        if day is not None:
            due_at = datetime.combine(day, time(tzinfo=UTC))
            sentence = f"It wanted to be read again by {day_words(day, at.date())}. Is it still true?"
            url = reverse("assets_detail", args=[asset.slug])
            found.append(Need(asset.name, sentence, "Read it", url, due_at=due_at, since=due_at))
    return found
