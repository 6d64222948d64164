"""`manage.py check_settings`: every setting with its value, secrets masked."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.settings.env import Env


class Command(BaseCommand):
    """Wrong settings have stopped the start before this runs, with one message that lists them all."""

    help = "Print the settings of this installation."
    requires_system_checks: list[str] = []

    def handle(self, *_: Any, **__: Any) -> None:
        for setting in fields(Env):
            value = getattr(settings.ENV, setting.name)
            shown = value if value not in ("", []) else "(empty)"
            if setting.metadata["secret"] and value:
                shown = "(set)"
            self.stdout.write(f"{setting.metadata['name']:<34} {shown}")
