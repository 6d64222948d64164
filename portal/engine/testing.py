"""What every channel must pass: subclass `ChannelContract` in a test, say how to build the far end, and run pytest.

A third party's channel proves itself with the same class; nothing here needs the database.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from portal.engine.domain.drafts import NoticeFacts
from portal.engine.domain.messages import Words, fill
from portal.engine.domain.outcomes import Ambiguous, Outcome, Permanent, Sent, Temporary
from portal.engine.domain.subjects import Subject
from portal.engine.registries import notice_kinds

if TYPE_CHECKING:
    from portal.engine.registries import Channel

KEY = "0190a000-0000-7000-8000-000000000001"
NASTY = "Line\r\nBcc: mallory@example.com\u202e\x00{0.__class__}"


def facts(kind: str = "engine.test", context: dict[str, Any] | None = None) -> NoticeFacts:
    """A notice as a channel gets it."""
    return NoticeFacts(
        id=UUID(KEY), kind=kind, severity="page", subject=Subject("engine.test", 7), recipient_id=1, endpoint_ref="",
        context=context or {}, is_acknowledgeable=True, is_private=False,
        created_at=datetime(2026, 11, 24, 3, tzinfo=UTC), dedup_key="engine.test:1",
    )  # fmt: skip


class ChannelContract:
    """`channel()` and `address()` say what is tested; `answering(how)` prepares a far end that behaves so.

    `how` is ok, busy, broken, refused, lost or silent; it returns the address to send to.
    """

    has_network = True

    def channel(self) -> Channel:
        """The channel under test."""
        raise NotImplementedError

    def address(self) -> str:
        """An address that the channel accepts."""
        raise NotImplementedError

    def answering(self, how: str) -> str:
        """A far end that behaves so, and its address."""
        raise NotImplementedError

    def _send(self, address: str, seconds: float = 2.0) -> Outcome:
        channel = self.channel()
        words = [Words("Title", "Text", "https://example.com/", "")]
        message = channel.render(words, facts(), address=address, key=KEY)
        return channel.send(message, key=KEY, stop_at=time.monotonic() + seconds)

    def test_it_renders_every_kind_of_notice_to_the_same_bytes_twice(self) -> None:
        """Pure rendering: a retry is the same message."""
        for kind in notice_kinds.values():
            context = dict.fromkeys(kind.context_keys, NASTY)
            words = [Words(fill(kind.title, context), fill(kind.text, context), "https://example.com/x", "")]
            first, second = (
                self.channel().render(words, facts(kind.kind, context), address=self.address(), key=KEY)
                for _ in range(2)
            )
            assert first == second  # noqa: S101 (a test)

    def test_nothing_can_be_put_into_its_headers(self) -> None:
        """Line breaks in a title or text stay text."""
        if not self.has_network:
            return
        words = [Words(NASTY, NASTY, "https://example.com/", "")]
        message = self.channel().render(words, facts(), address=self.address(), key=KEY)
        head = message.body.partition(b"\r\n\r\n")[0]
        assert b"\nBcc:" not in head  # noqa: S101 (a test)

    def test_what_is_taken_is_sent(self) -> None:
        """The plain case."""
        assert isinstance(self._send(self.answering("ok")), Sent)  # noqa: S101 (a test)

    def test_a_busy_or_broken_provider_is_tried_again(self) -> None:
        """429 and 500, 421 and 450, and the like."""
        for how in ("busy", "broken") if self.has_network else ():
            assert isinstance(self._send(self.answering(how)), Temporary), how  # noqa: S101 (a test)

    def test_a_refusal_is_final(self) -> None:
        """404, 550 and the like."""
        if self.has_network:
            assert isinstance(self._send(self.answering("refused")), Permanent)  # noqa: S101 (a test)

    def test_a_lost_answer_is_ambiguous(self) -> None:
        """Accepted, then the line went dead."""
        if self.has_network:
            assert isinstance(self._send(self.answering("lost")), Ambiguous)  # noqa: S101 (a test)

    def test_it_stops_in_time_against_a_provider_that_never_answers(self) -> None:
        """No send outlives its `stop_at`."""
        if self.has_network:
            started = time.monotonic()
            outcome = self._send(self.answering("silent"), seconds=0.5)
            assert isinstance(outcome, Temporary | Ambiguous)  # noqa: S101 (a test)
            assert time.monotonic() - started < 5  # noqa: S101, PLR2004 (a generous end)
