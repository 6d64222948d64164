"""JSON bodies: limits one below and one above, and what two readers could understand differently."""

from __future__ import annotations

import contextlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.api.parsers import MAX_BYTES, StrictJSONParser, parse_json
from portal.core.errors import BadRequest, DomainError, TooLarge

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(TEXTS, below, max_size=4),
    max_leaves=20,
)


def code_of(body: bytes) -> str:
    with pytest.raises(DomainError) as refused:
        parse_json(body)
    return refused.value.code


@given(JSON_VALUES)
def test_what_json_can_say_is_read_as_the_standard_reader_reads_it(value: object) -> None:
    body = json.dumps(value).encode()
    assert parse_json(body) == json.loads(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(BadRequest):
        parse_json(body)


def test_depth_32_is_read_and_33_is_refused() -> None:
    assert parse_json(b"[" * 32 + b"]" * 32) is not None
    assert code_of(b"[" * 33 + b"]" * 33) == "core.limit_depth"


def test_brackets_in_texts_are_no_depth() -> None:
    assert parse_json(b'["\\"' + b"[" * 100 + b'"]') == ['"' + "[" * 100]


def test_ten_thousand_keys_are_read_and_one_more_is_refused() -> None:
    keys = {str(number): 0 for number in range(10_000)}
    assert parse_json(json.dumps(keys).encode()) == keys
    assert code_of(json.dumps(keys | {"more": 0}).encode()) == "core.limit_keys"


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
def test_64_bits_are_read(number: int) -> None:
    assert parse_json(str(number).encode()) == number


@pytest.mark.parametrize("digits", [str(2**63), str(-(2**63) - 1), "9" * 5000], ids=["above", "below", "far above"])
def test_more_than_64_bits_are_refused(digits: str) -> None:
    assert code_of(digits.encode()) == "core.limit_integer"


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b'{"a": 1, "a": 2}', "core.duplicate_key", "a"),
        (b"[NaN]", "core.unparsable", "NaN"),
        (b"[-Infinity]", "core.unparsable", "-Infinity"),
        (b"[1e999]", "core.unparsable", "1e999"),
        (b'{"a": ["\\ud800"]}', "core.unparsable", "$.a[0]"),
        (b'{"\\u0000": 1}', "core.unparsable", "$ (a key)"),
        (b'{"a"\n:}', "core.unparsable", "line 2"),
        (b'["\xff"]', "core.unparsable", "byte 2"),
        (b"", "core.unparsable", "line 1"),
    ],
)
def test_a_refusal_names_code_and_place(body: bytes, code: str, place: str) -> None:
    with pytest.raises(BadRequest, match=r".") as refused:
        parse_json(body)
    assert (refused.value.code, place in refused.value.message) == (code, True)


def test_one_mebibyte_is_read_and_one_byte_more_is_refused() -> None:
    parser = StrictJSONParser()
    body = b'"' + b"a" * (MAX_BYTES - 2) + b'"'
    assert len(parser.parse(io.BytesIO(body))) == MAX_BYTES - 2
    with pytest.raises(TooLarge, match="1,048,576"):
        parser.parse(io.BytesIO(body + b" "))
