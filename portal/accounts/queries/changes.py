"""What others changed in the things a person follows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from portal.accounts.models import Follow, Person
from portal.core.models import AuditEntry
from portal.core.registries import verb_registry
from portal.engine.registries import subject_handlers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.engine.domain.subjects import Subject

MOST_LINES = 20


@dataclass(frozen=True)
class Change:
    """One line of a digest."""

    pk: int
    line: str


def followed_changes(person: Person, *, after_id: int) -> list[Change]:
    """Up to 20 audit entries after `after_id` about followed, visible things, made by others; oldest first."""
    wanted = _visible(person, Follow.objects.filter(person=person).values_list("subject_type", "subject_id"))
    about = Q()
    for subject_type, ids in wanted.items():
        about |= Q(object_type=subject_type, object_id__in=[str(id_) for id_ in ids])
    if not about:
        return []
    rows = AuditEntry.objects.filter(about, pk__gt=after_id, compartment="").exclude(actor=person)
    return [Change(row.pk, _line(row)) for row in rows.select_related("actor").order_by("pk")[:MOST_LINES]]


def follows(person: Person, subject: Subject) -> bool:
    """Whether the person hears of changes of this object; one query."""
    return Follow.objects.filter(person=person, subject_type=subject.type, subject_id=subject.id).exists()


@dataclass(frozen=True)
class FollowState:
    """What the button of `components/follow.html` needs."""

    subject_type: str
    subject_id: int
    is_on: bool


def follow_state(person: Person, subject: Subject) -> FollowState:
    """The button on the page of a thing that the viewer sees; one query."""
    return FollowState(subject.type, subject.id, follows(person, subject))


def _visible(person: Person, follows: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    by_type: dict[str, set[int]] = defaultdict(set)
    for subject_type, subject_id in follows:
        by_type[subject_type].add(subject_id)
    seen = {}
    for subject_type, ids in by_type.items():
        handler = subject_handlers.get(subject_type)
        if handler is not None:
            seen[subject_type] = handler.visible_to(person, ids)
    return {subject_type: ids for subject_type, ids in seen.items() if ids}


def _line(entry: AuditEntry) -> str:
    verb = verb_registry.get(entry.verb)
    sentence = verb.sentence if verb else "{actor} changed {subject}"
    actor = entry.actor.name if entry.actor else "Headwater"
    return sentence.replace("{actor}", actor).replace("{subject}", entry.object_label)
