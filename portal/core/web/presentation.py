"""Ready strings for pages: times, durations, shares, people. Views build frozen models, templates only print.

The forms are those of the design rules (docs/look.md): "Tue 24 Nov 10:15", the year only when it is not this one,
"today" and "tomorrow" within 36 hours, the viewer's zone, UTC in the title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Protocol
from zlib import crc32
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUTE, HOUR, DAY = 60, 3600, 86_400
NEAR = timedelta(hours=36)
INSTANT = re.compile(
    r"((?:[a-z]+ )*)(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?|[A-Z][a-z]{2} \d\d [A-Z][a-z]{2} \d\d:\d\d) UTC"
)
NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}
HUES = 7  # of faces and bars, as the style sheet has them
ROLE_CLASSES = {
    "SE": ("se", "SE"),
    "DE": ("de", "DE"),
    "AE": ("ae", "AE"),
    "DA": ("an", "Analyst"),
    "DS": ("an", "Scientist"),
}


class Named(Protocol):
    """A person as far as a page needs one."""

    @property
    def pk(self) -> int: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class When:
    """An instant as text; `iso` for machines, `title` has UTC; a relative one reads "1 h ago" where a script runs."""

    iso: str
    text: str
    title: str
    is_relative: bool = False


@dataclass(frozen=True)
class Avatar:
    """The round initials of a person; the name itself is always printed beside them."""

    initials: str
    hue: int
    name: str


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    icon: str = ""
    key: str = ""

    @property
    def is_download(self) -> bool:
        """A file is never the first act of a page."""
        return self.icon == "download"


@dataclass(frozen=True)
class Badge:
    """A word with a colour: `css` is ok, warn, bad, info, gray, line, se, de, ae or an; with `url` it is a chip."""

    label: str
    css: str = "gray"
    icon: str = ""
    url: str = ""


@dataclass(frozen=True)
class OwnerChip:
    """Who owns it, in the colour of the role; `url` of a nobody leads to "Claim or nominate"."""

    label: str
    css: str = ""
    url: str = ""
    is_nobody: bool = False


@dataclass(frozen=True)
class Row:
    """A line of a list: dot or face, title, badges and facts below, one fact or one link at the right."""

    title: str
    url: str
    dot: str = ""
    avatar: Avatar | None = None
    icon: str = ""
    number: str = ""
    badges: Sequence[Badge] = ()
    owner: OwnerChip | None = None
    facts: Sequence[str | When] = ()
    side: str = ""
    side_css: str = "muted"
    action: Link | None = None


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Step:
    """A numbered step: `state` is "", done or current."""

    title: str
    line: str = ""
    side: str = ""
    state: str = ""


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    css: str = ""
    url: str = ""


@dataclass(frozen=True)
class Empty:
    """What will be here, and one button that does the first step."""

    title: str
    line: str
    icon: str = "inbox"
    action: Link | None = None


@dataclass(frozen=True)
class Banner:
    """A warning: what it costs, the fix, one button. `css` is "", bad or note."""

    title: str
    line: str = ""
    css: str = ""
    icon: str = "triangle-alert"
    action: Link | None = None


@dataclass(frozen=True)
class Card:
    """A block of My day and of detail pages that is only a list."""

    title: str
    rows: Sequence[Row] = ()
    end: str = ""
    more: Link | None = None
    empty: Empty | None = None
    aside: bool = False
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ListBlock:
    """A card of lines; `headline` is a clause for the head of My day."""

    key: str
    title: str
    rows: Sequence[Row]
    more: Link | None = None
    empty: Empty | None = None
    headline: str = ""


def when(instant: datetime, zone: ZoneInfo | str, at: datetime, *, is_relative: bool = False) -> When:
    """The instant in the viewer's zone; `at` is now and decides on "today" and on the year."""
    tz = ZoneInfo(zone) if isinstance(zone, str) else zone
    here = instant.astimezone(tz)
    day = day_words(here.date(), at.astimezone(tz).date()) if abs(instant - at) <= NEAR else _day(here.date(), at)
    universal = instant.astimezone(UTC)
    exact = f"{day} {here:%H:%M}"
    title = f"{universal:%a} {universal.day} {universal:%b %Y %H:%M} UTC"
    return When(
        iso=universal.strftime("%Y-%m-%dT%H:%M:%SZ"),
        text=ago_words((instant - at).total_seconds()) if is_relative else exact,
        title=f"{exact}, {title}" if is_relative else title,
        is_relative=is_relative,
    )


def in_zone(words: str, zone: ZoneInfo | str, at: datetime) -> str:
    """What a notice says of an instant, as "was due Tue 24 Nov 12:00 UTC", by the reader's clock; else as it is.

    `at` is near the instant and decides on the year. A text that holds more than an instant is somebody's own.
    """
    found = INSTANT.fullmatch(words)
    instant = _instant(found[2], at) if found else None
    return f"{found[1]}{when(instant, zone, at).text}" if found and instant else words


