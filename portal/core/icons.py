"""The icons of the house, read once from the package `lucide` so that no page touches the disk for one.

The package's own tag opens its archive at first use and parses at each use; here every icon of `ICONS` is a
finished string after start-up. Meanings are fixed (docs/look.md): moon-star is 3 am, shield-alert a crossing.
"""

from __future__ import annotations

import re
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

ICONS = (
    "arrow-down", "arrow-left", "arrow-right", "arrow-up", "arrow-up-right", "at-sign", "badge-check", "ban",
    "bell", "bell-off", "book-open-check", "building-2", "calendar", "calendar-clock", "calendar-range",
    "chart-column", "check", "check-check", "chevron-down", "chevron-left", "chevron-right", "chevron-up", "circle",
    "circle-alert", "circle-check", "circle-question-mark", "circle-x", "clipboard-list", "clock-3", "clock-alert",
    "code", "combine", "copy", "corner-down-left", "crown", "database", "download", "ellipsis", "external-link",
    "eye", "eye-off", "file-text", "file-up", "flag", "flame", "flask-conical", "folder-tree", "funnel",
    "git-compare-arrows", "globe", "hand", "hand-helping", "heart-pulse", "history", "hourglass", "inbox", "info",
    "key-round", "keyboard", "layers", "layout-dashboard", "life-buoy", "link", "link-2-off", "list", "list-checks",
    "list-filter", "lock", "lock-open", "log-in", "log-out", "mail", "megaphone", "menu", "merge",
    "message-circle-question-mark", "message-square", "minus", "moon-star", "network", "notebook-text", "paperclip",
    "pause", "pencil", "phone", "pin", "plane", "play", "plug", "plus", "radio", "refresh-cw", "repeat",
    "rotate-ccw", "route", "ruler", "scale", "scissors", "scroll-text", "search", "send", "server", "settings",
    "settings-2", "share-2", "shield", "shield-alert", "shield-check", "sigma", "siren", "skip-forward",
    "smartphone", "sparkles", "split", "square-check", "star", "sun", "table-2", "tag", "target", "terminal",
    "thumbs-down", "thumbs-up", "ticket", "timer", "trash-2", "trending-down", "trending-up", "triangle-alert",
    "undo-2", "unplug", "upload", "user-round", "user-round-check", "user-round-minus", "user-round-plus",
    "user-round-x", "users", "wallet", "webhook", "workflow", "wrench", "x", "zap",
)  # fmt: skip
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


class UnknownIcon(LookupError):
    """A name outside `ICONS`, or one the package does not have."""


def _load() -> dict[str, str]:
    archive = ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))
    return {name: _body(archive, name) for name in ICONS}


def _body(archive: ZipFile, name: str) -> str:
    try:
        source = archive.read(f"{name}.svg").decode()
    except KeyError:
        raise UnknownIcon(name) from None
    found = _BODY.search(source)
    if found is None:
        raise UnknownIcon(name)
    return "".join(line.strip().replace(" />", "/>") for line in found[1].splitlines())


_bodies = _load()


def icon_markup(name: str, extra: str = "") -> str:
    """The `<svg>` of an icon; `extra` is a class written in a template. Raises `UnknownIcon`."""
    try:
        body = _bodies[name]
    except KeyError:
        raise UnknownIcon(name) from None
    classes = f"icon {extra}" if extra else "icon"
    return f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true">{body}</svg>'
