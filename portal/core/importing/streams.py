"""A file of others as bytes: unpacked under a cap, valid UTF-8, countable lines, and readable twice."""

from __future__ import annotations

import codecs
import hashlib
import zlib
from typing import TYPE_CHECKING, BinaryIO

from portal.core.importing.issues import Unusable
from portal.core.limits import KIB, LINE_BYTES, MIB, SNIFF_BYTES, UNPACK_FREE_BYTES, UNPACK_RATIO, UNPACKED_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 64 * KIB
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31
REPLACED = "\ufffd"


class TextStream:
    """Reads `file` from its start each time `rewind` is called; gzip is unpacked on the fly, never to disk.

    Bytes that are no UTF-8 become U+FFFD (`had_bad_bytes`), a byte order mark is dropped. Raises `Unusable` when the
    file or what comes out of it is larger than allowed.
    """

    def __init__(self, file: BinaryIO, *, max_bytes: int) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self.had_bad_bytes = False
        self.rewind()

    def rewind(self) -> None:
        self._file.seek(0)
        self._is_gzip = self._file.read(2) == GZIP_MAGIC
        self._file.seek(0)
        self._unpacker = zlib.decompressobj(GZIP_WINDOW) if self._is_gzip else None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._packed = self._unpacked = 0
        self._at_start = True
        self.lines = 1
        self.column = 0

    def read(self, size: int = BLOCK) -> bytes:
        """At most `size` bytes of clean text (a few more after a replacement); empty only at the end."""
        if size <= 0:
            return b""
        while True:
            raw = self._raw(size)
            text = self._decoder.decode(raw, final=not raw)
            if self._at_start and text:
                text, self._at_start = text.removeprefix("\ufeff"), False
            if text or not raw:
                return self._counted(text)

    def _counted(self, text: str) -> bytes:
        self.had_bad_bytes = self.had_bad_bytes or REPLACED in text
        breaks = text.count("\n")
        self.lines += breaks
        self.column = len(text) - text.rfind("\n") - 1 if breaks else self.column + len(text)
        return text.encode()

    def _raw(self, size: int) -> bytes:
        if self._unpacker is None:
            data = self._file.read(size)
            self._packed += len(data)
            if self._packed > self._max_bytes:
                raise Unusable("core.limit_bytes", f"The file is larger than {self._max_bytes // KIB**2} MiB.")
            return data
        return self._unpack(size)

    def _unpack(self, size: int) -> bytes:
        unpacker = self._unpacker
        if unpacker is None or unpacker.eof:
            return self._after_archive()
        data = b""
        while not data and not unpacker.eof:
            packed = unpacker.unconsumed_tail or self._file.read(BLOCK)
            if not packed:
                raise Unusable("core.archive_broken", "The gzip stream ends in the middle.")
            self._packed += 0 if unpacker.unconsumed_tail else len(packed)
            try:
                data = unpacker.decompress(packed, size)
            except zlib.error as error:
                raise Unusable("core.archive_broken", f"The gzip stream is damaged: {error}.") from error
        self._unpacked += len(data)
        self._check_ratio()
        return data

    def _after_archive(self) -> bytes:
        if self._unpacker is not None and (self._unpacker.unused_data or self._file.read(1)):
            raise Unusable("core.limit_archive", "The archive holds more than one stream.")
        return b""

    def _check_ratio(self) -> None:
        too_dense = self._unpacked > max(UNPACK_FREE_BYTES, UNPACK_RATIO * self._packed)
        if too_dense or self._unpacked > UNPACKED_BYTES:
            raise Unusable("core.limit_archive", "The archive unpacks to more than 100 times its size, or 256 MiB.")


def lines_of(stream: TextStream, *, most: int = LINE_BYTES) -> Iterator[bytes]:
    """Each line from the start, without its break; one is in memory. Raises `Unusable` for one above `most` bytes."""
    stream.rewind()
    parts: list[bytes] = []
    size = 0
    while block := stream.read():
        *whole, rest = block.split(b"\n")
        for line in whole:
            yield _line([*parts, line], most)
            parts, size = [], 0
        parts.append(rest)
        size += len(rest)
        if size > most:
            break
    yield _line(parts, most)


def _line(parts: list[bytes], most: int) -> bytes:
    line = b"".join(parts)
    if len(line) > most:
        raise Unusable("core.limit_line", f"A line is longer than {most // MIB} MiB.")
    return line


def whole_of(stream: TextStream, *, most: int) -> bytes:
    """The text from its start, for formats that are read at once. Raises `Unusable` above `most` bytes."""
    stream.rewind()
    parts: list[bytes] = []
    size = 0
    while block := stream.read():
        parts.append(block)
        size += len(block)
        if size > most:
            raise Unusable("core.limit_bytes", f"The file is larger than {most // MIB} MiB.")
    return b"".join(parts)


def head_of(file: BinaryIO) -> bytes:
    """The first 64 KiB of the text, for guessing the format; empty when even that cannot be read."""
    try:
        return TextStream(file, max_bytes=UNPACKED_BYTES).read(SNIFF_BYTES)
    except Unusable:
        return b""


def digest_of(file: BinaryIO) -> tuple[str, int]:
    """SHA-256 and size of the bytes as they came."""
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while block := file.read(BLOCK):
        digest.update(block)
        size += len(block)
    file.seek(0)
    return digest.hexdigest(), size
