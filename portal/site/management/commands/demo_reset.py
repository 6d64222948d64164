"""`manage.py demo_reset`: end the demo and start for real."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.core.errors import DomainError
from portal.site.services.demo_reset import reset_demo


class Command(BaseCommand):
    """Runs as the owner of the tables; the application's role may empty none."""

    help = "Remove every row of the demo workspace. DATABASE_URL must be the owner's."

    def handle(self, *_: Any, **__: Any) -> None:
        if settings.ENV.is_production:
            raise CommandError("The demo is not for production, and neither is its end.")
        try:
            count = reset_demo()
        except DomainError as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"{count} tables emptied. The workspace is as new; make the first admin with create_admin.")
