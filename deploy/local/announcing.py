"""What `make up` says in the terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portal.site.demo import people

if TYPE_CHECKING:
    from pathlib import Path

    from deploy.local.workspace import Workspace

EXITED = re.compile(r"exited: (\S+) \((.*?)(?:; (not expected|expected))?\)")
RULE = "-" * 72


def say(text: str) -> None:
    print(f"headwater: {text}", flush=True)


class Tail:
    """The lines added to a file since the last look; a file that begins anew is read from its start."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = path.stat().st_size if path.exists() else 0

    def lines(self) -> list[str]:
        if not self.path.exists():
            return []
        if self.path.stat().st_size < self._seen:
            self._seen = 0
        with self.path.open("rb") as file:
            file.seek(self._seen)
            new = file.read()
        complete = new[: new.rfind(b"\n") + 1]
        self._seen += len(complete)
        return complete.decode(errors="replace").splitlines()


def tell(line: str) -> None:
    """Mail goes through as it is; of the supervisor only crashes are news."""
    if line.startswith("mail to "):
        say(line)
    elif found := EXITED.search(line):
        name = found[1].partition(":")[2] or found[1]
        say(f"{name} crashed ({found[2]}) and is started again; see .headwater/log/{name}.log")


def welcome(space: Workspace, names: list[str], breach: str) -> None:
    """The address, the logins, and what is about to happen."""
    print(RULE, flush=True)
    print(f"  {space.url}" if "web" in names else f"  running: {', '.join(names)}")
    if breach:
        print(f"\n  Sign in with any of these; the password of all is  {space.secrets['demo_password']}\n")
        for person in people.LOGINS:
            print(f"    {person.email:<26} {person.role}")
        print(f"\n  {breach}")
    else:
        print("\n  The workspace is empty. Make the first admin with\n")
        print("    .venv/bin/python manage.py create_admin --link\n")
    print("\n  Mails are printed here and kept in .headwater/mail/. Ctrl-C stops everything.")
    print(RULE, flush=True)
