"""A mail server for one machine: takes every message by SMTP, keeps it as a file, and prints one line about it.

python -m deploy.local.mail PORT FOLDER
"""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from email.message import EmailMessage

LINK = re.compile(r"https?://\S+")
LARGEST = 10 * 1024 * 1024


class Mailbox:
    """Keeps each message it is given; never forwards one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        content = cast("bytes", envelope.content)
        self.count += 1
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")  # noqa: TID251 (no Django in this process)
        path = self.folder / f"{stamp}-{self.count:04d}.eml"
        await asyncio.to_thread(path.write_bytes, content)
        message = message_from_bytes(content, policy=policy.default)
        for address in envelope.rcpt_tos:
            print(line(address, message), flush=True)
        return "250 kept"


def line(address: str, message: EmailMessage) -> str:
    """What the terminal shows of a message: to whom, about what, and the first link in it."""
    body = message.get_body(("plain",))
    links = LINK.findall(body.get_content()) if body else []
    return " ".join(["mail to", address.partition("@")[0] + ":", str(message["subject"]), *links[:1]])


def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    server = Controller(Mailbox(folder), hostname="127.0.0.1", port=port, data_size_limit=LARGEST)
    server.start()
    signal.pause()


if __name__ == "__main__":
    main()
