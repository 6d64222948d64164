"""One POST of JSON through the egress rules, with the outcome every HTTP channel answers alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.core import egress
from portal.core.errors import DomainError
from portal.engine.channels.webhook import outcome_of
from portal.engine.domain.outcomes import Ambiguous, Outcome, Permanent, Temporary

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"


def post_json(
    url: str, body: bytes, headers: Mapping[str, str], *, key: str, stop_at: float, content_type: str = JSON
) -> Outcome:
    """Send it and say what became of it; the key goes along for providers that know the header."""
    sent = {"Content-Type": content_type, "Idempotency-Key": key} | dict(headers)
    try:
        answer = egress.post(url, body=body, headers=sent, stop_at=stop_at)
    except DomainError as error:
        return Permanent(error.message)
    except egress.AnswerLost as error:
        return Ambiguous(str(error))
    except egress.EgressError as error:
        return Temporary(str(error))
    return outcome_of(answer.status, dict(answer.headers))
