"""The four formats as the one importer protocol sees them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ijson

from oncall.importers import formats
from portal.core.importing.issues import Unusable
from portal.core.importing.json_records import within_depth
from portal.core.importing.protocol import Reading, Scope
from portal.core.importing.streams import whole_of
from portal.core.limits import CALENDAR_BYTES, CALENDAR_ENTRIES, WHOLE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oncall.domain.imported import RotaFact
    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SURE = 0.9
BAD_SHAPE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, ijson.JSONError)


class ScheduleImporter:
    """A file of schedules; never a snapshot: what it does not name stays."""

    snapshot = False
    precedence = 30
    most_bytes = WHOLE_BYTES

    def __init__(
        self, code: str, label: str, parse: Callable[[Any], Iterator[RotaFact]], marks: tuple[bytes, ...]
    ) -> None:
        self.code, self.label, self._parse, self._marks = code, label, parse, marks

    def sniff(self, head: bytes, filename: str) -> float:
        """Sure when every word of the format stands in the head."""
        del filename
        return SURE if all(mark in head for mark in self._marks) else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        """The schedules of the file. Raises `Unusable` for what is no such file."""
        name = str(options.get("scope") or self.code)[:300]
        body = whole_of(stream, most=self.most_bytes)
        return Reading(Scope(name, complete=False), iter(self._facts(body, issues)))

    def _facts(self, body: bytes, issues: Issues) -> list[RotaFact]:
        try:
            found = list(self._parse(self._loaded(body)))
        except BAD_SHAPE as error:
            raise Unusable("oncall.import_shape", f"This is no file of {self.label}: {error!r:.120}") from None
        if not found:
            raise Unusable("oncall.import_empty", "The file holds no schedule with a rotation.")
        for fact in found:
            for words in fact.inexpressible:
                issues.warning(
                    "oncall.import_inexpressible", f"Not expressible here: {words}.", record=fact.external_id
                )
        return found

    def _loaded(self, body: bytes) -> Any:
        for _ in within_depth(ijson.basic_parse(body, use_float=True)):
            pass
        return json.loads(body)


class CalendarImporter(ScheduleImporter):
    """iCalendar: events as fixed blocks."""

    most_bytes = CALENDAR_BYTES

    def _loaded(self, body: bytes) -> Any:
        if body.count(b"BEGIN:VEVENT") > CALENDAR_ENTRIES:
            raise Unusable("core.limit_entries", f"The calendar has more than {CALENDAR_ENTRIES:,} entries.")
        return body


READERS = (
    ScheduleImporter("pagerduty", "PagerDuty", formats.pagerduty, (b"schedule_layers",)),
    ScheduleImporter("opsgenie", "Opsgenie", formats.opsgenie, (b"rotations", b"participants")),
    ScheduleImporter("grafana_oncall", "Grafana OnCall", formats.grafana, (b"on_call_shifts", b"rolling_users")),
    CalendarImporter("duty_ical", "iCalendar", lambda body: formats.ical(body, "calendar"), (b"BEGIN:VCALENDAR",)),
)
