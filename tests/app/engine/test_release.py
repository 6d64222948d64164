"""A restored, moved or long silent database sends nothing until somebody has looked."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.management import call_command

from portal.core.models import AuditEntry
from portal.engine.models import Deadline, EngineControl, Notice
from portal.engine.services.ticking import tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.app.engine.house import House
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


def _resume(*arguments: str) -> str:
    out = StringIO()
    call_command("engine_resume", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def restored(house: House, arm: Callable[..., Deadline]) -> list[Deadline]:
    rows = [arm(1), arm(2)]
    EngineControl.objects.update(cluster_identifier=42)
    tick(component="engine")
    return rows


def test_the_list_shows_what_would_fire_and_changes_nothing(restored: list[Deadline]) -> None:
    text = _resume("--list")
    assert [f"{row.pk}\t" in text for row in restored] == [True, True]
    assert "2 overdue" in text
    assert EngineControl.objects.get().is_paused


def test_released_none_cancels_what_is_overdue(restored: list[Deadline]) -> None:
    assert "2 overdue deadlines were cancelled" in _resume("--release", "none")
    tick(component="engine")
    assert Notice.objects.count() == 0
    assert AuditEntry.objects.filter(verb="engine.resumed").count() == 1


def test_released_by_id_fires_that_one_only(restored: list[Deadline]) -> None:
    _resume("--release", str(restored[0].pk))
    tick(component="engine")
    assert list(Notice.objects.filter(kind="house.page").values_list("subject_id", flat=True)) == [1]


def test_released_all_fires_everything(restored: list[Deadline]) -> None:
    _resume("--release", "all")
    tick(component="engine")
    assert Notice.objects.filter(kind="house.page").count() == 2


def test_an_engine_told_to_start_paused_does_so_once(
    house: House, arm: Callable[..., Deadline], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, engine_start="paused"))
    arm()
    assert tick(component="engine").halted == "HEADWATER_ENGINE_START is paused"
    _resume("--release", "all")
    assert tick(component="engine").fired == 1


def test_a_day_without_a_tick_pauses_in_production_only(
    house: House, arm: Callable[..., Deadline], clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick(component="engine")
    arm()
    clock.advance(hours=25)
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, env="production"))
    assert tick(component="engine").halted == "silent for more than 24 hours"
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, env="development"))
    EngineControl.objects.update(is_paused=False)
    assert tick(component="engine").fired >= 1
