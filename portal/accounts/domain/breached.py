"""Looking a password up in a list of leaked ones that may be larger than memory. Pure Python."""

from __future__ import annotations

from hashlib import sha1
from typing import BinaryIO


def fingerprint(password: str) -> str:
    """The form in which such lists name a password: SHA-1 in upper case hexadecimal."""
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def is_listed(lines: BinaryIO, size: int, password: str) -> bool:
    """Whether a sorted list names the password, by halving: some 35 reads for a list of a billion lines.

    A line is the fingerprint or the first characters of it, and may go on with a colon and a count.
    """
    wanted = fingerprint(password)
    low, high = 0, size
    while low < high:
        start = _line_from(lines, low, (low + high) // 2, high)
        found = lines.readline().partition(b":")[0].strip().decode("ascii", "replace").upper()
        if found and wanted.startswith(found):
            return True
        if found < wanted:
            low = lines.tell()
        else:
            high = start
    return False


def _line_from(lines: BinaryIO, low: int, middle: int, high: int) -> int:
    """Stand at the first line that begins at `middle` or after it, else at `low`, where a line begins."""
    if middle > low:
        lines.seek(middle - 1)
        lines.readline()
    start = lines.tell() if middle > low else low
    start = start if start < high else low
    lines.seek(start)
    return start
