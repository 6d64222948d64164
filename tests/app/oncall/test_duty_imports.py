"""Schedules of other systems through the one import: compared, applied, applied again without a change."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from oncall.models import PlannedShift, Rota, ShiftChange
from oncall.queries.resolving import resolve_oncall
from portal.core.services.imports import FileToImport, apply_import, plan_import
from tests.app.oncall.golden import names
from tests.unit.oncall.test_imported import PAGERDUTY
from tests.unit.oncall.test_rotations import utc
from tests.world import make_person

if TYPE_CHECKING:
    from portal.core.models import ImportRun
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = utc("2027-01-04 05:00")


def given(data: dict[str, Any]) -> FileToImport:
    return FileToImport("pagerduty", io.BytesIO(json.dumps(data).encode()), "schedules.json")


def cast(world: World) -> None:
    for handle in ("ines", "jonas", "kofi"):
        make_person(handle, team=world.data_platform)


def renamed() -> dict[str, Any]:
    text = json.dumps(PAGERDUTY).replace("@demo.example", "@example.com")
    found: dict[str, Any] = json.loads(text)
    return found


def run_of(world: World) -> ImportRun:
    return plan_import(actor=world.alice, given=given(renamed()), at=AT)


def test_a_schedule_is_compared_and_becomes_a_rota(world: World) -> None:
    cast(world)
    run = run_of(world)
    assert (run.state, run.plan["unsettled"], run.plan["differences"]) == ("planned", [], {"pagerduty:PX": 0})
    assert not Rota.objects.exists()
    apply_import(actor=world.alice, run=run, at=AT)
    rota = Rota.objects.get(external_id="pagerduty:PX")
    assert names(resolve_oncall(rota=rota, at=utc("2027-01-05 12:00"))) == {"primary": "ines"}
    assert names(resolve_oncall(rota=rota, at=utc("2027-01-06 12:00"))) == {"primary": "kofi"}
    assert names(resolve_oncall(rota=rota, at=utc("2027-01-12 12:00"))) == {"primary": "jonas"}


def test_applied_again_it_changes_nothing(world: World) -> None:
    cast(world)
    apply_import(actor=world.alice, run=run_of(world), at=AT)
    before = list(PlannedShift.objects.order_by("pk").values()), list(ShiftChange.objects.order_by("pk").values())
    data = renamed() | {"again": True}  # other bytes, the same schedule
    run = plan_import(actor=world.alice, given=given(data), at=AT)
    assert run.plan["changes"] == 0
    apply_import(actor=world.alice, run=run, at=AT)
    assert (
        list(PlannedShift.objects.order_by("pk").values()),
        list(ShiftChange.objects.order_by("pk").values()),
    ) == before


def test_names_nobody_is_known_by_are_listed(world: World) -> None:
    run = run_of(world)
    assert set(run.plan["unsettled"]) == {"ines@example.com", "jonas@example.com", "kofi"}


def test_what_is_no_schedule_is_refused_with_a_word(world: World) -> None:
    run = plan_import(actor=world.alice, given=given({"schedules": [{"id": 1}]}), at=AT)
    assert (run.state, run.issues.get().code) == ("failed", "oncall.import_empty")
