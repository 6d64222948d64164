"""The one CSV writer: no cell of a download is ever run as a formula (spec security 8)."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse

from portal.core.errors import TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_ROWS = 100_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")  # noqa: RUF001 (full-width)


class _Line:
    """A file for `csv.writer` that hands each line back."""

    def write(self, text: str) -> str:
        return text


def safe_cell(value: Any) -> Any:
    """The value as it may stand in a cell: our own numbers as they are, text that a sheet would run with a quote."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return value
    text = str(value)
    starts = text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
    return f"'{text}" if starts else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """RFC 4180 lines, one at a time."""
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, count: int
) -> StreamingHttpResponse:
    """A streamed download called `name`.csv; raises `TooLarge` above 100,000 rows (`count`)."""
    if count > MAX_ROWS:
        raise TooLarge("core.limit_export", f"More than {MAX_ROWS:,} rows. Narrow the filter.", limit=MAX_ROWS)
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
