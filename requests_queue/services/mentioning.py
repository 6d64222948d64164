"""Calling somebody in a message: a notice and a watch for who may see it, and a word to the author for who may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.accounts.models import Person, Team
from portal.accounts.queries.teams import members_of
from requests_queue.domain.mentions import mentioned
from requests_queue.services.messages import watch
from requests_queue.services.telling import tell_people

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest, RequestMessage

MENTION_NOTICE = "requests.mentioned"


def call_people(*, actor: Any, request: DataRequest, message: RequestMessage, at: datetime) -> list[str]:
    """Watch and notice for everybody called who may see the request; the names of those who may not.

    A mention never grants access. Of a private request members alone hear it. The request is locked.
    """
    names = mentioned(message.body)
    if not names:
        return []
    people = {person.pk: person for person in _called(names, at) if person.pk != actor.pk}
    inside = _seeing(request, people)
    for pk in inside:
        watch(request=request, person=people[pk], at=at)
    key = f"{MENTION_NOTICE}:{message.pk}"
    line = f"{actor.name} mentions you"
    tell_people(request=request, people=inside, kind=MENTION_NOTICE, key=key, line=line, at=at)
    return sorted(person.name for pk, person in people.items() if pk not in inside)


def _called(names: list[str], at: datetime) -> list[Person]:
    people = list(Person.objects.filter(handle__in=names, state="active", kind="person"))
    rest = set(names) - {person.handle for person in people}
    for team in Team.objects.filter(slug__in=rest, archived_at=None):
        people += list(members_of(team, at.date()))
    return people


def _seeing(request: DataRequest, people: dict[int, Person]) -> set[int]:
    if not request.is_private:
        return set(people)
    members = request.members.filter(removed_at=None, person_id__in=people)
    return set(members.values_list("person_id", flat=True))
