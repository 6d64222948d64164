"""Following reaches every room: what was acted on is found in the audit, and told in one bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.accounts.models import Follow
from portal.accounts.services.follows import DIGEST
from portal.core.clock import now
from portal.core.services.audit import record_audit
from portal.engine.models import Deadline
from portal.site.queries import events
from portal.site.services.follow_watch import watch_followed

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def followed(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Bob follows Carol's team; rows of one test's transaction count as settled."""
    monkeypatch.setattr(events, "NEWEST", events.NEWEST.replace(events.SETTLED, "true"))
    monkeypatch.setattr(events, "SETTLED", "true")
    watch_followed(at=now())  # from here on
    Follow.objects.create(person=world.bob, subject_type="accounts.team", subject_id=world.checkout.pk)
    return world


def armed() -> list[int]:
    return list(Deadline.objects.filter(kind=DIGEST, state="armed").values_list("subject_id", flat=True))


def test_an_act_on_what_somebody_follows_arms_one_bundle(followed: World) -> None:
    world = followed
    for _ in range(3):
        record_audit(actor=world.alice, verb="accounts.team_changed", subject=world.checkout, at=now())
    assert (watch_followed(at=now()), armed()) == (3, [world.bob.pk])
    assert (watch_followed(at=now()), armed()) == (0, [world.bob.pk])


def test_ones_own_acts_and_those_of_a_compartment_arm_nothing(followed: World) -> None:
    world = followed
    record_audit(actor=world.bob, verb="accounts.team_changed", subject=world.checkout, at=now())
    record_audit(actor=world.alice, verb="requests.noted", subject=world.checkout, compartment="PRV-1", at=now())
    record_audit(actor=world.alice, verb="accounts.team_changed", subject=world.analytics, at=now())
    assert (watch_followed(at=now()), armed()) == (1, [])
