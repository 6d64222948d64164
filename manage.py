#!/usr/bin/env python
"""Django's command line for Headwater."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

LOCAL = Path(__file__).parent / ".headwater" / "environment.json"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.development")
    if os.environ["DJANGO_SETTINGS_MODULE"] == "portal.settings.development" and "DATABASE_URL" not in os.environ:
        use_local_workspace()
    execute_from_command_line(sys.argv)


def use_local_workspace() -> None:
    """Without a database in the environment, a command works on what `make up` started in this checkout."""
    if LOCAL.exists() and os.access(LOCAL, os.R_OK):
        for name, value in json.loads(LOCAL.read_text(encoding="utf-8")).items():
            os.environ.setdefault(name, value)


if __name__ == "__main__":
    main()
