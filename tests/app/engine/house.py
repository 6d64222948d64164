"""A tiny room above the engine: one subject, one deadline kind, one channel whose far end is a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portal.engine.domain.drafts import (
    DeadlineDraft,
    DeliveryDraft,
    FireResult,
    NoticeDraft,
    Recipient,
    dedup_key,
)
from portal.engine.domain.messages import Message
from portal.engine.domain.outcomes import Sent
from portal.engine.domain.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from portal.engine.domain.drafts import DueDeadline, NoticeFacts
    from portal.engine.domain.messages import Words
    from portal.engine.domain.outcomes import Outcome

KIND = "house.step"
TYPE = "house.thing"


@dataclass
class Steps:
    """Pages a person at each step; a subject in `poison` raises, one in `busy` is left out."""

    person_id: int | None = None
    poison: set[int] = field(default_factory=set)
    busy: set[int] = field(default_factory=set)
    last_step: int = 0
    calls: list[int] = field(default_factory=list)

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Mapping[int, FireResult]:
        self.calls.append(len(deadlines))
        if any(deadline.subject.id in self.poison for deadline in deadlines):
            message = "poison"
            raise ZeroDivisionError(message)
        return {each.id: self._result(each, at) for each in deadlines if each.subject.id not in self.busy}

    def _result(self, deadline: DueDeadline, at: datetime) -> FireResult:
        to = Recipient(person_id=self.person_id)
        key = dedup_key("house.page", deadline.subject, deadline.step, to)
        notice = NoticeDraft("house.page", key, deadline.subject, to, "page", {"what": f"step {deadline.step}"})
        later = DeadlineDraft(KIND, deadline.subject, at + timedelta(minutes=5), deadline.step + 1)
        return FireResult("done", notices=(notice,), deadlines=(later,) if deadline.step < self.last_step else ())


@dataclass
class Things:
    """The subject's room: everybody sees everything."""

    acknowledged: list[int] = field(default_factory=list)
    dead: list[int] = field(default_factory=list)
    responders: set[int] = field(default_factory=set)

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        del nowait
        return subject_id

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del actor, at
        self.acknowledged.append(subject)
        return [KIND]

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        del user
        return set(subject_ids)

    def is_responder(self, user: Any, subject_id: int) -> bool:
        del subject_id
        return user.pk in self.responders

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        del notice, at
        self.dead.append(subject_id)


@dataclass
class Phone:
    """A channel without a network: what it answers is set by the test."""

    slug: str = "phone"
    severities: frozenset[str] = frozenset({"page"})
    honours_key: bool = True
    bundles: bool = False
    is_local: bool = True
    max_ambiguous: int = 3
    posts: list[tuple[str, str]] = field(default_factory=list)
    answer: Callable[[str], Outcome] = Sent

    def validate(self, raw: str) -> str:
        return raw

    def host(self, address: str) -> str:
        return address

    def render(self, words: Sequence[Words], notice: NoticeFacts, *, address: str, key: str) -> Message:
        del notice, key
        return Message(address, words[0].title, "\n".join(each.title for each in words).encode())

    def send(self, message: Message, *, key: str, stop_at: float) -> Outcome:
        del stop_at
        self.posts.append((key, message.body.decode()))
        return self.answer(key)


@dataclass
class Ways:
    """Every person has the inbox and a phone; nobody else is reachable but the fallback."""

    fallback_id: int | None = None
    unreachable: set[int] = field(default_factory=set)
    channel: str = "phone"
    repeats: tuple[int, ...] = (0,)

    def plan(self, notices: Sequence[NoticeFacts], *, at: datetime) -> Mapping[UUID, Sequence[DeliveryDraft]]:
        del at
        return {each.id: self._ways(each) for each in notices if each.recipient_id not in self.unreachable}

    def fallback(self, *, at: datetime) -> Sequence[Recipient]:
        del at
        return [Recipient(person_id=self.fallback_id)] if self.fallback_id else []

    def _ways(self, notice: NoticeFacts) -> list[DeliveryDraft]:
        ref = f"method:{notice.recipient_id}"
        calls = [DeliveryDraft(self.channel, ref, f"phone-{notice.recipient_id}", delay, number)
                 for number, delay in enumerate(self.repeats)]  # fmt: skip
        return [DeliveryDraft("inbox", ref, ""), *calls]


@dataclass
class House:
    """Everything a test of the engine moves."""

    steps: Steps
    things: Things
    phone: Phone
    ways: Ways
    alice: Any
    bob: Any

    @staticmethod
    def thing(number: int = 1) -> Subject:
        return Subject(TYPE, number)
