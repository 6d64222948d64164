"""Who hears of a request: the desk of a new one, the watchers of a message (spec requests 7, 9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from portal.accounts.queries.teams import responsible_leads
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices
from requests_queue.models import CompartmentMember, DataRequest, Watcher
from requests_queue.queries.audience import Directory, desk_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILED = "requests.filed"
CONFIRMED = "requests.confirmed"
CHANGED = "requests.changed"


def tell_filed(
    *, request: DataRequest, promised: Mapping[str, datetime], partners: Iterable[int] = (), at: datetime
) -> None:
    """A new request stands at the desk and at its partners', and who asked reads by when they hear, to the second.

    Of a private one the number alone.
    """
    desk = {*desk_of(request, Directory(at)), *partners} - {request.requester_id}
    drafts = _drafts(request, desk, FILED, f"{FILED}:{request.pk}", request.title)
    dates = {} if request.is_private else {f"{kind}_by": exact(due_at) for kind, due_at in promised.items()}
    key = f"{CONFIRMED}:{request.pk}"
    drafts += [
        replace(draft, context={**draft.context, **dates})
        for draft in _drafts(request, {request.requester_id}, CONFIRMED, key, request.title)
    ]
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)


def exact(instant: datetime) -> str:
    """An instant in a message, to the second: "2026-11-24 12:00:00 UTC"."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def tell_watchers(*, actor: Any, request: DataRequest, line: str, key: str, at: datetime) -> None:
    """Everybody who watches and may see the request, but the one who acted. `key` names the change once."""
    watching = Watcher.objects.filter(request=request, is_muted=False)
    people = set(watching.values_list("person_id", flat=True))
    people |= {pk for pk in (request.assignee_id, request.requester_id) if pk is not None}
    people -= set(watching.model.objects.filter(request=request, is_muted=True).values_list("person_id", flat=True))
    people.discard(getattr(actor, "pk", None))
    _tell(request, people, CHANGED, f"{CHANGED}:{request.pk}:{key}", line, at)


def tell_leads(*, request: DataRequest, kind: str, line: str, at: datetime) -> None:
    """The leads of the owning team, else the nearest ones above; of a private request those who are inside."""
    people = {lead.pk for lead in responsible_leads(request.team, at.date())}
    _tell(request, people, kind, f"{kind}:{request.pk}:v{request.version}", line, at)


def tell_people(*, request: DataRequest, people: Iterable[int], kind: str, key: str, line: str, at: datetime) -> None:
    """Some people by id, once a `key`; of a private request its members alone."""
    _tell(request, people, kind, key, line, at)


def context_of(request: DataRequest, line: str) -> dict[str, str]:
    """What a notice may hold; of a private request its number alone."""
    number = {"number": request.number, "url": request.get_absolute_url()}
    return number if request.is_private else number | {"title": request.title, "line": line[:200]}


def _tell(request: DataRequest, people: Iterable[int], kind: str, key: str, line: str, at: datetime) -> None:
    raise_notices(planned=[Planned(draft) for draft in _drafts(request, people, kind, key, line)], at=at)


def _drafts(request: DataRequest, people: Iterable[int], kind: str, key: str, line: str) -> list[NoticeDraft]:
    chosen = set(people)
    if request.is_private:
        chosen &= set(
            CompartmentMember.objects.filter(request=request, removed_at=None).values_list("person_id", flat=True)
        )
    return [
        NoticeDraft(
            kind, f"{key}:user.{pk}", subject_of(request), Recipient(person_id=pk), "info",
            context_of(request, line), is_private=request.is_private,
        )
        for pk in sorted(chosen)
    ]  # fmt: skip
