"""A far end that misbehaves on demand: a web and a mail server in one process of its own.

`python -m tests.chaos.far_end WEB_PORT MAIL_PORT MODE_FILE LOG`; each connection does what the file says then.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

MUTE_SECONDS = 30.0  # longer than anybody waits
GREET, TAKEN = b"220 far.example\r\n", b"250 taken\r\n"


class FarEnd:
    """What it took is logged as the well-behaved provider logs it, before it answers or fails to."""

    def __init__(self, mode_file: str, log: str) -> None:
        self._mode_file = Path(mode_file)
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    @property
    def mode(self) -> str:
        return self._mode_file.read_text()

    def note(self, path: str, key: str, page: str) -> None:
        line = {"path": path, "key": key, "page": page, "at": time.time(), "unexpected": False}
        os.write(self._log, (json.dumps(line) + "\n").encode())

    def web(self, peer: socket.socket) -> None:
        mode, stream = self.mode, peer.makefile("rb")
        first = stream.readline()
        if not first.startswith(b"POST"):
            peer.sendall(b"HTTP/1.1 400 This is no TLS\r\n\r\n")
            return
        lines = iter(lambda: stream.readline().decode().strip(), "")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = stream.read(int(headers.get("content-length", "0")))
        if mode in ("500", "tls"):
            peer.sendall(b"HTTP/1.1 500 Out of order\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        elif mode == "mute":
            time.sleep(MUTE_SECONDS)
        elif mode == "half closed":
            peer.shutdown(socket.SHUT_WR)
            time.sleep(MUTE_SECONDS)
        else:
            self.note("/page", headers.get("webhook-id", ""), json.loads(body)["dedup_key"])
            if mode != "answer lost":
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def mail(self, peer: socket.socket) -> None:
        mode, stream = self.mode, peer.makefile("rb")
        peer.sendall(b"421 too busy\r\n" if mode == "421" else GREET)
        while mode != "421" and (line := stream.readline()):
            word = line[:4].upper().strip()
            if word == b"RCPT" and mode in ("450", "550"):
                peer.sendall(f"{mode} no\r\n".encode())
            elif word == b"DATA":
                peer.sendall(b"354 go on\r\n")
                text = b"".join(iter(stream.readline, b".\r\n")).decode()
                if mode == "slow data":
                    time.sleep(MUTE_SECONDS)
                names = dict(part.split(": ", 1) for part in text.split("\r\n") if ": " in part)
                self.note("/mail", names["Message-ID"], names["References"])
                peer.sendall(TAKEN)
            else:
                peer.sendall(b"250 go on\r\n")

    def serve(self, port: int, answer: str) -> None:
        server = socket.create_server(("127.0.0.1", port), backlog=512)
        while True:
            peer, _ = server.accept()
            threading.Thread(target=self._one, args=(peer, answer), daemon=True).start()

    def _one(self, peer: socket.socket, answer: str) -> None:
        with suppress(OSError, ValueError, KeyError), peer:
            getattr(self, answer)(peer)


def main() -> None:
    far = FarEnd(sys.argv[3], sys.argv[4])
    threading.Thread(target=far.serve, args=(int(sys.argv[2]), "mail"), daemon=True).start()
    far.serve(int(sys.argv[1]), "web")


if __name__ == "__main__":
    main()
