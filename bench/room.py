"""The smallest room above the engine: each deadline tells one endpoint through a channel that notes the instant."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.sink import accept, opened
from portal.core import registries as core
from portal.engine import registries as engine
from portal.engine.domain.drafts import DeliveryDraft, FireResult, NoticeDraft, Recipient, dedup_key
from portal.engine.domain.messages import Message
from portal.engine.domain.outcomes import Outcome, Sent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline, NoticeFacts
    from portal.engine.domain.messages import Words

KIND, NOTICE, TYPE = "bench.step", "bench.page", "bench.thing"
ENDPOINTS = 100


class Steps:
    """Pages the endpoint of each subject, and writes down when it was asked to."""

    def __init__(self, path: str) -> None:
        self._handle = opened(path)

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Mapping[int, FireResult]:
        del at
        accept(self._handle)
        return {each.id: FireResult("done", notices=(_page(each),)) for each in deadlines}


class Clocked:
    """Accepts everything at once and writes down when."""

    slug = "bench"
    severities = frozenset({"page"})
    honours_key = True
    bundles = False
    is_local = True
    max_ambiguous = 3

    def __init__(self, path: str) -> None:
        self._handle = opened(path)

    def validate(self, raw: str) -> str:
        return raw

    def host(self, address: str) -> str:
        return address

    def render(self, words: Sequence[Words], notice: NoticeFacts, *, address: str, key: str) -> Message:
        del notice, key
        return Message(address, words[0].title, words[0].text.encode())

    def send(self, message: Message, *, key: str, stop_at: float) -> Outcome:
        del message, stop_at
        accept(self._handle)
        return Sent(key)


@contextmanager
def room(path: str) -> Iterator[None]:
    """Registered for the block."""
    with core.reopened():
        engine.register_deadline_kind(KIND, Steps(f"{path}.handled"), "rebase")
        engine.register_notice_kind(NOTICE, "page", [], acknowledgeable=False, title="Late", text="Thing {number}")
        engine.register_destination("bench", _plan)
        engine.register_channel(Clocked(path))
        yield


def _page(deadline: DueDeadline) -> NoticeDraft:
    to = Recipient(endpoint=f"bench:{deadline.subject.id % ENDPOINTS}")
    key = dedup_key(NOTICE, deadline.subject, deadline.step, to)
    return NoticeDraft(NOTICE, key, deadline.subject, to, "page", {"number": deadline.subject.id})


def _plan(notice: NoticeFacts) -> Sequence[DeliveryDraft]:
    return (DeliveryDraft("bench", notice.endpoint_ref, notice.endpoint_ref),)
