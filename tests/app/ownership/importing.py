"""Files of any format through the one protocol."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from portal.core.importing.issues import Issues
from portal.core.importing.protocol import reader_of
from portal.core.importing.streams import TextStream
from portal.core.services.imports import FileToImport, apply_import, plan_import

if TYPE_CHECKING:
    from datetime import datetime

    from portal.core.models import ImportRun


def data_of(content: Any) -> bytes:
    """Bytes and texts as they are, everything else as JSON."""
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def planned_file(source: str, content: Any, at: datetime, *, force: bool = False, **options: Any) -> ImportRun:
    file = FileToImport(source, io.BytesIO(data_of(content)), "file", options, force=force)
    return plan_import(actor=None, given=file, at=at)


def applied_file(source: str, content: Any, at: datetime, **options: Any) -> ImportRun:
    run = planned_file(source, content, at, force=True, **options)
    assert run.state == "planned", list(run.issues.values_list("code", "message", "line"))
    return apply_import(actor=None, run=run, at=at)


def facts_of(source: str, content: Any, **options: Any) -> tuple[list[Any], Issues]:
    """What the reader says, without a database."""
    reader = reader_of(source)
    assert reader is not None
    issues = Issues()
    stream = TextStream(io.BytesIO(data_of(content)), max_bytes=100_000_000)
    reading = reader.importer.read(stream, options={"zone": "UTC", **options}, issues=issues)
    return list(reading.facts), issues
