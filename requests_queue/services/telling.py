"""Who hears of a request: the desk of a new one, the watchers of a message (spec requests 7, 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.accounts.queries.teams import responsible_leads
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices
from requests_queue.models import CompartmentMember, DataRequest, Watcher
from requests_queue.queries.audience import Directory, desk_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

FILED = "requests.filed"
CHANGED = "requests.changed"


def tell_desk(*, request: DataRequest, at: datetime) -> None:
    """A new request stands at the desk."""
    people = set(desk_of(request, Directory(at))) - {request.requester_id}
    _tell(request, people, FILED, f"{FILED}:{request.pk}", request.title, at)


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
    chosen = set(people)
    if request.is_private:
        chosen &= set(
            CompartmentMember.objects.filter(request=request, removed_at=None).values_list("person_id", flat=True)
        )
    drafts = [
        NoticeDraft(
            kind, f"{key}:user.{pk}", subject_of(request), Recipient(person_id=pk), "info",
            context_of(request, line), is_private=request.is_private,
        )
        for pk in sorted(chosen)
    ]  # fmt: skip
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
