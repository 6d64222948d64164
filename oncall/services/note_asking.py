"""An hour before a shift ends its holder is asked for a word to the next one (spec additions, "notes")."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from oncall.queries.handing_over import open_lines
from oncall.queries.working_out import facts_between
from oncall.services.shift_news import rota_url, tell

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota

NOTE_ASKED = "oncall.note_asked"
MOMENT = timedelta(microseconds=1)


def ask_for_notes(*, rota: Rota, ends_at: datetime, at: datetime) -> None:
    """Ask whoever is primary until `ends_at` and does not go on; what is open stands in the question. Once a shift."""
    before, _ = facts_between(rota, ends_at - MOMENT, ends_at, widen=True)
    after, _ = facts_between(rota, ends_at, ends_at + MOMENT, widen=True)
    going_on = {row.person for row in after if row.role == "primary"}
    people = [row.person for row in before if row.role == "primary" and row.person is not None]
    leaving = [pk for pk in people if pk not in going_on]
    lines = open_lines(rota)
    said = f"Your shift ends soon. Open: {'; '.join(lines)}" if lines else "Your shift ends soon. Nothing is open."
    key = f"note.{rota.pk}:{ends_at.isoformat()}"
    tell(rota, NOTE_ASKED, leaving, said[:1500], key=key, at=at, url=f"{rota_url(rota)}/note")
