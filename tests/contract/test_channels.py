"""Every channel passes the contract; a new one is added here with its far end."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from portal.core.errors import DomainError
from portal.engine.channels.call import CallChannel, call_address
from portal.engine.channels.email import EmailChannel
from portal.engine.channels.file import FileChannel
from portal.engine.channels.inbox import InboxChannel
from portal.engine.channels.push import PushChannel
from portal.engine.channels.sms import SmsChannel
from portal.engine.channels.voice import VoiceChannel
from portal.engine.channels.webhook import WebhookChannel, webhook_address
from portal.engine.registries import channels
from portal.engine.testing import KEY, ChannelContract, facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from portal.engine.registries import Channel

SECRET = "whsec_" + "a2V5LWtleS1rZXkta2V5LWtleS1rZXk="


class FarEnd:
    """A loopback server that talks to each caller as told, and keeps what it got."""

    def __init__(self, talk: Callable[[socket.socket, FarEnd], None]) -> None:
        self.seen = b""
        self.ended = threading.Event()
        self._talk = talk
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._server.accept()
                with peer, contextlib.suppress(OSError):
                    self._talk(peer, self)

    def close(self) -> None:
        self.ended.set()
        self._server.close()


STATUS = {"ok": "204 No Content", "busy": "429 Too Many\r\nRetry-After: 7", "broken": "500 Oops", "refused": "404 No"}


def _whole_request(peer: socket.socket) -> bytes:
    """Head and body, which may come in several pieces."""
    seen = b""
    while piece := peer.recv(65_536):
        seen += piece
        head, _, body = seen.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if b"\r\n\r\n" in seen and len(body) >= int(length[1] if length else 0):
            break
    return seen


def _http(how: str) -> Callable[[socket.socket, FarEnd], None]:
    def talk(peer: socket.socket, end: FarEnd) -> None:
        end.seen = _whole_request(peer)
        if how == "silent":
            end.ended.wait(3)
        if how in STATUS:
            peer.sendall(f"HTTP/1.1 {STATUS[how]}\r\nContent-Length: 0\r\n\r\n".encode())

    return talk


SMTP = {"ok": "250 taken", "busy": "450 later", "broken": "421 closing", "refused": "550 no such user"}


def _smtp(how: str) -> Callable[[socket.socket, FarEnd], None]:
    """Speaks SMTP up to the final dot, then behaves as told."""

    def talk(peer: socket.socket, end: FarEnd) -> None:
        if how == "silent":
            end.ended.wait(3)
            return
        stream = peer.makefile("rwb", buffering=0)
        stream.write(b"220 fake\r\n")
        while line := stream.readline():
            if line.startswith(b"DATA"):
                stream.write(b"354 go\r\n")
                break
            stream.write(b"250 ok\r\n")
        end.seen = b""
        while (line := stream.readline()) and line != b".\r\n":
            end.seen += line
        if how in SMTP:
            stream.write(SMTP[how].encode() + b"\r\n")

    return talk


@pytest.fixture
def ends() -> Iterator[list[FarEnd]]:
    made: list[FarEnd] = []
    yield made
    for end in made:
        end.close()


class TestWebhook(ChannelContract):
    @pytest.fixture(autouse=True)
    def _world(self, ends: list[FarEnd], monkeypatch: pytest.MonkeyPatch) -> None:
        self.ends, self.monkeypatch = ends, monkeypatch

    def channel(self) -> Channel:
        return WebhookChannel()

    def address(self) -> str:
        return webhook_address("https://hooks.example.com/x", [SECRET])

    def answering(self, how: str) -> str:
        end = FarEnd(_http(how))
        self.ends.append(end)
        allow = [f"127.0.0.1:{end.port}=127.0.0.0/8"]
        self.monkeypatch.setattr(settings, "ENV", replace(settings.ENV, egress_allow=allow))
        return webhook_address(f"http://127.0.0.1:{end.port}/hook", [SECRET])

    def test_the_key_is_the_id_and_the_body_carries_the_dedup_key(self) -> None:
        self._send(self.answering("ok"))
        head, _, body = self.ends[0].seen.partition(b"\r\n\r\n")
        assert f"webhook-id: {KEY}".encode() in head
        assert b"webhook-signature: v1," in head
        assert json.loads(body)["dedup_key"] == "engine.test:1"

    def test_the_wait_of_the_provider_is_kept(self) -> None:
        assert getattr(self._send(self.answering("busy")), "retry_after", None) == 7.0

    def test_a_private_host_is_refused_when_saved_and_when_sent(self) -> None:
        address = webhook_address("http://127.0.0.1:8000/", [SECRET])
        with pytest.raises(DomainError):
            self.channel().validate(address)
        assert type(self._send(address)).__name__ == "Permanent"


class TestCall(TestWebhook):
    """A webhook whose body the room wrote."""

    def channel(self) -> Channel:
        return CallChannel()

    def address(self) -> str:
        return call_address("https://hooks.example.com/x", [SECRET], "Bearer x")


class TestEmail(ChannelContract):
    @pytest.fixture(autouse=True)
    def _world(self, ends: list[FarEnd], monkeypatch: pytest.MonkeyPatch) -> None:
        self.ends, self.monkeypatch = ends, monkeypatch

    def channel(self) -> Channel:
        return EmailChannel()

    def address(self) -> str:
        return "ana@example.com"

    def answering(self, how: str) -> str:
        end = FarEnd(_smtp(how))
        self.ends.append(end)
        changed = replace(settings.ENV, smtp_url=f"smtp://127.0.0.1:{end.port}", mail_from="Headwater <hw@example.org>")
        self.monkeypatch.setattr(settings, "ENV", changed)
        return self.address()

    def test_the_key_is_the_message_id_repeats_thread_and_replies_are_not_invited(self) -> None:
        self._send(self.answering("ok"))
        head = self.ends[0].seen.partition(b"\r\n\r\n")[0].decode()
        assert f"Message-ID: <{KEY}@example.org>" in head
        assert "References: <engine.test.7@example.org>" in head
        assert "Auto-Submitted: auto-generated" in head
        assert "Reply-To" not in head

    def test_what_is_no_address_is_refused(self) -> None:
        for bad in ("", "ana", "ana@example.com\r\nBcc: x@y.z", "a b@example.com"):
            with pytest.raises(DomainError):
                self.channel().validate(bad)


class TestFile(ChannelContract):
    has_network = False

    @pytest.fixture(autouse=True)
    def _world(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = tmp_path / "out.jsonl"
        monkeypatch.setattr(settings, "ENV", replace(settings.ENV, file_channel=str(self.path)))

    def channel(self) -> Channel:
        return FileChannel()

    def address(self) -> str:
        return "ana"

    def answering(self, how: str) -> str:
        del how
        return self.address()

    def test_each_message_is_one_line_with_its_key(self) -> None:
        self._send("ana")
        self._send("ana")
        assert [json.loads(line)["key"] for line in self.path.read_text().splitlines()] == [KEY, KEY]


class _Http(ChannelContract):
    """A channel whose far end is one HTTP provider."""

    @pytest.fixture(autouse=True)
    def _world(self, ends: list[FarEnd], monkeypatch: pytest.MonkeyPatch) -> None:
        self.ends, self.monkeypatch = ends, monkeypatch

    def listening(self, how: str, **settings_: Any) -> str:
        """A provider on this machine, let through the egress rules."""
        end = FarEnd(_http(how))
        self.ends.append(end)
        url = f"http://127.0.0.1:{end.port}"
        given: dict[str, Any] = {name: url if value is URL else value for name, value in settings_.items()}
        allow = [f"127.0.0.1:{end.port}=127.0.0.0/8"]
        self.monkeypatch.setattr(settings, "ENV", replace(settings.ENV, egress_allow=allow, **given))
        return url

    def body(self) -> bytes:
        return self.ends[0].seen.partition(b"\r\n\r\n")[2]


URL = object()


class TestNtfy(_Http):
    def channel(self) -> Channel:
        return PushChannel()

    def address(self) -> str:
        return "https://ntfy.example.com/oncall-ana"

    def answering(self, how: str) -> str:
        return f"{self.listening(how)}/oncall-ana"

    def test_a_page_rings_through_a_silent_phone_and_opens_its_link(self) -> None:
        self._send(self.answering("ok"))
        sent = json.loads(self.body())
        assert (sent["topic"], sent["priority"], sent["click"]) == ("oncall-ana", 5, "https://example.com/")

    def test_what_is_no_topic_is_refused(self) -> None:
        for bad in (
            "https://ntfy.example.com/",
            "http://ntfy.example.com/x",
            "https://gotify.example.com/message",
            "ana",
        ):
            with pytest.raises(DomainError):
                self.channel().validate(bad)


class TestGotify(_Http):
    def channel(self) -> Channel:
        return PushChannel()

    def address(self) -> str:
        return "https://gotify.example.com/message?token=A1b2"

    def answering(self, how: str) -> str:
        return f"{self.listening(how)}/message?token=A1b2"

    def test_the_token_travels_in_a_header_and_never_in_the_address(self) -> None:
        self._send(self.answering("ok"))
        head = self.ends[0].seen.partition(b"\r\n\r\n")[0]
        assert b"X-Gotify-Key: A1b2" in head
        assert b"token=" not in head
        assert json.loads(self.body())["priority"] == 10


class TestSms(_Http):
    def channel(self) -> Channel:
        return SmsChannel()

    def address(self) -> str:
        return "+34600123456"

    def answering(self, how: str) -> str:
        fields = ["to=To", "text=Body", "=From:+4930123"]
        self.listening(how, sms_url=URL, sms_fields=fields, sms_auth="Basic eA==", sms_format="form")
        return self.address()

    def test_the_provider_reads_its_own_names(self) -> None:
        self._send(self.answering("ok"))
        assert b"Authorization: Basic eA==" in self.ends[0].seen
        assert self.body().startswith(b"To=%2B34600123456&Body=Title.+Text+https")
        assert self.body().endswith(b"&From=%2B4930123")

    def test_only_a_number_with_its_country_is_taken(self) -> None:
        assert self.channel().validate("+34 600-123-456") == "+34600123456"
        for bad in ("600123456", "+0", "+34abc", ""):
            with pytest.raises(DomainError):
                self.channel().validate(bad)

    def test_without_a_provider_nothing_is_sent(self) -> None:
        assert type(self._send(self.address())).__name__ == "Permanent"


class TestVoice(_Http):
    def channel(self) -> Channel:
        return VoiceChannel()

    def address(self) -> str:
        return "+34600123456"

    def answering(self, how: str) -> str:
        self.listening(how, voice_url=URL)
        return self.address()

    def test_a_call_says_no_links(self) -> None:
        self._send(self.answering("ok"))
        assert json.loads(self.body()) == {"text": "Headwater. Title. Text", "to": "+34600123456"}


class TestInbox(ChannelContract):
    has_network = False

    def channel(self) -> Channel:
        return InboxChannel()

    def address(self) -> str:
        return ""

    def answering(self, how: str) -> str:
        del how
        return ""


def test_every_registered_channel_stands_in_this_file() -> None:
    assert sorted(slug for slug, _ in channels.items()) == [
        "call", "canary", "email", "file", "inbox", "push", "sms", "voice", "webhook",
    ]  # fmt: skip
    assert facts().dedup_key == "engine.test:1"
