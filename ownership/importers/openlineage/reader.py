"""Files of events: one event, a list, or one a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.importers.openlineage.events import event_of, why_unusable
from ownership.importers.openlineage.folding import SYSTEM, Folding
from portal.core.importing.issues import Unusable
from portal.core.importing.json_items import items
from portal.core.importing.protocol import Reading, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SURE, LIKELY = 0.95, 0.4


class OpenLineageImporter:
    """Never a snapshot: what a file does not name stays as it is."""

    code = SYSTEM
    label = "OpenLineage events"
    snapshot = False
    precedence = 40

    def sniff(self, head: bytes, filename: str) -> float:
        if b"openlineage.io" in head or (b'"eventTime"' in head and (b'"job"' in head or b'"dataset"' in head)):
            return SURE
        return LIKELY if "lineage" in filename and filename.endswith(".ndjson") else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        name = str(options.get("scope") or "events")
        return Reading(Scope(name[:300], complete=False), self._facts(stream, options, issues))

    def _facts(self, stream: TextStream, options: dict[str, Any], issues: Issues) -> Iterator[Any]:
        folding = Folding(options, issues)
        usable = 0
        for place, value in items(stream, issues):
            if why := why_unusable(value):
                issues.info_once("ownership.ol_unusable", why, f"{why} Such records are left out.", pointer=place)
                continue
            usable += 1
            folding.take(event_of(value, place, issues))
        if not usable:
            raise Unusable("ownership.ol_nothing", "The file holds no OpenLineage event.")
        yield from folding.facts()
