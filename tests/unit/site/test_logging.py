"""A log line never holds a secret, and a text cannot forge a second line."""

from __future__ import annotations

import pytest

from portal.core.logging import MASK, mask, masked, one_line


@pytest.mark.parametrize("key", ["password", "api_token", "Authorization", "cookie", "address", "body", "csrf"])
def test_a_field_with_a_telling_name_is_masked(key: str) -> None:
    assert mask(None, "info", {key: "anything"}) == {key: MASK}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token hwt_abc123 used", f"token {MASK} used"),
        ("whsec_AAAA+/=", MASK),
        ("Bearer abc.def", MASK),
        ("GET /a/xyz.123", f"GET /a/{MASK}"),
        ("postgresql://u:pw@db/x", f"postgresql://{MASK}@db/x"),
    ],
)
def test_a_secret_inside_a_text_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_secret_inside_a_container_is_masked() -> None:
    assert masked({"outer": [{"token": "x"}]}) == {"outer": [{"token": MASK}]}


def test_a_line_break_is_written_as_two_characters() -> None:
    assert one_line(None, "info", {"event": "a\nb"}) == {"event": "a\\nb"}
