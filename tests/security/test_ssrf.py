"""No call of ours reaches a listener inside the house, however its address is written, resolved or redirected to.

The listeners are real sockets on loopback; what counts is how many connections they saw (spec security 6 and 14).
"""

from __future__ import annotations

import gzip
import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from portal.core import egress
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PUBLIC = "93.184.215.14"
SPELLINGS = (
    "127.0.0.1", "127.1", "127.0.1", "127.0.0.01", "127.000.000.001", "2130706433", "0x7f000001", "0x7f.0.0.1",
    "0x7f.0x0.0x0.0x1", "017700000001", "0177.0.0.1", "0177.0000.0000.0001", "127.0.0.1.", "127.0.0x1", "127.0x000001",
    "0", "0.0.0.0", "00000000", "127.255.255.254", "localhost", "localhost.", "LOCALHOST", "sub.localhost",  # noqa: S104
    "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "127｡0｡0｡1", "ⓛocalhost",  # noqa: RUF001 (look-alike digits and dots)
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[fe80::1%25lo]", "[fec0::1]", "[fc00::1]", "[::1%25lo]", "[::ffff:0:127.0.0.1]", "[100::1]", "[5f00::1]",
    "user@127.0.0.1", "example.com@127.0.0.1", "127.0.0.1#@example.com", "example.com\\@127.0.0.1",
    "127.0.0.1\t", "127.0.0.1%00.example.com", "example.com%0d%0aHost:127.0.0.1",
)  # fmt: skip
METADATA = (
    "169.254.169.254", "169.254.170.2", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
    "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[fd00:ec2::254]", "100.100.100.200", "192.0.0.192",
)  # fmt: skip
SCHEMES = (
    "gopher://127.0.0.1:{port}/_x", "file:///etc/passwd", "ftp://127.0.0.1:{port}/", "dict://127.0.0.1:{port}/",
    "ldap://127.0.0.1:{port}/", "http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "unix:///run/x.sock",
)  # fmt: skip


class Listener:
    """Counts who connects; answers what it was given, piece by piece, and never ends by itself if told so."""

    def __init__(self, host: str, answer: Callable[[socket.socket], None] | None = None) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.server = socket.create_server((host, 0), family=family)
        self.port: int = self.server.getsockname()[1]
        self.connections = 0
        self._answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self.server.accept()
                self.connections += 1
                with peer, suppress(OSError):
                    if self._answer is not None:
                        peer.recv(65_536)
                        self._answer(peer)


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    made: list[Listener] = []

    def start(host: str = "127.0.0.1", answer: Callable[[socket.socket], None] | None = None) -> Listener:
        made.append(Listener(host, answer))
        return made[-1]

    yield start
    for listener in made:
        listener.server.close()


@pytest.fixture
def inner(listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch) -> Listener:
    """A service inside, on a port that may be called: only its address protects it."""
    listener = listen()
    monkeypatch.setattr(egress, "PORTS", egress.PORTS | {listener.port})
    return listener


def call(url: str, **more: object) -> egress.Answer:
    return egress.post(url, body=b"{}", headers={}, stop_at=time.monotonic() + 1.0, **more)  # type: ignore[arg-type]


def test_no_spelling_of_an_inner_address_is_reached(inner: Listener) -> None:
    targets = [f"https://{host}:{inner.port}/" for host in (*SPELLINGS, *METADATA)]
    targets += [scheme.format(port=inner.port) for scheme in SCHEMES]
    assert len(targets) >= 60
    reached = []
    for target in targets:
        try:
            call(target)
        except (DomainError, egress.EgressError, UnicodeError):
            continue
        reached.append(target)
    assert (reached, inner.connections) == ([], 0)


def test_the_listener_would_have_been_reached(inner: Listener) -> None:
    """The control: with the check out of the way the same call connects."""
    with suppress(egress.EgressError):
        call(f"https://127.0.0.1:{inner.port}/", exact=f"https://127.0.0.1:{inner.port}/")
    assert inner.connections == 1


def test_a_name_that_is_public_when_saved_and_inner_when_sent_is_not_reached(
    inner: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [[PUBLIC], ["127.0.0.1"], ["::ffff:127.0.0.1"], [PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC]]
    monkeypatch.setattr(egress, "system_resolve", lambda *_: answers.pop(0))
    url = f"https://rebinding.example:{inner.port}/"
    egress.check_new_url(url)
    while answers:
        with pytest.raises(DomainError, match="public internet"):
            call(url)
    assert inner.connections == 0


def test_a_name_is_resolved_once_a_call(listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch) -> None:
    """What was checked is what is called: there is no second look-up that could answer otherwise."""
    listener, asked = listen(), []
    monkeypatch.setattr(
        settings, "ENV", replace(settings.ENV, egress_allow=[f"once.example:{listener.port}=127.0.0.1/32"])
    )

    def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with suppress(egress.EgressError):
        call(f"http://once.example:{listener.port}/", resolve=resolve)
    assert (asked, listener.connections) == (["once.example"], 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_inside_is_not_followed(
    listen: Callable[..., Listener], inner: Listener, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    head = f"HTTP/1.1 {status} Moved\r\nLocation: http://127.0.0.1:{inner.port}/\r\nContent-Length: 0\r\n\r\n"
    outer = listen(answer=lambda peer: peer.sendall(head.encode()))
    entry = f"127.0.0.1:{outer.port}=127.0.0.0/8"
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, egress_allow=[entry]))
    assert call(f"http://127.0.0.1:{outer.port}/").status == status
    assert (outer.connections, inner.connections) == (1, 0)


def _endless_headers(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(1_000_000):
        peer.sendall(b"X-%d: y\r\n" % number)


def _drop_by_drop(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        peer.sendall(b"x")
        time.sleep(0.05)


def _endless_body(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(16_384):
        peer.sendall(b"x" * 65_536)


def _packed_bomb(peer: socket.socket) -> None:
    packed = gzip.compress(bytes(64 * 1024 * 1024), 9)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    peer.sendall(head + packed)


def _silence(peer: socket.socket) -> None:
    peer.recv(1)


@pytest.mark.parametrize("answer", [_endless_headers, _drop_by_drop, _endless_body, _packed_bomb, _silence])
def test_a_hostile_answer_costs_its_second_and_a_mebibyte(
    listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch, answer: Callable[[socket.socket], None]
) -> None:
    listener = listen(answer=answer)
    entry = f"127.0.0.1:{listener.port}=127.0.0.0/8"
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, egress_allow=[entry]))
    started = time.monotonic()
    with suppress(egress.AnswerLost):
        assert len(call(f"http://127.0.0.1:{listener.port}/").body) <= egress.MAX_ANSWER
    assert time.monotonic() - started < 14
    assert listener.connections == 1
