"""The only way for HTTP out of the house (spec security 6).

A name is resolved once, every address of the answer must be allowed, the connection goes to a checked address, and
redirects are never followed. Time and size are bounded.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
import zlib
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Address = IPv4Address | IPv6Address
CONNECT_SECONDS = 3.0
MAX_ANSWER = 1024 * 1024
MAX_HOST = 253
PORTS = frozenset({443, 8443})
USER_AGENT = "Headwater"
# Python's own flags are not enough: 100.64/10, 64:ff9b::/96, 2002::/16 and others count as global there.
DENIED_V4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
DENIED_V6 = tuple(
    ip_network(text)
    for text in (
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip


class EgressError(Exception):
    """Nothing was sent, or not all of it; another try may succeed."""


class AnswerLost(EgressError):
    """Everything was sent and no answer came: the other side may have acted."""


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case and at most 1 MiB of body; `is_cut` if there was more."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False


@dataclass(frozen=True)
class Target:
    """A checked URL, and whether the operator's list or the caller names it."""

    scheme: str
    host: str
    port: int
    path: str
    networks: tuple[str, ...] = ()


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet; IPv4 inside IPv6 is judged as IPv4."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        return address.is_global and not any(address in network for network in DENIED_V6)
    return address.is_global and not any(address in network for network in DENIED_V4)


def check_url(url: str, *, exact: str = "") -> Target:
    """The target of a URL, or `DomainError` with the rule it breaks. Checked when saved and at every send.

    `exact` is the one URL of the own house that is let through (the canary's).
    """
    try:
        parts = urlsplit(url)
        port = (443 if parts.scheme == "https" else 80) if parts.port is None else parts.port
    except ValueError:
        raise _refused("This is not a URL.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refused("Only https:// addresses are called.")
    if parts.username is not None or parts.password is not None:
        raise _refused("A URL with a user name or password is refused.")
    if any(character <= " " or character == "\x7f" for character in url):
        raise _refused("A URL holds no spaces or control characters.")
    host = _plain_host(parts.hostname)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    networks = ("0.0.0.0/0", "::/0") if exact and url == exact else _allowed_networks(host, port)
    if not networks and parts.scheme != "https":
        raise _refused("Only https:// addresses are called.")
    if not networks and port not in PORTS:
        raise _refused("Only the ports 443 and 8443 are called.")
    target = Target(parts.scheme, host, port, path, networks)
    if ":" in host or host.rpartition(".")[2].isdecimal():
        _checked_address(target, [host])
    return target


def check_new_url(url: str) -> None:
    """For a URL that is being saved: also what its name resolves to now. Raises `DomainError` with the rule.

    A name that does not resolve at the moment is let through; every send checks again.
    """
    target = check_url(url)
    try:
        addresses = system_resolve(target.host, target.port)
    except EgressError:
        return
    _checked_address(target, addresses)


def post(
    url: str,
    *,
    body: bytes,
    headers: Mapping[str, str],
    stop_at: float,
    exact: str = "",
    method: str = "POST",
    resolve: Callable[[str, int], list[str]] | None = None,
) -> Answer:
    """One request that ends before `stop_at` (monotonic seconds).

    Raises `DomainError` for a target that is not allowed, `EgressError` if it was not sent, `AnswerLost` if it was.
    """
    target = check_url(url, exact=exact)
    address = _checked_address(target, (resolve or system_resolve)(target.host, target.port))
    try:
        stream = _connect(target, address, stop_at)
    except OSError as error:
        raise _failed("connect", error) from error
    try:
        return _exchange(stream, target, method, body, headers)
    finally:
        stream.sock.close()


def system_resolve(host: str, port: int) -> list[str]:
    """Every address the system's resolver gives."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _failed("resolve", error) from error
    return [str(entry[4][0]) for entry in found]


def _refused(message: str) -> DomainError:
    return DomainError("core.egress_refused", message, "url")


def _not_public(target: Target) -> DomainError:
    return _refused(f"{target.host} is not on the public internet.")


def _failed(step: str, error: Exception) -> EgressError:
    return EgressError(f"{step}: {error}")


def _plain_host(host: str) -> str:
    """The host in ASCII; addresses in decimal, octal, hex or short form are refused, not interpreted."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        name = host.encode("idna").decode().lower()
    except UnicodeError:
        raise _refused("This host name is not valid.") from None
    last = name.rstrip(".").rpartition(".")[2]
    if not name or len(name) > MAX_HOST or last.isdecimal() or last.startswith("0x") or ":" in name or "%" in name:
        raise _refused("This host name is not valid.")
    return name


def _allowed_networks(host: str, port: int) -> tuple[str, ...]:
    """Networks of `HEADWATER_EGRESS_ALLOW` for this very host and port."""
    entries = (entry.partition("=") for entry in settings.ENV.egress_allow)
    return tuple(network for place, _, network in entries if place.lower() == f"{host}:{port}")


def _checked_address(target: Target, addresses: list[str]) -> str:
    if not addresses:
        raise EgressError("resolve: no address")
    for text in addresses:
        address = ip_address(text.partition("%")[0])
        inside = any(address in ip_network(network) for network in target.networks)
        if not (inside if target.networks else is_public(address)):
            raise _not_public(target)
    return addresses[0]


class _Stream:
    """A socket whose every operation ends at one instant; `http.client` reads from it."""

    def __init__(self, sock: socket.socket, stop_at: float) -> None:
        self.sock = sock
        self.stop_at = stop_at

    def hurry(self) -> None:
        left = self.stop_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("out of time")
        self.sock.settimeout(left)

    def sendall(self, data: bytes) -> None:
        self.hurry()
        self.sock.sendall(data)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """`http.client` closes early while the answer is still being read; the caller of `post` closes the socket."""


class _Reader(io.RawIOBase):
    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._stream.hurry()
        return self._stream.sock.recv_into(buffer)


def _connect(target: Target, address: str, stop_at: float) -> _Stream:
    left = min(CONNECT_SECONDS, stop_at - time.monotonic())
    if left <= 0:
        raise TimeoutError("out of time")
    sock = socket.create_connection((address, target.port), timeout=left)
    try:
        if target.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=target.host)
    except OSError:
        sock.close()
        raise
    return _Stream(sock, stop_at)


def _exchange(stream: _Stream, target: Target, method: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.default_port = 443 if target.scheme == "https" else 80
    connection.sock = stream
    fixed = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Connection": "close"}
    try:
        connection.request(method, target.path, body=body, headers={**headers, **fixed})
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _failed("send", error) from error
    try:
        answer = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise AnswerLost(str(error) or type(error).__name__) from error
    content, is_cut = _content(answer)
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content, is_cut)


def _content(answer: http.client.HTTPResponse) -> tuple[bytes, bool]:
    """The body as far as it came; what matters is the status, which has arrived."""
    try:
        raw = answer.read(MAX_ANSWER + 1)
        if answer.headers.get("Content-Encoding", "") == "gzip":
            raw = zlib.decompressobj(wbits=31).decompress(raw, MAX_ANSWER + 1)
    except (OSError, http.client.HTTPException, zlib.error):
        return b"", True
    return raw[:MAX_ANSWER], len(raw) > MAX_ANSWER
