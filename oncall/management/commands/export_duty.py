"""`manage.py export_duty`: the duty plan of a team as one Markdown file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from oncall.queries.export import Wanted, duty_export
from portal.accounts.models import Team
from portal.accounts.queries.teams import leads_of_team
from portal.core import clock

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Writes to standard output, as the team's lead sees it; the same bytes for the same facts and clock."""

    help = "Export the duty plan of a team as Markdown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--team", required=True, help="slug of the team")
        parser.add_argument("--from", dest="first", required=True, help="first day, such as 2027-01-04")
        parser.add_argument("--to", dest="last", required=True, help="last day, included")

    def handle(self, *_: Any, **given: Any) -> None:
        team = Team.objects.filter(slug=given["team"]).first()
        if team is None:
            message = f"There is no team {given['team']!r}."
            raise CommandError(message)
        try:
            first, last = date.fromisoformat(given["first"]), date.fromisoformat(given["last"])
        except ValueError:
            raise CommandError("Days are written 2027-01-04.") from None
        at = clock.now()
        viewer = next(iter(leads_of_team(team, at.date())), None)
        self.stdout.write(duty_export(Wanted(team, first, last, viewer, at)), ending="")
