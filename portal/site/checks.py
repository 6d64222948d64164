"""A start-up check: every icon that a template or a registry names is one of the list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import Error

from portal.core.icons import ICONS
from portal.core.registries import command_registry, nav_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ICON = re.compile(r"\{%\s*icon\s+[\"']([^\"']+)[\"']")


def icons_are_known(**_: Any) -> list[Error]:
    """One error a name outside `portal.core.icons.ICONS`, with the place that names it."""
    folders: Any = settings.TEMPLATES[0]["DIRS"]
    named = [*_in_templates(folders), *_in_registries()]
    return [
        Error(f"{place} names the icon {name!r}, which is not in portal.core.icons.ICONS", id="headwater.E001")
        for place, name in named
        if name not in ICONS
    ]


def _in_templates(folders: list[Path]) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted(folder.rglob("*.html")):
            for name in ICON.findall(path.read_text(encoding="utf-8")):
                yield str(path.relative_to(folder)), name


def _in_registries() -> Iterator[tuple[str, str]]:
    yield from ((f"navigation {key}", entry.icon) for key, entry in nav_registry.items())
    yield from ((f"command {key}", entry.icon) for key, entry in command_registry.items())
