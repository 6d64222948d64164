"""`manage.py alive`: the health check of every process without a port can be green, and turns red."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from celery.signals import beat_init, before_task_publish
from django.core.management import call_command

from portal import celery
from portal.core import pulse
from portal.engine.services.heartbeats import beat
from portal.engine.services.watching import Watchdog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pulse, "gettempdir", lambda: str(tmp_path))
    return tmp_path


@pytest.fixture
def beating() -> Iterator[None]:
    """This process is beat, as Celery tells it."""
    beat_init.send(sender=None)
    yield
    before_task_publish.disconnect(celery._beat_sends)


def is_alive(component: str) -> bool:
    """Ends with 0 or 1, as a health check asks."""
    try:
        call_command("alive", component)
    except SystemExit as ended:
        return {1: False}[ended.code]  # type: ignore[index]  # another code fails here
    return True


def grow_old(folder: Path, component: str, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(folder / f"headwater-{component}", (then, then))


@pytest.mark.parametrize("component", ["beat", "engine", "watchdog", "worker"])
def test_who_never_gave_a_sign_of_life_is_not_alive(component: str) -> None:
    assert not is_alive(component)


@pytest.mark.parametrize("component", ["engine", "worker"])
def test_who_writes_rows_lives_by_them(component: str) -> None:
    beat(component=component, instance=f"{component}@{os.uname().nodename}:1")
    assert is_alive(component)


def test_a_watchdog_lives_as_long_as_it_goes_its_rounds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watchdog = Watchdog()
    monkeypatch.setattr(watchdog, "round", lambda _: watchdog.stop())
    watchdog.run()
    assert is_alive("watchdog")
    grow_old(folder, "watchdog", 31)
    assert not is_alive("watchdog")


@pytest.mark.usefixtures("beating")
def test_beat_lives_as_long_as_it_sends(folder: Path) -> None:
    assert is_alive("beat")
    grow_old(folder, "beat", 91)
    assert not is_alive("beat")
    before_task_publish.send(sender="engine.tick")
    assert is_alive("beat")


def test_a_worker_that_sends_is_no_beat() -> None:
    before_task_publish.send(sender="engine.tick")
    assert not is_alive("beat")


def test_a_folder_that_is_not_there_ends_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "gettempdir", lambda: "/nowhere/at/all")
    pulse.show_life("watchdog")
    assert not is_alive("watchdog")
