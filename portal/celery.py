"""The Celery application of workers and beat; every task is thin and takes keyword arguments."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, before_task_publish, worker_init

from portal.core.patience import OF_A_JOB, limit_sessions
from portal.core.pulse import show_life
from portal.core.startup import ensure_startable, settle_memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")
app = Celery("headwater")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_a_wrong_database(**_: Any) -> None:
    """Before the first message is taken."""
    limit_sessions(OF_A_JOB)
    ensure_startable()
    settle_memory()


@beat_init.connect
def show_that_beat_lives(**_: Any) -> None:
    """At its start, and with each message that it sends; workers send messages too and say nothing by it."""
    show_life("beat")
    before_task_publish.connect(_beat_sends)


def _beat_sends(**_: Any) -> None:
    show_life("beat")
