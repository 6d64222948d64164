"""What people of this room do on an asset speaks for who takes care of it (spec ownership 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.models import Asset
from ownership.services.evidence import Act, record_evidence

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest, FaqAnswer


def trace_answered(*, actor: Any, request: DataRequest, at: datetime) -> None:
    """That `actor` answered what was asked about these assets; nothing of a private request leaves it."""
    if not request.is_private:
        assets = Asset.objects.filter(request_links__request=request, request_links__role="about").distinct()
        act = Act("question_answered", f"request {request.pk}", at)
        record_evidence(actor=actor, person=actor, assets=assets, act=act)


def trace_written(*, actor: Any, answer: FaqAnswer, at: datetime) -> None:
    """That `actor` wrote a version of an answer that rests on these assets."""
    assets = Asset.objects.filter(answer_dependencies__answer=answer)
    record_evidence(actor=actor, person=actor, assets=assets, act=Act("faq_authored", f"answer {answer.pk}", at))
