"""What rooms register with the engine in their `wiring.py`, and the shapes of it (spec engine 4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from portal.core.registries import Registry, new_registry
from portal.engine.domain.drafts import DeliveryDraft, DueDeadline, FireResult, NoticeFacts, Recipient, Severity
from portal.engine.domain.retries import pace_of

if TYPE_CHECKING:
    from uuid import UUID

    from portal.engine.domain.catch_up import CatchUp
    from portal.engine.domain.messages import Message, Words
    from portal.engine.domain.outcomes import Outcome


class DeadlineHandler(Protocol):
    """Set-based: one call for all due rows of its kind, inside the transaction that fires them.

    It re-reads its facts under lock (NOWAIT or SKIP LOCKED only) and answers by deadline id; an id left out means
    "subject busy": the row stays armed and is tried a second later.
    """

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Mapping[int, FireResult]: ...


class SubjectHandler(Protocol):
    """The room's answers about one type of subject."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        """The subject under a row lock, or None if it is gone."""

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        """Somebody has it: change the room's own state; returns the deadline kinds whose armed steps end here."""

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]: ...

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """No live way is left to this recipient: take the next step at once."""


class Router(Protocol):
    """Registered once, by portal.accounts."""

    def plan(self, notices: Sequence[NoticeFacts], *, at: datetime) -> Mapping[UUID, Sequence[DeliveryDraft]]:
        """The ways to each recipient, for a whole batch in at most 3 queries; none means nobody is there."""

    def fallback(self, *, at: datetime) -> Sequence[Recipient]:
        """Who is told when nobody else can be: the organization's fallback, in order."""


class Channel(Protocol):
    """One way out of the house: a folder of `portal/engine/channels` and one registry line."""

    slug: str
    severities: frozenset[str]
    honours_key: bool
    bundles: bool
    is_local: bool
    max_ambiguous: int

    def validate(self, raw: str) -> str:
        """The normal form of an address; raises `DomainError` with a code and field."""

    def host(self, address: str) -> str:
        """What a silent provider would block: at most a few sends at a time go there."""

    def render(self, words: Sequence[Words], notice: NoticeFacts, *, address: str, key: str) -> Message:
        """Pure: the same input gives the same bytes. More than one `words` is a bundle."""

    def send(self, message: Message, *, key: str, stop_at: float) -> Outcome:
        """One try with the idempotency key; ends before `stop_at` (monotonic seconds)."""


@dataclass(frozen=True)
class DeadlineKind:
    kind: str
    handler: DeadlineHandler
    catch_up: CatchUp
    expire_after: timedelta
    worker_task: str


@dataclass(frozen=True)
class NoticeKind:
    kind: str
    severity: Severity
    context_keys: frozenset[str]
    acknowledgeable: bool
    title: str
    text: str
    is_event: bool = False


@dataclass(frozen=True)
class Periodic:
    name: str
    job_kind: str
    every_seconds: int
    cron: str
    zone: str


class JobProgress(Protocol):
    """Handed to a running job; telling progress also renews its lease."""

    def tell(self, **facts: Any) -> None: ...


JobRun = Callable[[Mapping[str, Any], JobProgress], Mapping[str, Any] | None]
EventHandle = Callable[..., None]
DestinationPlan = Callable[[NoticeFacts], Sequence[DeliveryDraft]]

deadline_kinds: Registry[DeadlineKind] = new_registry("deadline kinds")
notice_kinds: Registry[NoticeKind] = new_registry("notice kinds")
subject_handlers: Registry[SubjectHandler] = new_registry("subjects")
job_kinds: Registry[JobRun] = new_registry("job kinds")
periodic_entries: Registry[Periodic] = new_registry("periodic work")
event_handlers: Registry[tuple[str, EventHandle]] = new_registry("event handlers")
invariants: Registry[Callable[[datetime], int]] = new_registry("invariants")
channels: Registry[Channel] = new_registry("channels")
destinations: Registry[DestinationPlan] = new_registry("destinations")
routers: Registry[Router] = new_registry("router")


def register_deadline_kind(
    kind: str,
    handler: DeadlineHandler,
    catch_up: CatchUp,
    *,
    expire_after: timedelta = timedelta(hours=1),
    worker_task: str = "",
) -> None:
    """`worker_task` names a Celery task that fires this kind first while workers are alive."""
    deadline_kinds.add(kind, DeadlineKind(kind, handler, catch_up, expire_after, worker_task))


def register_notice_kind(
    kind: str, severity: Severity, context_keys: Collection[str], *, acknowledgeable: bool, title: str, text: str,
    is_event: bool = False,
) -> None:  # fmt: skip
    """`title` and `text` carry `{name}` for the keys of the context; the key `url` (a path) is always allowed.

    `is_event`: for another system's machine, which is tried for days (spec engine 8).
    """
    keys = frozenset(context_keys) | {"url", "number"}
    notice_kinds.add(kind, NoticeKind(kind, severity, keys, acknowledgeable, title, text, is_event))


def pace(kind: str, severity: str) -> str:
    """How patiently deliveries of this notice kind are tried; a kind of an older release goes by its severity."""
    known = notice_kinds.get(kind)
    return pace_of(severity, is_event=known is not None and known.is_event)


def register_subject(subject_type: str, handler: SubjectHandler) -> None:
    subject_handlers.add(subject_type, handler)


def register_router(router: Router) -> None:
    routers.add("router", router)


def register_job_kind(kind: str, run: JobRun) -> None:
    """`run(args, progress)`: repeatable, since a job whose worker was killed starts again."""
    job_kinds.add(kind, run)


def register_periodic(name: str, *, job_kind: str, every_seconds: int = 0, cron: str = "", zone: str = "UTC") -> None:
    """Either `every_seconds` or five cron fields in `zone`; missed runs collapse into one."""
    periodic_entries.add(name, Periodic(name, job_kind, every_seconds, cron, zone))


def register_event_handler(topic: str, key: str, handle: EventHandle) -> None:
    """`handle(subject=Subject, payload=dict, at=datetime)`, once per event, in order per subject."""
    event_handlers.add(f"{topic}:{key}", (topic, handle))


def register_invariant(name: str, query: Callable[[datetime], int]) -> None:
    """`query(at)` counts what must not be; the auditor alarms if it is not 0."""
    invariants.add(name, query)


def register_channel(channel: Channel) -> None:
    channels.add(channel.slug, channel)


def register_destination(prefix: str, plan: DestinationPlan) -> None:
    """Plans notices to endpoints named `<prefix>:...` without the router; for destinations that no table holds."""
    destinations.add(prefix, plan)


def router() -> Router | None:
    return routers.get("router")


def handlers_of_topic(topic: str) -> list[str]:
    return [key for key, (own, _) in event_handlers.items() if own == topic]
