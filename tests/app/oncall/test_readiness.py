"""Whether the pager would work tonight, and who hears of it (spec oncall 10)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from oncall.queries.readiness import findings_of
from oncall.services.digests import send_digests
from oncall.services.rotas import NewRota, RulesDraft, Seat, create_rota
from portal.engine.models import Notice
from tests.unit.oncall.test_rotations import utc

if TYPE_CHECKING:
    from oncall.models import Rota
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = utc("2027-10-04 12:00")


@pytest.fixture
def rota(world: World) -> Rota:
    """Alice alone, whom nothing wakes."""
    rotation = {"kind": "weekly", "start": "2027-10-04", "handoffs": [{"dow": "mon", "time": "09:00"}]}
    rules = RulesDraft([{"role": "primary", "planner": "turns"}], rotation, [Seat(world.alice)])
    return create_rota(actor=world.alice, rota=NewRota(world.data_platform, "data", "Data"), rules=rules, at=AT)


def test_an_island_and_a_holder_nobody_can_wake_are_named(rota: Rota) -> None:
    assert [finding.sentence for finding in findings_of(rota, AT)] == [
        "One person alone carries it; nobody helps out.", "Alice Example has no verified way that wakes."
    ]  # fmt: skip


def test_the_lead_hears_of_it_once_a_day(rota: Rota) -> None:
    for hours in (0, 1, 2, 24):
        send_digests(at=AT + timedelta(hours=hours))
    lines = Notice.objects.filter(kind="oncall.lead_told").order_by("created_at")
    assert [notice.created_at for notice in lines] == [AT, AT + timedelta(hours=24)]


def test_before_the_hour_nobody_is_told(rota: Rota) -> None:
    send_digests(at=utc("2027-10-05 09:59"))
    assert not Notice.objects.filter(kind="oncall.lead_told").exists()


def test_the_page_of_proof_counts_who_can_be_woken(rota: Rota, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.core.clock.now", lambda: AT)
    client = Client()
    client.force_login(world.bob)
    html = client.get("/oncall/proof").content.decode()
    assert "0 of 1 people on duty in the next 60 days can be woken." in html
    assert "cannot be woken" in html
