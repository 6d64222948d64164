"""CSV as text rows with their lines: delimiter by the header, quoted line breaks, and caps."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.core.importing.issues import Unusable
from portal.core.importing.streams import lines_of
from portal.core.limits import KIB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.streams import TextStream

MOST_LINES = 1_000_000
MOST_FIELD = 64 * KIB
MOST_COLUMNS = 200
DELIMITERS = (",", ";", "\t")
FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Table:
    """The header, and the rows with the line each ends on."""

    header: tuple[str, ...]
    rows: Iterator[tuple[int, dict[str, str]]]


def table_of(stream: TextStream) -> Table:
    """Read the header at once and the rows lazily; raises `Unusable` where nothing can be read."""
    lines = _lines(stream)
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    csv.field_size_limit(MOST_FIELD)
    try:
        header = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error as error:
        raise Unusable("ownership.csv_syntax", f"This is no valid CSV: {error}.", line=1) from error
    names = tuple(name.strip().casefold() for name in header)
    if not any(names):
        raise Unusable("ownership.csv_no_header", "The file has no header.", line=1)
    if len(names) > MOST_COLUMNS:
        raise Unusable("ownership.csv_columns", f"The file has more than {MOST_COLUMNS} columns.", line=1)
    return Table(names, _rows(lines, names, delimiter))


def _rows(lines: Iterator[str], names: tuple[str, ...], delimiter: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if reader.line_num > MOST_LINES:
                raise Unusable("ownership.csv_lines", f"The file has more than {MOST_LINES:,} lines.")
            if any(cell.strip() for cell in cells):
                found = {name: plain(cell) for name, cell in zip(names, cells, strict=False)}
                yield reader.line_num + 1, dict.fromkeys(names, "") | found
    except csv.Error as error:
        raise Unusable("ownership.csv_syntax", f"This is no valid CSV: {error}.", line=reader.line_num + 1) from error


def plain(cell: str) -> str:
    """The text of a cell; the quote that our own export puts before what a sheet would run is taken off."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def _lines(stream: TextStream) -> Iterator[str]:
    return (_clean(line) + "\n" for line in lines_of(stream))


def _clean(line: bytes) -> str:
    return line.decode("utf-8", "replace").replace("\x00", "").removesuffix("\r").replace("\r", " ")


def header_line(names: tuple[str, ...]) -> str:
    """The header as people read it in a message."""
    out = io.StringIO()
    csv.writer(out).writerow(names)
    return out.getvalue().strip()[:300]
