"""Plain values in which rooms say what they want: who is told what, by when, and what follows.

A deadline handler returns them; the engine turns them into rows with a few bulk statements.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from portal.engine.domain.subjects import Subject

Severity = Literal["page", "warn", "info", "digest"]
Outcome = Literal["done", "skipped", "expired", "nothing"]


@dataclass(frozen=True)
class Recipient:
    """A person or a shared endpoint ("endpoint:12"); neither means "nobody", and the fallback chain is told."""

    person_id: int | None = None
    endpoint: str = ""

    @property
    def key(self) -> str:
        return f"user.{self.person_id}" if self.person_id is not None else self.endpoint or "nobody"


@dataclass(frozen=True)
class NoticeDraft:
    """One statement to one recipient. `dedup_key` is `kind:subject:version:step:recipient`: told once, whoever asks."""

    kind: str
    dedup_key: str
    subject: Subject
    to: Recipient
    severity: Severity
    context: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    is_private: bool = False


def dedup_key(kind: str, subject: Subject, step: int, to: Recipient) -> str:
    """The usual key, e.g. `oncall.page:oncall.incident.41:v1:s2:user.7`."""
    return f"{kind}:{subject.key}:v{subject.version}:s{step}:{to.key}"


@dataclass(frozen=True)
class DeliveryDraft:
    """One way to a recipient, as the Router plans it: `destination_ref` names the method, `address` is a snapshot."""

    channel: str
    destination_ref: str
    address: str
    delay_seconds: int = 0
    repeat_no: int = 0


@dataclass(frozen=True)
class DeadlineDraft:
    """The next deadline of a subject, armed in the transaction that fires the present one."""

    kind: str
    subject: Subject
    due_at: datetime
    step: int = 0
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobDraft:
    """Long work; a live job with the same `unique_key` is kept instead of a second one."""

    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)
    unique_key: str = ""
    queue: str = "default"
    run_at: datetime | None = None


@dataclass(frozen=True)
class FireResult:
    """What a handler answers for one deadline."""

    outcome: Outcome = "done"
    note: str = ""
    notices: tuple[NoticeDraft, ...] = ()
    deadlines: tuple[DeadlineDraft, ...] = ()
    jobs: tuple[JobDraft, ...] = ()


class DueDeadline(NamedTuple):
    """A deadline as its handler sees it."""

    id: int
    kind: str
    subject: Subject
    step: int
    due_at: datetime
    payload: Mapping[str, Any]


class NoticeFacts(NamedTuple):
    """A notice as routers and channels see it; `context` is frozen since the notice was raised."""

    id: UUID
    kind: str
    severity: Severity
    subject: Subject
    recipient_id: int | None
    endpoint_ref: str
    context: Mapping[str, Any]
    is_acknowledgeable: bool
    is_private: bool
    created_at: datetime
    dedup_key: str = ""
