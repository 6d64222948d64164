"""Finding a password in a sorted list of leaked ones."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.domain.breached import fingerprint, is_listed

LEAKED = [f"leaked sentence number {number}" for number in range(200)]


def listed(lines: list[str], password: str) -> bool:
    raw = "".join(f"{line}\n" for line in sorted(lines)).encode()
    return is_listed(BytesIO(raw), len(raw), password)


def test_a_fingerprint_is_sha1_in_upper_case() -> None:
    assert fingerprint("password") == "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8"


def test_every_line_of_a_list_with_counts_is_found_and_nothing_else() -> None:
    lines = [f"{fingerprint(password)}:{number}" for number, password in enumerate(LEAKED)]
    assert [password for password in LEAKED if not listed(lines, password)] == []
    assert [number for number in range(500) if listed(lines, f"another sentence {number}")] == []


def test_the_beginnings_of_fingerprints_are_enough() -> None:
    lines = [fingerprint(password)[:10] for password in LEAKED]
    assert all(listed(lines, password) for password in LEAKED)


@given(st.lists(st.text(min_size=1, max_size=12), max_size=30), st.text(min_size=1, max_size=12), st.integers(6, 40))
def test_halving_finds_what_reading_every_line_finds(passwords: list[str], wanted: str, length: int) -> None:
    lines = [fingerprint(password)[:length] for password in passwords]
    assert listed(lines, wanted) == any(fingerprint(wanted).startswith(line) for line in lines)


def test_an_empty_list_and_one_without_a_last_line_end_hold_what_they_hold() -> None:
    only = fingerprint("a").encode()
    assert (is_listed(BytesIO(b""), 0, "a"), is_listed(BytesIO(only), len(only), "a")) == (False, True)
