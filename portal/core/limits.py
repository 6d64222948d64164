"""How much of anything the portal reads from outside (spec security 10, import_formats 1)."""

from __future__ import annotations

KIB, MIB, GIB = 1024, 1024**2, 1024**3

UPLOAD_BYTES = 64 * MIB
COMMAND_BYTES = 2 * GIB
UNPACKED_BYTES = 256 * MIB
UNPACK_RATIO = 100
# Small files may pack well without being a bomb.
UNPACK_FREE_BYTES = MIB
JSON_DEPTH = 64
PARSE_SECONDS = 600
# A line of CSV or of JSON lines, which is in memory whole.
LINE_BYTES = 16 * MIB
# What is parsed whole, not record by record: YAML, exported schedules; calendars are written out besides.
WHOLE_BYTES, CALENDAR_BYTES, CALENDAR_ENTRIES = 5 * MIB, MIB, 5000
HEAD_BYTES, HEADERS = 16 * KIB, 100
SNIFF_BYTES = 64 * KIB

KEY_CHARACTERS = 1000
NAME_BYTES = 255
OWNER_CHARACTERS = 300
DESCRIPTION_CHARACTERS = 20_000
OWNERS_A_RECORD = 50
ISSUES_A_CODE = 1000

SEARCH_CHARACTERS = 200
SEARCH_WORDS = 10
