"""Schedules of other systems, read from exported files (spec oncall 13). Pure: JSON in, facts out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from oncall.domain.imported import Entry, RotaFact, instant, turn_rotation
from oncall.domain.rotation import DOWS

if TYPE_CHECKING:
    from collections.abc import Iterator

ICAL_DAYS = dict(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), DOWS, strict=True))
LONG_DAYS = {
    f"{name}day": dow for name, dow in zip(("mon", "tues", "wednes", "thurs", "fri", "satur", "sun"), DOWS, strict=True)
}
TURNS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800}
DAY_SECONDS = 86_400
ONE_DAY = timedelta(days=1)


def pagerduty(data: Any) -> Iterator[RotaFact]:
    """`schedule` or `schedules` of the REST API: layers, restrictions, overrides and the final schedule.

    The last layer of the file is the base; the layers above it hold what their own rendered entries say.
    """
    for raw in _many(data, "schedule", "schedules"):
        layers = raw.get("schedule_layers") or []
        if not layers:
            continue
        base, zone = layers[-1], raw.get("time_zone") or "UTC"
        said: list[str] = []
        rotation = _turn(base.get("rotation_turn_length_seconds", 0), _first(base), zone, said)
        if rotation is None:
            continue
        over = [entry for layer in reversed(layers[:-1]) for entry in _rendered(layer)]
        over += _rendered(raw.get("overrides_subschedule") or {})
        users = [((row.get("user") or row).get("summary") or "",) for row in base.get("users") or []]
        coverage = _pagerduty_windows(base.get("restrictions") or [], said)
        yield RotaFact(
            f"pagerduty:{raw.get('id')}",
            raw.get("name") or str(raw.get("id")),
            zone,
            rotation,
            tuple(users),
            coverage,
            tuple(over),
            tuple(_rendered(raw.get("final_schedule") or {})),
            tuple(said),
        )


def _first(layer: dict[str, Any]) -> datetime:
    return instant(str(layer.get("rotation_virtual_start") or layer.get("start")))


def _rendered(part: dict[str, Any]) -> list[Entry]:
    return [
        Entry(
            (row.get("user") or {}).get("summary") or "", str(row["start"]), str(row["end"]), str(row.get("id") or "")
        )
        for row in part.get("rendered_schedule_entries") or []
    ]


def _pagerduty_windows(rows: list[dict[str, Any]], said: list[str]) -> dict[str, Any]:
    windows = []
    for row in rows:
        begins, seconds = str(row.get("start_time_of_day", "00:00:00"))[:5], int(row.get("duration_seconds", 0))
        weekly = row.get("type") == "weekly_restriction"
        days = [DOWS[int(row.get("start_day_of_week", 1)) - 1]] if weekly else DOWS
        windows += [_window(dow, begins, seconds) for dow in days if 0 < seconds < 7 * DAY_SECONDS]
    if rows and not windows:
        said.append("a restriction without a length")
    return {"mode": "windows", "windows": windows} if windows else {"mode": "always"}


def _window(dow: str, begins: str, seconds: int) -> dict[str, str]:
    """A window of so many seconds by the wall clock; the day it ends on is named when it is another."""
    hour, minute = (int(part) for part in begins.split(":"))
    days, rest = divmod(hour * 3600 + minute * 60 + seconds, DAY_SECONDS)
    window = {"dow": dow, "from": begins, "to": f"{rest // 3600:02d}:{rest % 3600 // 60:02d}"}
    if days > 1 or (days == 1 and rest > hour * 3600 + minute * 60):
        window["to_dow"] = DOWS[(DOWS.index(dow) + days) % 7]
    return window


def opsgenie(data: Any) -> Iterator[RotaFact]:
    """Schedules with rotations and time restrictions; forwarding rules are overrides of the one they name."""
    forwards = list(_many(data, "forwardingRule", "forwardingRules"))
    for raw in _many(data, "schedule", "schedules", "data"):
        for turn in raw.get("rotations") or []:
            said: list[str] = []
            zone = raw.get("timezone") or "UTC"
            seconds = TURNS.get(str(turn.get("type")), 0) * int(turn.get("length") or 1)
            rotation = _turn(seconds, instant(str(turn.get("startDate"))), zone, said)
            if rotation is None:
                continue
            people = [(row.get("username") or row.get("name") or "",) for row in turn.get("participants") or []]
            over = [
                Entry(
                    (row.get("toUser") or {}).get("username", ""),
                    str(row["startDate"]),
                    str(row["endDate"]),
                    str(row.get("id") or ""),
                )
                for row in forwards
                if ((row.get("fromUser") or {}).get("username", ""),) in people
            ]
            yield RotaFact(
                f"opsgenie:{raw.get('id')}:{turn.get('id')}",
                f"{raw.get('name')} {turn.get('name') or ''}".strip(),
                zone,
                rotation,
                tuple(people),
                _opsgenie_windows(turn.get("timeRestriction") or {}),
                tuple(over),
                (),
                tuple(said),
            )


def _opsgenie_windows(rule: dict[str, Any]) -> dict[str, Any]:
    windows = []
    for row in rule.get("restrictions") or ([rule["restriction"]] if "restriction" in rule else []):
        begins = f"{int(row.get('startHour', 0)):02d}:{int(row.get('startMin', 0)):02d}"
        ends = f"{int(row.get('endHour', 0)):02d}:{int(row.get('endMin', 0)):02d}"
        first = LONG_DAYS.get(str(row.get("startDay", "")).lower())
        last = LONG_DAYS.get(str(row.get("endDay", "")).lower())
        ends_on = {"to_dow": last} if last and last != first else {}
        windows += [{"dow": dow, "from": begins, "to": ends} | ends_on for dow in ([first] if first else DOWS)]
    return {"mode": "windows", "windows": windows} if windows else {"mode": "always"}


def grafana(data: Any) -> Iterator[RotaFact]:
    """Schedules and their on-call shifts: rolling users are turns, single events and overrides lie over them."""
    shifts = {str(row.get("id")): row for row in _many(data, "on_call_shift", "on_call_shifts")}
    for raw in _many(data, "schedule", "schedules"):
        mine = [shifts[key] for key in map(str, raw.get("shifts") or []) if key in shifts]
        rolling = [row for row in mine if row.get("type") in ("rolling_users", "recurrent_event")]
        if not rolling:
            continue
        zone = raw.get("time_zone") or "UTC"
        base = min(rolling, key=lambda row: int(row.get("level") or row.get("priority_level") or 0))
        said = [f"shift {row.get('name') or row.get('id')} of a higher level" for row in rolling if row is not base]
        seconds = TURNS.get(str(base.get("frequency")), 0) * int(base.get("interval") or 1)
        first = _wall(str(base.get("rotation_start") or base.get("start")), zone)
        rotation = _turn(seconds, first, zone, said)
        if rotation is None:
            continue
        over = [
            Entry(
                names[0],
                _wall(str(row["start"]), zone).isoformat(),
                (_wall(str(row["start"]), zone) + timedelta(seconds=int(row["duration"]))).isoformat(),
                str(row.get("id")),
            )
            for row in mine
            if row.get("type") in ("single_event", "override") and (names := _names(row))
        ]
        seats = base.get("rolling_users") or [[user] for user in base.get("users") or []]
        yield RotaFact(
            f"grafana:{raw.get('id')}",
            raw.get("name") or str(raw.get("id")),
            zone,
            rotation,
            tuple(tuple(str(user) for user in seat) for seat in seats),
            _grafana_windows(base),
            tuple(over),
            (),
            tuple(said),
        )


def _names(row: dict[str, Any]) -> list[str]:
    seats = row.get("rolling_users") or [row.get("users") or []]
    return [str(user) for seat in seats for user in seat]


def _grafana_windows(row: dict[str, Any]) -> dict[str, Any]:
    """Days and hours of the base shift, when they are less than its turn."""
    days = [ICAL_DAYS[day] for day in row.get("by_day") or [] if day in ICAL_DAYS]
    seconds = int(row.get("duration") or 0)
    if not days and seconds >= TURNS.get(str(row.get("frequency")), 0):
        return {"mode": "always"}
    begins = str(row.get("start") or "T00:00")[11:16] or "00:00"
    return {"mode": "windows", "windows": [_window(dow, begins, min(seconds, DAY_SECONDS)) for dow in days or DOWS]}


def _wall(text: str, zone: str) -> datetime:
    """Times without an offset are the schedule's own."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def ical(body: bytes, name: str) -> Iterator[RotaFact]:
    """Events of a calendar as fixed blocks, each with who is named in its summary."""
    calendar = Calendar.from_ical(body)
    rows, repeats = [], False
    for event in calendar.walk("VEVENT"):
        start, end = event.get("dtstart"), event.get("dtend")
        if start is None or end is None:
            continue
        first, last = (_as_instant(part.dt) for part in (start, end))
        repeats = repeats or "rrule" in event or "rdate" in event
        if first < last:
            rows.append((first, last, str(event.get("summary", "")).strip(), str(event.get("uid", ""))))
    rows.sort()
    kept: list[dict[str, str]] = []
    over: list[Entry] = []
    for first, last, person, uid in rows:
        if kept and first < datetime.fromisoformat(kept[-1]["end"]):
            over.append(Entry(person, first.isoformat(), last.isoformat(), uid))
        else:
            kept.append({"start": first.isoformat(), "end": last.isoformat(), "person": person})
    if kept:
        people = tuple((person,) for person in dict.fromkeys(row["person"] for row in kept))
        title = str(calendar.get("x-wr-calname", name))
        yield RotaFact(
            f"ical:{name}",
            title,
            str(calendar.get("x-wr-timezone", "UTC")),
            {"kind": "fixed", "blocks": kept},
            people,
            overrides=tuple(over),
            inexpressible=("an event repeats; only its first time is taken",) if repeats else (),
        )


def _as_instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return (value if value.tzinfo is not None else value.replace(tzinfo=UTC)).astimezone(UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _turn(seconds: int, first: datetime, zone: str, said: list[str]) -> dict[str, Any] | None:
    try:
        return turn_rotation(int(seconds), first, zone)
    except ValueError as error:
        said.append(str(error))
        return None


def _many(data: Any, one: str, *many: str) -> list[dict[str, Any]]:
    """The records under the first of the keys that is there."""
    if isinstance(data, list):
        return [row for row in data if isinstance(row, dict)]
    for key in many:
        if isinstance(data.get(key), list):
            return [row for row in data[key] if isinstance(row, dict)]
    return [data[one]] if isinstance(data.get(one), dict) else []
