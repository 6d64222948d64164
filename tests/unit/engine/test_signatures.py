"""Our few lines of Standard Webhooks agree with the reference package."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from portal.core.domain.signatures import sign, verify

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
OTHER = "whsec_" + base64.b64encode(b"o" * 24).decode()


@given(st.text(max_size=200), st.binary(min_size=24, max_size=64))
def test_we_sign_as_the_package_does(body: str, key: bytes) -> None:
    secret, at = "whsec_" + base64.b64encode(key).decode(), NOON
    wanted = Webhook(secret).sign("msg_1", at, body)
    assert sign(secret, "msg_1", int(at.timestamp()), body.encode()) == wanted


def test_the_package_verifies_what_we_sign() -> None:
    stamp = int(time.time())
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(SECRET, "1", stamp, b'{"a":1}'),
    }
    assert Webhook(SECRET).verify('{"a":1}', headers) == {"a": 1}


def test_either_secret_verifies_while_one_is_rotated() -> None:
    both = f"{sign(OTHER, '1', 1000, b'x')} {sign(SECRET, '1', 1000, b'x')}"
    assert verify([SECRET], "1", "1000", both, b"x", 1000.0)


@pytest.mark.parametrize(
    ("stamp", "signature", "body", "now"),
    [
        ("1000", "v1,AAAA", b"x", 1000.0),
        ("1000", sign(SECRET, "1", 1000, b"x"), b"y", 1000.0),
        ("1000", sign(SECRET, "1", 1000, b"x"), b"x", 1301.0),
        ("1000", sign(SECRET, "1", 1000, b"x"), b"x", 699.0),
        ("-1", sign(SECRET, "1", 1000, b"x"), b"x", 1000.0),
        ("1000", "", b"x", 1000.0),
        ("1000", "\u00fc \ud800", b"x", 1000.0),
    ],
)
def test_forged_altered_old_and_future_messages_are_refused(
    stamp: str, signature: str, body: bytes, now: float
) -> None:
    assert not verify([SECRET], "1", stamp, signature, body, now)
