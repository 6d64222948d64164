"""Item a: due instants in working time."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bench.lines import Line, rate
from bench.peers import BusinessTimeDelta, DayWalk, PrefixSums, arrays
from bench.timing import cpu_seconds
from portal.core.domain.calendars import parse_calendar
from portal.core.domain.working_time import HORIZON, Calendar, add, add_each
from portal.core.domain.zones import to_microseconds
from requests_queue.domain.sla_clock import ClockEvent, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = 3600
ZONES = (
    "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia", "America/St_Johns",
    "Asia/Kolkata",
)  # fmt: skip
DAYS_OFF = "2026-12-25 2027-01-01 2027-03-26 2027-03-29 2027-05-06 2027-05-17 2027-12-24 2028-04-14"
HOLIDAYS = frozenset(map(date.fromisoformat, DAYS_OFF.split()))
FROM, DAYS = datetime(2026, 11, 20, tzinfo=UTC), 300
SHORT, LONG = (1 * HOUR, 8 * HOUR), (8 * HOUR, 400 * HOUR)
CLOCKS, COMPARED = 100_000, 100_000


def measure() -> Iterator[Line]:
    """Short and long targets against peers and limit, a calendar edit, and agreement with the day walk."""
    sure = random.Random(20261124)
    calendar = office("Europe/Berlin")
    works = {name: Targets.drawn(sure, span) for name, span in (("short", SHORT), ("long", LONG))}
    ours = {}
    for name, targets in works.items():
        cost = targets.cost(calendar)
        ours[name] = cost["add"]
        goal = 20 if name == "short" else 300
        yield rate("a", f"due, {name} targets, businesstimedelta", cost["add"], targets.n, peer=cost["library"])
        yield rate("a", f"due, {name} targets, businesstimedelta without holidays", cost["add"], targets.n,
                   peer=cost["plain library"], limit=cost["numpy"], goal_peer=goal, goal_limit=1 / 20)  # fmt: skip
        yield rate("a", f"due, {name} targets, day walk", cost["add"], targets.n, peer=cost["walk"])
    yield Line("a", "due, long over short", ours["long"] / ours["short"], "ratio", works["long"].n, goal_at_most=1.2)
    yield recompute(calendar, sure)
    yield judged(calendar)
    yield agreement(sure)


def office(zone: str) -> Calendar:
    """Mon-Fri 9-17 with the holidays."""
    hours: dict[str, Any] = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    return parse_calendar({"zone": zone, "weekly": hours, "exceptions": {str(day): [] for day in HOLIDAYS}})


class Targets:
    """Starts in the coming months and durations in seconds."""

    n = 20_000

    def __init__(self, pairs: list[tuple[datetime, int]]) -> None:
        self.pairs = pairs

    @classmethod
    def drawn(cls, sure: random.Random, span: tuple[int, int]) -> Targets:
        """Reproducible ones."""
        return cls([(moment(sure), sure.randrange(*span)) for _ in range(cls.n)])

    def cost(self, calendar: Calendar) -> dict[str, float]:
        """CPU seconds of `add` for all of them, and of each other way for one."""
        library, plain = BusinessTimeDelta.of("Europe/Berlin", HOLIDAYS), BusinessTimeDelta.of("Europe/Berlin", ())
        walk = DayWalk(ZoneInfo("Europe/Berlin"), HOLIDAYS)
        begin = to_microseconds(FROM)
        limit = PrefixSums(calendar.timeline(begin, begin + 2 * HORIZON))
        starts, durations = arrays([to_microseconds(start) for start, _ in self.pairs], [n for _, n in self.pairs])
        few, some = self.pairs[:200], self.pairs[:1000]
        cost = cpu_seconds(
            {
                "add": lambda: [add(calendar, start, seconds) for start, seconds in self.pairs],
                "library": lambda: [library.due(start, seconds) for start, seconds in few],
                "plain library": lambda: [plain.due(start, seconds) for start, seconds in few],
                "walk": lambda: [walk.due(start, seconds) for start, seconds in some],
                "numpy": partial(limit.due, starts, durations),
            }
        )
        asked = {"add": 1, "library": len(few), "plain library": len(few), "walk": len(some), "numpy": self.n}
        return {name: cost[name] / count for name, count in asked.items()}


def recompute(calendar: Calendar, sure: random.Random) -> Line:
    """After an edit of their calendar, what is left of all open clocks counts from that instant on."""
    left = [sure.randrange(HOUR // 2, 400 * HOUR) for _ in range(CLOCKS)]
    cost = cpu_seconds(
        {
            "each": lambda: add_each(calendar, FROM, left),
            "one by one": lambda: [add(calendar, FROM, seconds) for seconds in left],
        },
        rounds=5,
    )
    peer = cost["one by one"] / CLOCKS
    return rate(
        "a", "100 k open clocks after a calendar edit, one by one", cost["each"], CLOCKS, peer=peer, goal_peer=5
    )


def judged(calendar: Calendar) -> Line:
    """CPU of one look at a clock with twenty events: nine pauses that ended and a change of its target."""
    events = [ClockEvent("start", FROM, FROM, {"target_seconds": 80 * HOUR, "calendar": 1})]
    for n in range(1, 19):
        instant = FROM + n * timedelta(hours=7)
        events.append(ClockEvent("pause" if n % 2 else "resume", instant, instant, {"reason": "upstream"}))
    events.append(ClockEvent("target_changed", instant, instant, {"target_seconds": 90 * HOUR, "grace_seconds": HOUR}))
    seen, rounds = events[-1].occurred_at + timedelta(hours=3), 200
    looks = {"ours": lambda: [evaluate(events, {1: calendar}, seen) for _ in range(rounds)]}
    took = cpu_seconds(looks)["ours"] / rounds * 1e3
    return Line("a", f"a clock with {len(events)} events, judged: CPU", took, "ms", rounds, goal_at_most=1.0)


def agreement(sure: random.Random) -> Line:
    """How many due instants differ from the day walk's, over zones with every kind of change."""
    differences = 0
    for zone in ZONES:
        calendar, walk = office(zone), DayWalk(ZoneInfo(zone), HOLIDAYS)
        for _ in range(COMPARED // len(ZONES) + 1):
            start, seconds = moment(sure), sure.randrange(60, 80 * HOUR)
            differences += add(calendar, start, seconds) != walk.due(start, seconds)
    return Line("a", "differences from the day walk", differences, "instants", COMPARED, goal_at_most=0)


def moment(sure: random.Random) -> datetime:
    """Some second of the coming months."""
    return FROM + timedelta(seconds=sure.randrange(DAYS * 24 * HOUR))
