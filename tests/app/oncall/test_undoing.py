"""Taking back the making of a rota and the publishing of its rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from oncall.models import PlannedShift, Rota
from oncall.queries.board import listed_rotas
from oncall.services.rotas import Applying, NewRota, RulesDraft, Seat, create_rota, publish_rota_version
from oncall.services.undoing import archive_rota
from portal.core.errors import Conflict, NotAllowed
from portal.core.models import AuditEntry
from portal.core.services.undo import undo_change
from portal.engine.models import Deadline, Notice
from tests.unit.oncall.test_rotations import utc

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
MADE, EDITED, NOW = utc("2027-10-01 12:00"), utc("2027-10-02 12:00"), utc("2027-10-05 12:00")
ROTATION = {"kind": "weekly", "start": "2027-10-04", "handoffs": [{"dow": "mon", "time": "09:00"}]}


@pytest.fixture
def rules(world: World) -> RulesDraft:
    return RulesDraft([{"role": "primary", "planner": "turns"}], ROTATION, [Seat(world.alice)])


@pytest.fixture
def rota(world: World, rules: RulesDraft, clock: MovableClock) -> Rota:
    """Alice alone at first; Bob alone from 11 October on."""
    made = create_rota(actor=world.alice, rota=NewRota(world.data_platform, "data", "Data"), rules=rules, at=MADE)
    later = replace(rules, seats=[Seat(world.bob)], starts_at=utc("2027-10-11 09:00"))
    applying = Applying(told_reason="Alice is needed elsewhere")
    publish_rota_version(actor=world.alice, rota=made, rules=later, applying=applying, at=EDITED)
    clock.set(NOW)
    return made


def holders(rota: Rota) -> list[str]:
    rows = PlannedShift.objects.filter(rota=rota, during__startswith__gte=utc("2027-10-11 00:00")).order_by("during")
    return [row.person.handle for row in rows.select_related("person")[:3] if row.person is not None]


def entry(verb: str) -> AuditEntry:
    return AuditEntry.objects.filter(verb=f"oncall.{verb}").latest("pk")


def test_the_rules_of_before_hold_again_and_whoever_is_moved_hears_why(rota: Rota, world: World) -> None:
    before = Notice.objects.count()
    undo_change(actor=world.alice, entry=entry("version_published"), at=NOW)
    assert holders(rota) == ["alice"] * 3
    newest = rota.versions.order_by("-number")[0]
    assert (newest.number, newest.reason, newest.valid.upper) == (3, "taken back", None)
    assert Notice.objects.count() > before


def test_rules_that_were_published_over_are_not_taken_back(rota: Rota, world: World, rules: RulesDraft) -> None:
    first = entry("version_published")
    later = replace(rules, seats=[Seat(world.carol)], starts_at=utc("2027-11-01 09:00"))
    publish_rota_version(actor=world.alice, rota=rota, rules=later, applying=Applying(told_reason="x"), at=NOW)
    with pytest.raises(Conflict) as refusal:
        undo_change(actor=world.alice, entry=first, at=NOW)
    assert (refusal.value.code, holders(rota)[0], rota.versions.count()) == ("core.undo_superseded", "bob", 3)


def test_only_who_may_publish_takes_it_back(rota: Rota, world: World) -> None:
    with pytest.raises(NotAllowed):
        undo_change(actor=world.bob, entry=entry("version_published"), at=NOW)
    assert holders(rota) == ["bob"] * 3


def test_a_rota_taken_back_plans_nobody_and_keeps_what_was(rota: Rota, world: World) -> None:
    served = PlannedShift.objects.filter(rota=rota, during__startswith__lt=NOW).count()
    undo_change(actor=world.alice, entry=entry("rota_created"), at=NOW)
    rota.refresh_from_db()
    assert (rota.is_archived, list(listed_rotas(world.alice))) == (True, [])
    assert PlannedShift.objects.filter(rota=rota).count() == served
    assert not Deadline.objects.filter(kind="oncall.handoff", subject_id=rota.pk, state="armed").exists()
    assert archive_rota(actor=world.alice, rota=rota, at=NOW).is_archived
    assert AuditEntry.objects.filter(verb="oncall.rota_archived").count() == 1


def test_a_member_archives_nothing(rota: Rota, world: World) -> None:
    with pytest.raises(NotAllowed):
        archive_rota(actor=world.bob, rota=rota, at=NOW)
    rota.refresh_from_db()
    assert not rota.is_archived
