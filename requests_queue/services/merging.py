"""Merging: the older request serves both, and for seven days this can be taken back (spec requests 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import DomainError
from requests_queue.domain.states import State
from requests_queue.models import DataRequest, Supporter
from requests_queue.policies import visible_to
from requests_queue.services.messages import watch
from requests_queue.services.moving import Move
from requests_queue.services.settling import end_request, locked_with_books

if TYPE_CHECKING:
    from datetime import datetime


@transaction.atomic
def mark_duplicate(
    *, actor: Any, request: DataRequest, survivor: DataRequest, version: int | None = None, at: datetime
) -> DataRequest:
    """The older request serves both: this one's clocks are cancelled, its requester joins the older one.

    Refused as if the survivor did not exist when it is private or not visible (spec requests 6).
    """
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    other = visible_to(actor).filter(pk=survivor.pk, is_private=standing.is_private).first()
    if other is None or standing.is_private:
        raise DomainError("requests.merge_refused", "There is no such request to join this one to.", "survivor")
    if other.pk == standing.pk or not other.is_open:
        raise DomainError("requests.merge_refused", f"{other.number} is not another open request.", "survivor")
    step = Move(
        State.DUPLICATE, "requests.merged", line=f"Continued in {other.number}", data={"survivor": other.number},
        columns={"merged_into": other},
    )  # fmt: skip
    end_request(actor=actor, request=standing, shelf=shelf, step=step, at=at)
    Supporter.objects.get_or_create(
        request=other, person=standing.requester,
        defaults={"team": standing.requester_team, "wording": standing.title, "at": at},
    )  # fmt: skip
    watch(request=other, person=standing.requester, at=at)
    return standing
