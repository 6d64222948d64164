"""`manage.py doctor`: what is wrong with this installation, and what cures it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.site.queries.checks import findings


class Command(BaseCommand):
    """Exit 1 when something is bad; warnings do not count."""

    help = "Check this installation; each finding names the command that cures it."

    def handle(self, *_: Any, **__: Any) -> None:
        found = findings()
        for finding in found:
            since = f" (since {finding.since:%Y-%m-%d %H:%M}Z)" if finding.since and finding.colour != "ok" else ""
            self.stdout.write(f"{finding.colour:<5} {finding.name:<20} {finding.sentence}{since}")
            if finding.cure and finding.colour != "ok":
                self.stdout.write(f"{'':<27}cure: {finding.cure}")
        if any(finding.colour == "bad" for finding in found):
            sys.exit(1)
