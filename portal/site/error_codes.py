"""Every code of a problem document, with what it means: `error_codes.toml`, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ErrorCode:
    code: str
    status: str
    words: str


def _read() -> dict[str, list[ErrorCode]]:
    rooms = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {
        room: [ErrorCode(f"{room}.{name}", *line.split(" ", 1)) for name, line in codes.items()]
        for room, codes in rooms.items()
    }


CODES = _read()
ALL_CODES = {code.code for codes in CODES.values() for code in codes}
