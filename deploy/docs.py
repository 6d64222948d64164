"""`make docs`: the pages that are made from code. Running it twice changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path

from portal.settings.env import Env

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Settings

Read once from the environment at the start; unknown `HEADWATER_*` names and wrong values stop it with one message that
lists them all. `NAME_FILE` reads a value from a file instead; both forms together are refused. `manage.py
check_settings` prints what an installation uses. This page is made by `make docs`.

| name | default | what it does |
|---|---|---|
"""


def settings_page() -> str:
    """The table of all settings; a secret's default is not shown."""
    return HEAD + "".join(_row(setting) for setting in fields(Env))


def _row(setting: object) -> str:
    meta = getattr(setting, "metadata", {})
    default = getattr(setting, "default", MISSING)
    shown = "" if default is MISSING or default == "" or meta["secret"] else f"`{default}`"
    choices = "; one of " + ", ".join(f"`{choice}`" for choice in meta["choices"] if choice) if meta["choices"] else ""
    secret = " (secret)" if meta["secret"] else ""
    return f"| `{meta['name']}` | {shown} | {meta['help']}{choices}{secret} |\n"


def main() -> None:
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "settings.md").write_text(settings_page(), encoding="utf-8")
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings.development", "DATABASE_URL": ""}
    schema = [sys.executable, "manage.py", "spectacular", "--format", "openapi-json", "--file", "docs/openapi.json"]
    sys.exit(subprocess.run(schema, cwd=ROOT, env=environ, check=False).returncode)


if __name__ == "__main__":
    main()
