"""No address inside the house is reached, however it is written (spec security 6)."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from portal.core import egress
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterator

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.1.2.3",  # noqa: S104 (a target that must be refused)
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1",
    "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1",
    "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
WRITTEN_ODDLY = [
    "https://2130706433/", "https://0x7f000001/", "https://017700000001/", "https://127.1/", "https://0x7f.0.0.1/",
    "https://0177.0.0.1/", "https://127.0.0.1.:443/", "https://user@example.com/", "https://user:pw@example.com/",
    "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "http://example.com/", "https://example.com:22/",
    "https://example.com:0/", "https://example.com:99999/", "https://", "https:///path", "https://exa mple.com/",
    "https://example.com/\r\nX: y", "https://" + "a" * 254 + ".com/", "javascript:alert(1)", "//example.com/", "",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4003::1", "::ffff:8.8.8.8"]


def _send(url: str, addresses: list[str]) -> egress.Answer:
    return egress.post(
        url, body=b"{}", headers={}, stop_at=time.monotonic() + 2, resolve=lambda *_: addresses
    )  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public_and_not_called(address: str) -> None:
    assert not egress.is_public(ip_address(address))
    with pytest.raises(DomainError, match="public internet"):
        _send("https://hooks.example.com/", [address])


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_is_public(address: str) -> None:
    assert egress.is_public(ip_address(address))


@pytest.mark.parametrize("url", WRITTEN_ODDLY)
def test_a_url_that_hides_its_target_is_refused(url: str) -> None:
    with pytest.raises(DomainError) as error:
        _send(url, ["8.8.8.8"])
    assert error.value.code == "core.egress_refused"


def test_the_table_has_at_least_sixty_targets() -> None:
    assert len(INSIDE) + len(WRITTEN_ODDLY) >= 60


def test_one_inner_address_among_outer_ones_refuses_the_whole_answer() -> None:
    with pytest.raises(DomainError, match="public internet"):
        _send("https://hooks.example.com/", ["8.8.8.8", "127.0.0.1"])


class Sink:
    """A loopback server that answers once with the given bytes, after some seconds or not at all."""

    def __init__(self, answer: bytes, wait: float = 0.0) -> None:
        self.answer, self.wait, self.seen = answer, wait, b""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            peer, _ = self._server.accept()
        except OSError:
            return
        # Closing with unread bytes resets the connection and loses the answer, so the rest is read first.
        with peer, suppress(OSError):
            self.seen = peer.recv(65_536)
            time.sleep(self.wait)
            peer.sendall(self.answer)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65_536):
                continue

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def sinks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Sink]]:
    made: list[Sink] = []
    yield made
    for sink in made:
        sink.close()


def _allowed(monkeypatch: pytest.MonkeyPatch, sinks: list[Sink], answer: bytes, wait: float = 0.0) -> tuple[Sink, str]:
    sink = Sink(answer, wait)
    sinks.append(sink)
    entry = f"127.0.0.1:{sink.port}=127.0.0.0/8"
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, egress_allow=[entry]))
    return sink, f"http://127.0.0.1:{sink.port}/hook"


def test_the_operators_list_lets_an_inner_host_through(monkeypatch: pytest.MonkeyPatch, sinks: list[Sink]) -> None:
    sink, url = _allowed(monkeypatch, sinks, b"HTTP/1.1 204 No Content\r\n\r\n")
    assert _send(url, ["127.0.0.1"]).status == 204
    assert sink.seen.startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"User-Agent: Headwater\r\n" in sink.seen


def test_an_allowed_name_that_resolves_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch, sinks: list[Sink]) -> None:
    _, url = _allowed(monkeypatch, sinks, b"")
    with pytest.raises(DomainError, match="public internet"):
        _send(url, ["10.0.0.1"])


def test_a_redirect_is_never_followed(monkeypatch: pytest.MonkeyPatch, sinks: list[Sink]) -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    _, url = _allowed(monkeypatch, sinks, answer)
    assert _send(url, ["127.0.0.1"]).status == 302


def test_a_huge_answer_is_cut_at_a_mebibyte(monkeypatch: pytest.MonkeyPatch, sinks: list[Sink]) -> None:
    _, url = _allowed(monkeypatch, sinks, b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (2 * 1024 * 1024))
    answer = _send(url, ["127.0.0.1"])
    assert (len(answer.body), answer.is_cut) == (1024 * 1024, True)


def test_no_answer_in_time_is_an_answer_lost(monkeypatch: pytest.MonkeyPatch, sinks: list[Sink]) -> None:
    _, url = _allowed(monkeypatch, sinks, b"", wait=3)
    with pytest.raises(egress.AnswerLost):
        egress.post(url, body=b"", headers={}, stop_at=time.monotonic() + 0.3, resolve=lambda *_: ["127.0.0.1"])


def test_a_closed_port_is_a_message_not_sent() -> None:
    with pytest.raises(egress.EgressError, match="connect"):
        egress.post(
            "http://127.0.0.1:9/", body=b"", headers={}, stop_at=time.monotonic() + 1, exact="http://127.0.0.1:9/",
            resolve=lambda *_: ["127.0.0.1"],
        )  # fmt: skip
