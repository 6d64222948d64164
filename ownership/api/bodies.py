"""Bodies that other programs send: any media type, plain or gzip, larger than what people type."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from rest_framework.parsers import BaseParser

from portal.core.api.parsers import parse_json
from portal.core.errors import BadRequest, TooLarge
from portal.core.limits import JSON_DEPTH, MIB, UNPACK_FREE_BYTES, UNPACK_RATIO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

BATCH_BYTES = 25 * MIB
GZIP_WINDOW = 31


class EventParser(BaseParser):
    """Any media type, plain or gzip, with the limits of imports; nesting and keys as everywhere."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        del media_type
        request: Any = (parser_context or {})["request"]
        body = stream.read(BATCH_BYTES + 1)
        if len(body) > BATCH_BYTES:
            raise TooLarge("core.limit_body", f"The body is larger than {BATCH_BYTES // MIB} MB.", limit=BATCH_BYTES)
        if "gzip" in request.headers.get("Content-Encoding", ""):
            body = _unpacked(body)
        return parse_json(body, max_keys=None, max_depth=JSON_DEPTH, is_exact=False)


def _unpacked(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    try:
        data = unpacker.decompress(body, BATCH_BYTES + 1)
    except zlib.error:
        raise BadRequest("core.unparsable", "The gzip stream is damaged.") from None
    if len(data) > max(UNPACK_FREE_BYTES, UNPACK_RATIO * len(body)) or len(data) > BATCH_BYTES:
        raise TooLarge("core.limit_body", "The body unpacks to more than 25 MB, or 100 times its size.")
    if not unpacker.eof:
        raise BadRequest("core.unparsable", "The gzip stream ends in the middle.")
    return data
