"""The far end: a web server that logs each request to a file before it answers. Run as a process of its own."""

from __future__ import annotations

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OK, NOT_FOUND = 200, 404


class Provider(BaseHTTPRequestHandler):
    """Logs (key, dedup key, instant); anything but a signed page is logged as unexpected."""

    log = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        is_expected = self.path in ("/page", "/naive") and (
            self.path == "/naive" or "webhook-signature" in self.headers
        )
        facts = json.loads(body) if is_expected else {}
        line = {
            "path": self.path, "key": self.headers.get("webhook-id", ""), "page": facts.get("dedup_key", ""),
            "at": time.time(), "unexpected": not is_expected,
        }  # fmt: skip
        os.write(self.log, (json.dumps(line) + "\n").encode())
        self.send_response(OK if is_expected else NOT_FOUND)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


def main() -> None:
    port, path = int(sys.argv[1]), sys.argv[2]
    Provider.log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    Server(("127.0.0.1", port), Provider).serve_forever()


if __name__ == "__main__":
    main()
