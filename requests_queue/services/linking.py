"""Requests in relation to each other: links, parts split off, and questions asked again (spec requests 4, 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import DomainError
from portal.core.policies import require
from requests_queue.domain.kinds import KINDS, kind_of
from requests_queue.domain.states import Actor, State
from requests_queue.domain.texts import checked_line, checked_text
from requests_queue.models import CompartmentMember, DataRequest, RequestAsset, RequestLink, Watcher
from requests_queue.models.attachments import LINK_KINDS
from requests_queue.policies import can_file, visible_to
from requests_queue.queries.promises import expected_for
from requests_queue.services.clocks import start_clocks
from requests_queue.services.filing import Filing, file_request, next_number, private_number
from requests_queue.services.moving import audit, begin_timeline, check_move, locked, note_event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ownership.models import Asset
    from requests_queue.queries.promises import Expected

MOST_PARTS = 10
BY_HAND = tuple(kind for kind in LINK_KINDS if kind not in {"rework_of", "part_of"})


@dataclass(frozen=True)
class Part:
    """A piece of a request: its own title and kind, and what it is about."""

    title: str
    kind: str
    assets: Sequence[Asset] = ()


def part_of(line: str, kind: str) -> Part:
    """A part from a line such as "backfill: rebuild October"; without a kind that of the parent."""
    before, colon, rest = line.partition(":")
    code = before.strip().casefold().replace(" ", "_")
    return Part(rest.strip(), code) if colon and code in KINDS else Part(line, kind)


@transaction.atomic
def link_requests(*, actor: Any, request: DataRequest, target: DataRequest, kind: str, at: datetime) -> RequestLink:
    """Relate two requests that the actor may see; across the private border the target does not exist. Idempotent.

    Raises `NotAllowed` for an auditor.
    """
    standing = locked(actor=actor, request=request)
    require(can_file(actor))
    if kind not in BY_HAND:
        raise DomainError("requests.unknown_link", "Choose blocks, relates to, or follow-up of.", "kind")
    other = visible_to(actor).filter(pk=target.pk, is_private=standing.is_private).exclude(pk=standing.pk).first()
    if other is None or standing.is_private:
        raise DomainError("requests.unknown_request", "There is no such request.", "target")
    link, is_new = RequestLink.objects.get_or_create(
        source=standing, target=other, kind=kind, defaults={"by": actor, "at": at}
    )
    if is_new:
        audit(actor=actor, verb="requests.linked", request=standing, after={kind: other.number}, at=at)
    return link


@transaction.atomic
def split_request(
    *, actor: Any, request: DataRequest, parts: Sequence[Part], version: int | None = None, at: datetime
) -> list[DataRequest]:
    """Make a request of each part; number and messages stay with the parent. Their clocks start now.

    Parts of a private request are private with the same members. Raises `requests.split_empty`, `DomainError`.
    """
    standing = locked(actor=actor, request=request, version=version)
    check_move(actor=actor, request=standing, target=State.DUPLICATE, part=Actor.TRIAGER, at=at)
    if not 1 <= len(parts) <= MOST_PARTS:
        raise DomainError("requests.split_empty", f"Name one to {MOST_PARTS} parts.", "parts")
    children = [_child(actor, standing, part, at) for part in parts]
    numbers = [child.number for child in children]
    note_event(actor=actor, request=standing, kind="split", data={"into": numbers}, at=at)
    audit(actor=actor, verb="requests.split", request=standing, after={"into": numbers}, at=at)
    return children


@transaction.atomic
def ask_again(*, actor: Any, request: DataRequest, note: str, version: int | None = None, at: datetime) -> DataRequest:
    """A new request that follows up one that is over for good; same team, kind and assets. Raises as filing does."""
    standing = locked(actor=actor, request=request, version=version)
    filing = Filing(
        kind=standing.kind, title=standing.title, team=standing.team, body=checked_text(note, "note"),
        assets=[link.asset for link in standing.assets.select_related("asset")],
        decision_served=standing.decision_served,
    )  # fmt: skip
    again = file_request(actor=actor, filing=filing, at=at)
    if not standing.is_private:
        RequestLink.objects.create(source=again, target=standing, kind="follow_up_of", by=actor, at=at)
    return again


def _child(actor: Any, parent: DataRequest, part: Part, at: datetime) -> DataRequest:
    if part.kind not in KINDS:
        raise DomainError("requests.unknown_kind", f"There is no kind of request called {part.kind[:40]!r}.", "kind")
    expected = expected_for(kind=part.kind, team=parent.team, urgency=parent.promised_as, at=at)
    child = _written(parent, part, expected, at)
    RequestAsset.objects.bulk_create([RequestAsset(request=child, asset=asset) for asset in part.assets])
    Watcher.objects.create(request=child, person=parent.requester, at=at)
    CompartmentMember.objects.bulk_create([
        CompartmentMember(request=child, person_id=pk, added_by=actor, reason=f"part of {parent.number}", at=at)
        for pk in parent.members.filter(removed_at=None).values_list("person_id", flat=True)
    ])  # fmt: skip
    RequestLink.objects.create(source=child, target=parent, kind="part_of", by=actor, at=at)
    start_clocks(actor=actor, request=child, expected=expected, at=at)
    begin_timeline(actor=actor, request=child, data={"part_of": parent.number}, at=at)
    after = {"part_of": parent.number, "kind": child.kind}
    audit(actor=actor, verb="requests.filed", request=child, after=after, at=at)
    return child


def _written(parent: DataRequest, part: Part, expected: Expected, at: datetime) -> DataRequest:
    return DataRequest.objects.create(
        series=parent.series, number=private_number() if parent.is_private else f"REQ-{next_number()}", kind=part.kind,
        team=parent.team, requester=parent.requester, requester_team=parent.requester_team,
        title=checked_line(part.title, "title"), decision_served=parent.decision_served, wanted_by=parent.wanted_by,
        is_private=parent.is_private, channel=parent.channel, filed_at=at, due_at=expected.first_due,
        is_structural=kind_of(part.kind).is_structural, split_from=parent,
    )  # fmt: skip
