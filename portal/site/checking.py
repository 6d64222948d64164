"""What `check_manifest` and `check_schema` share: read two files, say what was found, exit 0, 1 or 2."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError

from portal.core import clock
from portal.core.egress import EgressError, post
from portal.core.errors import DomainError
from portal.core.importing.checks import LEVELS, CheckedFiles, Finding, file_checks, reaches
from portal.core.importing.finding_formats import FORMATS
from portal.core.importing.issues import Unusable

if TYPE_CHECKING:
    from argparse import ArgumentParser

FOUND, UNUSABLE = 1, 2
SERVER_SECONDS = 60
OK = 200


class CheckCommand(BaseCommand):
    """Exit 0: clean; 1: findings at or above the level; 2: input or server cannot be used. Writes nothing."""

    check_name = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--base", help="the file to compare with; without it, the register")
        parser.add_argument("--codeowners", help="the CODEOWNERS of the repository")
        parser.add_argument("--server", help="ask this portal instead of the local register")
        parser.add_argument("--token-env", default="HEADWATER_TOKEN", help="the variable that holds the API token")
        parser.add_argument("--format", choices=sorted(FORMATS), default="text")
        parser.add_argument("--fail-on", choices=LEVELS, default="error")

    def handle(self, *_: Any, **given: Any) -> None:
        paths = {name: Path(given[name]) for name in ("file", "base", "codeowners") if given[name]}
        missing = next((path for path in paths.values() if not path.is_file()), None)
        if missing is not None:
            message = f"There is no file {missing}."
            raise CommandError(message, returncode=UNUSABLE)
        try:
            found = self._ask(paths, given) if given["server"] else self._look(paths)
        except (Unusable, DomainError, EgressError) as error:
            raise CommandError(str(error), returncode=UNUSABLE) from None
        self.stdout.write(FORMATS[given["format"]](found))
        if reaches(found, given["fail_on"]):
            sys.exit(FOUND)

    def _look(self, paths: dict[str, Path]) -> list[Finding]:
        run = file_checks.get(self.check_name)
        if run is None:
            message = "This check is not installed."
            raise CommandError(message, returncode=UNUSABLE)
        with ExitStack() as stack:
            files: dict[str, Any] = {name: stack.enter_context(path.open("rb")) for name, path in paths.items()}
            return run(CheckedFiles(**files), clock.now())

    def _ask(self, paths: dict[str, Path], given: dict[str, Any]) -> list[Finding]:
        url = urljoin(given["server"].rstrip("/") + "/", f"api/v1/checks/{self.check_name}")
        token = os.environ.get(given["token_env"], "")
        body, kind = _multipart(paths)
        headers = {"Content-Type": kind, "Authorization": f"Bearer {token}", "Accept": "application/json"}
        stop_at = time.monotonic() + SERVER_SECONDS
        answer = post(url, body=body, headers=headers, stop_at=stop_at, exact=url)
        if answer.status != OK:
            message = f"The server answered {answer.status}."
            raise CommandError(message, returncode=UNUSABLE)
        found = json.loads(answer.body)["findings"]
        return [
            Finding(each["code"], each["level"], each["sentence"], each["unique_id"], each["path"], tuple(each["ask"]))
            for each in found
        ]


def _multipart(paths: dict[str, Path]) -> tuple[bytes, str]:
    """The files as one form."""
    mark = uuid4().hex
    parts = []
    for name, path in paths.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + path.read_bytes() + b"\r\n")
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"
