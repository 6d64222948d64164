"""`make down` and `make reset`: stop what `make up` started; delete this checkout's data when asked to."""

from __future__ import annotations

import os
import shutil
import sys

from deploy.local import leftovers, postgres
from deploy.local.announcing import say
from deploy.local.up import PID_FILE
from deploy.local.workspace import HOME


def main() -> None:
    delete = "--delete" in sys.argv[1:]
    if delete and "--yes" not in sys.argv[1:] and not _agreed():
        sys.exit("nothing was deleted")
    say("stopped" if leftovers.stop_recorded(PID_FILE) else "nothing was running")
    if delete:
        for folder in (HOME, postgres.home_of(HOME / "postgres"), postgres.home_of(HOME / "test")):
            shutil.rmtree(folder, ignore_errors=True)
        say(f"deleted {HOME} and its database")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        say("this deletes all data of this checkout; say YES=1 to agree")
        return False
    return input(f"Delete {HOME} and its database ({os.environ.get('USER', 'you')} will start anew)? [y/N] ") == "y"


if __name__ == "__main__":
    main()
