"""Which files a request takes: a few types, told by their first bytes and their name together (spec security 8)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1024 * 1024
MOST_FILE, MOST_REQUEST, MOST_FILES = 25 * MIB, 100 * MIB, 10
MOST_NAME = 120
HEAD_BYTES = 4096


@dataclass(frozen=True)
class FileType:
    """A media type with its suffixes and the test of the first bytes."""

    media_type: str
    suffixes: tuple[str, ...]
    fits: Callable[[bytes], bool]


def _starts(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magic)


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters; the head may end inside a letter."""
    if b"\x00" in head:
        return False
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    return all(letter in "\t\r\n" or unicodedata.category(letter) != "Cc" for letter in text)


def _is_plain(head: bytes) -> bool:
    """Text that no browser could take for a page."""
    return _is_text(head) and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


TYPES = (
    FileType("image/png", ("png",), _starts(b"\x89PNG\r\n\x1a\n")),
    FileType("image/jpeg", ("jpg", "jpeg"), _starts(b"\xff\xd8\xff")),
    FileType("image/gif", ("gif",), _starts(b"GIF87a", b"GIF89a")),
    FileType("image/webp", ("webp",), lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
    FileType("application/pdf", ("pdf",), _starts(b"%PDF-")),
    FileType("text/calendar", ("ics",), lambda head: _is_text(head) and head.lstrip().startswith(b"BEGIN:VCALENDAR")),
    FileType("application/json", ("json",), lambda head: _is_text(head) and head.lstrip()[:1] in (b"{", b"[")),
    FileType("text/csv", ("csv",), _is_plain),
    FileType("text/plain", ("txt",), _is_plain),
)


def clean_name(name: str) -> str:
    """The name as it may stand in a header: NFC, no path, no control characters, at most 120; never empty."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in plain if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    kept = " ".join(kept.replace('"', "'").split()).lstrip(".")
    stem, dot, suffix = kept.rpartition(".")
    if len(kept) > MOST_NAME:
        kept = f"{stem[: MOST_NAME - len(suffix) - 1]}{dot}{suffix}"
    return kept[:MOST_NAME] or "file"


def checked_type(name: str, head: bytes) -> FileType:
    """The type that suffix and bytes agree on; raises `DomainError` (`requests.attachment_refused`)."""
    suffix = name.rsplit(".", 1)[-1].casefold() if "." in name else ""
    for known in TYPES:
        if suffix in known.suffixes:
            if known.fits(head):
                return known
            message = f"{name} does not hold what its name says. Save it again as {suffix}."
            raise DomainError("requests.attachment_refused", message, "file")
    allowed = ", ".join(sorted(suffix for known in TYPES for suffix in known.suffixes))
    raise DomainError("requests.attachment_refused", f"Files of these kinds are taken: {allowed}.", "file")


def check_room(size: int, held: int, count: int) -> None:
    """Whether one more file of `size` bytes fits beside `held` bytes in `count` files; raises `DomainError`."""
    if size == 0:
        raise DomainError("requests.attachment_refused", "This file is empty.", "file")
    if size > MOST_FILE:
        raise DomainError("requests.attachment_refused", f"At most {MOST_FILE // MIB} MB a file.", "file")
    if held + size > MOST_REQUEST:
        raise DomainError("requests.attachment_refused", f"At most {MOST_REQUEST // MIB} MB a request.", "file")
    if count >= MOST_FILES:
        raise DomainError("requests.attachment_refused", f"At most {MOST_FILES} files a message.", "file")
