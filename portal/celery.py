"""The Celery application of workers and beat; every task is thin and takes keyword arguments."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from portal.core.startup import ensure_startable, settle_memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")
app = Celery("headwater")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_a_wrong_database(**_: Any) -> None:
    """Before the first message is taken."""
    ensure_startable()
    settle_memory()
