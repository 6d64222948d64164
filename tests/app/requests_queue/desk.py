"""A desk with requests, made through the services."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.triage import claim_for_triage
from requests_queue.services.working import start_work

if TYPE_CHECKING:
    from requests_queue.models import DataRequest
    from tests.world import World

# A Tuesday at ten in the morning; teams of the tests work Monday to Friday, 09:00 to 18:00 UTC.
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def filed(world: World, *, at: datetime = TUESDAY, **facts: Any) -> DataRequest:
    """Bob asks Data Platform a question."""
    filing: dict[str, Any] = {
        "kind": "question",
        "title": "Why is net GMV lower than in finance",
        "team": world.data_platform,
    } | facts
    return file_request(actor=world.bob, filing=Filing(**filing), at=at)


def accepted(world: World, *, at: datetime = TUESDAY, **facts: Any) -> DataRequest:
    """Alice took it in as a question."""
    request = filed(world, at=at, **facts)
    claim_for_triage(actor=world.alice, request=request, at=at)
    return decide_request(actor=world.alice, request=request, estimate=Estimate("question"), at=at)


def started(world: World, *, at: datetime = TUESDAY, **facts: Any) -> DataRequest:
    request = accepted(world, at=at, **facts)
    return start_work(actor=world.alice, request=request, at=at)