def _instant(words: str, at: datetime) -> datetime | None:
    """The instant of "2026-11-24 12:00:00", or of "Tue 24 Nov 12:00" in the nearest year; None for no such day."""
    try:
        if words[0].isdigit():
            return datetime.fromisoformat(f"{words}+00:00")
        years = [datetime.strptime(f"{words[4:]} {at.year + step} +0000", "%d %b %H:%M %Y %z") for step in (-1, 0, 1)]
    except ValueError:
        return None
    return min(years, key=lambda each: abs(each - at))


def ago_words(seconds: float) -> str:
    """How long ago, or in how long: "1 h ago", "in 3 days". The script counts on with the same words."""
    size = abs(seconds)
    steps = [(55, 1, "s"), (3300, MINUTE, "min"), (1.5 * DAY, HOUR, "h")]
    unit, word = next(((unit, word) for limit, unit, word in steps if size < limit), (DAY, "days"))
    words = f"{int(size / unit + 0.5)}{NO_BREAK}{word}"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def day_words(day: date, today: date) -> str:
    """A calendar day beside today: "today", "Wed 25 Nov", "Wed 25 Nov 2027"."""
    return NEAR_DAYS.get((day - today).days) or _day(day, today)


def _day(day: date, today: date) -> str:
    words = f"{day:%a} {day.day} {day:%b}"
    return words if day.year == today.year else f"{words} {day.year}"


def date_words(day: date) -> str:
    """A day in full: "Tuesday 24 November"."""
    return f"{day:%A} {day.day} {day:%B}"


def deadline_words(due_at: datetime, zone: ZoneInfo | str, at: datetime) -> str:
    """When a promise falls due: "by Wed 25 Nov 10:15"."""
    return f"by {when(due_at, zone, at).text}"


def duration_words(seconds: float) -> str:
    """A length of time as people say it: "40 s", "35 min", "3 h 35 min", "28 h", "2 days"; negative ones by size."""
    size = abs(round(seconds))
    if size < MINUTE:
        return f"{size}{NO_BREAK}s"
    if size < HOUR:
        return f"{size // MINUTE}{NO_BREAK}min"
    if size < DAY:
        hours, minutes = size // HOUR, size % HOUR // MINUTE
        tail = f" {minutes}{NO_BREAK}min" if minutes else ""
        return f"{hours}{NO_BREAK}h{tail}"
    if size < 2 * DAY:
        return f"{size // HOUR}{NO_BREAK}h"
    return f"{size // DAY}{NO_BREAK}days"


def left_words(seconds: float) -> str:
    """What is left of an allowance: "5 h 48 min left", "3 h 35 min late"."""
    return f"{duration_words(seconds)} {'late' if seconds < 0 else 'left'}"


def left_class(seconds: float, *, soon: int = 2 * HOUR) -> str:
    """The text colour beside `left_words`: late is bad, less than `soon` seconds is a warning."""
    if seconds < 0:
        return "text-bad"
    return "text-warn" if seconds < soon else "muted"


def pct_class(share: float, letter: str = "p") -> str:
    """The class of `scale.css` for a share of 1: half up, clamped to 0..100, and 1 for any value above 0."""
    percent = int((Decimal(str(share)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    low = 1 if share > 0 else 0
    return f"{letter}{min(100, max(low, percent))}"


def percent_words(share: float, digits: int = 1) -> str:
    """A share of 1 as "6.2 %", the space does not break."""
    return f"{share * 100:.{digits}f}{NO_BREAK}%"


def count_words(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 request", "412,008 requests", "no requests"."""
    noun = one if count == 1 else many or f"{one}s"
    return f"{count:,} {noun}" if count else f"no {noun}"


def avatar(person: Named, hue: int | None = None) -> Avatar:
    """Initials and the hue that stays with the person, or the one by which a few are told apart."""
    return Avatar(initials(person.name), hue or hue_of(person.pk), person.name)


def hue_of(pk: int) -> int:
    """The hue that stays with a person."""
    return 1 + crc32(str(pk).encode()) % HUES


def hues_apart(pks: Iterable[int]) -> dict[int, int]:
    """A hue for each of these people, no two the same while there are enough: their own if it is free, else the next.

    By id, so that whoever comes later changes nobody's.
    """
    found: dict[int, int] = {}
    taken = [0] * HUES
    for pk in sorted(set(pks)):
        own = hue_of(pk) - 1
        hue = min(range(HUES), key=lambda n: (taken[n], (n - own) % HUES))
        taken[hue] += 1
        found[pk] = hue + 1
    return found


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = name.split()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


def role_badge(discipline: str | None) -> Badge | None:
    """The badge of a discipline, or None for one without a colour."""
    found = ROLE_CLASSES.get(discipline or "")
    return Badge(found[1], found[0]) if found else None


def greeting(zone: ZoneInfo | str, at: datetime) -> str:
    """How the house greets at this hour of the viewer's day."""
    hour = at.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone).hour
    if 5 <= hour < 12:  # noqa: PLR2004 -- the hours are the rule itself
        return "Good morning"
    return "Good afternoon" if 12 <= hour < 18 else "Good evening"  # noqa: PLR2004 -- as above
