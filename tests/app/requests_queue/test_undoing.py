"""Taking back a bulk assignment and a rule of promises from the changes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.core.errors import Conflict, NotAllowed, NotVisible
from portal.core.models import AuditEntry
from portal.core.services.undo import undo_change, undo_group
from requests_queue.models import PolicyMatch, SlaPolicy
from requests_queue.services.assigning import assign_request
from requests_queue.services.bulk import assign_many
from requests_queue.services.promising import add_match
from tests.app.requests_queue.desk import TUESDAY, accepted, filed
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.world import World

pytestmark = pytest.mark.django_db
LATER = TUESDAY + timedelta(hours=2)


def given(world: World) -> list[AuditEntry]:
    """Two requests, one in Eve's hand and one in nobody's, handed to Alice at once."""
    eve = make_person("eve", team=world.data_platform)
    first, second = accepted(world), filed(world, title="How many orders were late")
    assign_request(actor=world.alice, request=first, assignee=eve, at=TUESDAY)
    group = assign_many(actor=world.alice, numbers=[first.number, second.number], assignee=world.alice, at=TUESDAY)
    return list(AuditEntry.objects.filter(group=group))


def test_everybody_has_again_what_they_had_also_after_ten_minutes(world: World) -> None:
    entries = given(world)
    undo_group(actor=world.alice, entries=entries, partly=False, at=LATER)
    requests = [entry.object_id for entry in entries]
    undone = AuditEntry.objects.filter(verb="core.undone", object_id__in=requests)
    assert (len(entries), undone.count()) == (2, 2)
    assert {entry.before["assignee"] for entry in entries} == {"eve", ""}
    with pytest.raises(Conflict):
        undo_change(actor=world.alice, entry=entries[0], at=LATER)


def test_who_may_not_assign_takes_nothing_back(world: World) -> None:
    entries = given(world)
    for person in (world.bob, world.carol):
        with pytest.raises((NotAllowed, NotVisible, Conflict)):
            undo_change(actor=person, entry=entries[0], at=LATER)
    assert not AuditEntry.objects.filter(verb="core.undone").exists()


def test_a_request_that_went_on_is_left_alone(world: World) -> None:
    entries = given(world)
    eve = make_person("ann", team=world.data_platform)
    moved = entries[0]
    from_hand = type(accepted(world)).objects.get(pk=int(moved.object_id))
    assign_request(actor=world.alice, request=from_hand, assignee=eve, at=TUESDAY)
    with pytest.raises(Conflict) as refusal:
        undo_change(actor=world.alice, entry=moved, at=LATER)
    from_hand.refresh_from_db()
    assert (refusal.value.code, from_hand.assignee) == ("core.undo_superseded", eve)


def test_a_rule_of_promises_goes_and_a_changed_one_stays(world: World, admin: Person) -> None:
    policy = SlaPolicy.objects.first()
    assert policy is not None
    add_match(actor=admin, rank=3, policy=policy, kind="question", team=world.data_platform, urgency=None, size=None,
              at=TUESDAY)  # fmt: skip
    entry = AuditEntry.objects.get(verb="requests.rule_added")
    undo_change(actor=admin, entry=entry, at=LATER)
    assert not PolicyMatch.objects.filter(team=world.data_platform).exists()
    add_match(actor=admin, rank=3, policy=policy, kind="change", team=world.data_platform, urgency=None, size=None,
              at=TUESDAY)  # fmt: skip
    with pytest.raises(Conflict):
        undo_change(actor=admin, entry=entry, at=LATER)
    assert PolicyMatch.objects.filter(team=world.data_platform).count() == 1
