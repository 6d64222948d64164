"""What a request waits for: the lead's answer by an instant, or its place in the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.engine.domain.subjects import subject_of
from portal.engine.models import Deadline
from requests_queue.queries.budget import queued_requests

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest

APPROVAL_KIND = "requests.approval"


def approval_due(request: DataRequest) -> datetime | None:
    """When the leads above are asked as well; None when that has happened."""
    subject = subject_of(request)
    armed = Deadline.objects.filter(kind=APPROVAL_KIND, subject_type=subject.type, subject_id=subject.id, state="armed")
    return armed.values_list("due_at", flat=True).first()


def place_in_line(request: DataRequest) -> int:
    """Its number among the queued requests that everybody may know of, the oldest first."""
    ahead = queued_requests(request.team).filter(is_private=False, filed_at__lte=request.filed_at)
    return ahead.exclude(pk=request.pk).count() + 1
