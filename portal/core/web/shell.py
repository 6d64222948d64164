"""What the frame of every page shows: navigation, the person, theme. Nothing is read until a template asks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from portal.core import clock
from portal.core.queries.changes import UntilChanged
from portal.core.queries.settings import setting
from portal.core.registries import NavEntry, contributions, nav_registry
from portal.core.web.presentation import Avatar, avatar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.http import HttpRequest

DEMO_SECONDS = 5
THEMES = {"light", "dark"}
PHONE_PLACES = ("home", "requests", "assets", "oncall")


@dataclass(frozen=True)
class NavItem:
    key: str
    label: str
    url: str
    icon: str
    shortcut: str
    count: int | None
    is_minor: bool = False


@dataclass(frozen=True)
class NavGroup:
    label: str
    items: Sequence[NavItem]


@dataclass(frozen=True)
class Me:
    name: str
    line: str
    url: str
    avatar: Avatar


@dataclass(frozen=True)
class OnCallChip:
    """Who answers now; a room that knows contributes it under `shell.on_call`."""

    label: str
    url: str
    css: str = "ok"


@lru_cache(maxsize=1)
def demo_within(window: int) -> bool:
    """Whether the workspace is the demo, read once a window of `DEMO_SECONDS` and process."""
    del window
    return bool(setting("demo", default=False))


@dataclass(frozen=True)
class Standing:
    """What the frame says to one person: the line under the name, and who is on call."""

    line: str
    on_call: OnCallChip | None


def _find_standing(viewer: Any, at: datetime) -> Standing:
    lines = (tell(viewer, at) for tell in contributions("shell.person_line"))
    chips = (find(viewer, at) for find in contributions("shell.on_call"))
    return Standing(next(lines, ""), next((chip for chip in chips if chip), None))


def _find_counts(viewer: Any, at: datetime) -> Mapping[str, int | None]:
    asked = [entry for entry in nav_registry.values() if entry.count is not None and not entry.is_live]
    return {entry.key: entry.count(viewer, at) for entry in asked if entry.count}


standing_of = UntilChanged(_find_standing)
counts_for = UntilChanged(_find_counts, beside=True)


class Shell:
    """The frame for one request; each part is worked out at most once, and only if the layout prints it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.at: datetime = clock.now()

    @cached_property
    def viewer(self) -> Any:
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The viewer's zone; the installation's for a visitor."""
        try:
            return ZoneInfo(getattr(self.viewer, "zone", "") or settings.ENV.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @property
    def theme(self) -> str:
        """The chosen theme, or nothing to follow the system."""
        chosen: str = getattr(self.viewer, "theme", "")
        return chosen if chosen in THEMES else ""

    @property
    def keys_off(self) -> bool:
        """Whether the person switched single-key shortcuts off (WCAG 2.1.4)."""
        return not getattr(self.viewer, "keys_enabled", True)

    @cached_property
    def _standing(self) -> Standing:
        return standing_of(self.viewer, self.at)

    @cached_property
    def me(self) -> Me | None:
        if self.viewer is None:
            return None
        return Me(self.viewer.name, self._standing.line, url_of("me") or "/", avatar(self.viewer))

    @cached_property
    def on_call(self) -> OnCallChip | None:
        return self._standing.on_call if self.viewer is not None else None

    @cached_property
    def is_demo(self) -> bool:
        """Whether this workspace is the demo."""
        return demo_within(int(time.monotonic() // DEMO_SECONDS))

    @cached_property
    def new_request_url(self) -> str | None:
        return url_of("requests_new")

    @cached_property
    def groups(self) -> list[NavGroup]:
        """The side navigation, only with pages that exist, in the order of the registry."""
        grouped: dict[str, list[NavItem]] = {}
        for entry, url in _places(tuple(nav_registry.values())):
            item = NavItem(entry.key, entry.label, url, entry.icon, entry.shortcut, self._count(entry), entry.is_minor)
            grouped.setdefault(entry.group, []).append(item)
        return [NavGroup(label, items) for label, items in grouped.items()]

    @cached_property
    def phone_places(self) -> list[NavItem]:
        """The four places of the bottom bar that exist; the fifth is "More"."""
        items = {item.key: item for group in self.groups for item in group.items}
        return [items[key] for key in PHONE_PLACES if key in items]

    def _count(self, entry: NavEntry) -> int | None:
        if entry.count is None or self.viewer is None:
            return None
        if entry.is_live:
            return entry.count(self.viewer, self.at)
        counted: dict[str, int] = getattr(self.viewer, "counted", {})
        return counted[entry.key] if entry.key in counted else counts_for(self.viewer, self.at).get(entry.key)


@lru_cache(maxsize=2)
def _places(entries: tuple[NavEntry, ...]) -> list[tuple[NavEntry, str]]:
    """The entries whose page exists with its address, in their order; worked out once a process."""
    placed = ((entry, url_of(entry.url_name)) for entry in sorted(entries, key=lambda each: (each.order, each.key)))
    return [(entry, url) for entry, url in placed if url is not None]


def url_of(name: str) -> str | None:
    """The address of a page, or None while its room is not built."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor."""
    return {"shell": Shell(request)}
