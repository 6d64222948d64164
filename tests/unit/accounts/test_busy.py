from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from portal.accounts.domain.busy import UnreadableCalendar, busy_times

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n{body}END:VCALENDAR\r\n".encode()


def test_whole_days_are_those_of_the_person_and_the_last_one_counts() -> None:
    body = calendar("UID:a\r\nDTSTART;VALUE=DATE:20260327\r\nDTEND;VALUE=DATE:20260331")
    (busy,) = busy_times(body, "Europe/Madrid", START, END)
    assert (busy.key, busy.first_on, busy.last_on) == ("a", date(2026, 3, 27), date(2026, 3, 30))
    assert (busy.start, busy.end) == (datetime(2026, 3, 26, 23, tzinfo=UTC), datetime(2026, 3, 30, 22, tzinfo=UTC))


def test_each_repetition_is_an_absence_of_its_own() -> None:
    rule = "UID:b\r\nDTSTART:20260401T080000Z\r\nDTEND:20260401T120000Z\r\nRRULE:FREQ=WEEKLY;COUNT=3"
    found = busy_times(calendar(rule), "UTC", START, END)
    assert [busy.start.day for busy in found] == [1, 8, 15]
    assert len({busy.key for busy in found}) == 3


def test_a_cancelled_event_is_none_and_a_floating_one_is_local() -> None:
    gone = "UID:c\r\nDTSTART:20260401T080000Z\r\nDTEND:20260401T120000Z\r\nSTATUS:CANCELLED"
    local = "UID:d\r\nDTSTART:20260701T080000\r\nDTEND:20260701T120000"
    (busy,) = busy_times(calendar(gone, local), "Europe/Madrid", START, END)
    assert (busy.key, busy.start) == ("d", datetime(2026, 7, 1, 6, tzinfo=UTC))


@pytest.mark.parametrize("body", [b"", b"hello", b"<html>", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"])
def test_what_is_no_calendar_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(UnreadableCalendar):
        busy_times(body, "UTC", START, END)


def repeating(rule: str, start: str = "20260301T080000Z") -> str:
    return f"UID:{rule}\r\nDTSTART:{start}\r\nDTEND:{start[:9]}090000Z\r\nRRULE:{rule}"


def test_a_calendar_of_meetings_is_refused() -> None:
    with pytest.raises(UnreadableCalendar, match="More than 500 events"):
        busy_times(calendar(repeating("FREQ=DAILY"), repeating("FREQ=DAILY;INTERVAL=2")), "UTC", START, END)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("FREQ=SECONDLY", "more often than daily"),
        ("FREQ=MINUTELY;INTERVAL=5", "more often than daily"),
        ("FREQ=HOURLY;COUNT=2", "more often than daily"),
        ("FREQ=DAILY;BYHOUR=8,9", "more often than daily"),
        ("FREQ=DAILY;BYMINUTE=0,1", "more often than daily"),
        ("FREQ=WEEKLY;COUNT=1001", "more than 1,000 times"),
    ],
)
def test_a_rule_that_would_take_minutes_is_refused_before_it_is_written_out(rule: str, reason: str) -> None:
    with pytest.raises(UnreadableCalendar, match=reason):
        busy_times(calendar(repeating(rule, "20000101T080000Z")), "UTC", START, END)


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;COUNT=1000", "FREQ=DAILY;BYHOUR=8;BYMINUTE=0", "FREQ=YEARLY;BYMONTH=4"])
def test_a_rule_within_the_limits_is_written_out(rule: str) -> None:
    assert busy_times(calendar(repeating(rule)), "UTC", START, END)


def test_an_event_over_two_months_is_one() -> None:
    body = calendar("UID:f\r\nDTSTART;VALUE=DATE:20260320\r\nDTEND;VALUE=DATE:20260620")
    assert len(busy_times(body, "UTC", START, END)) == 1


def test_500_events_are_taken_and_more_are_not() -> None:
    events = [f"UID:{n}\r\nDTSTART:20260401T080000Z\r\nDTEND:20260401T090000Z" for n in range(501)]
    assert len(busy_times(calendar(*events[:500]), "UTC", START, END)) == 500
    with pytest.raises(UnreadableCalendar, match="More than 500 events"):
        busy_times(calendar(*events), "UTC", START, END)


def test_more_than_5_000_entries_or_a_mebibyte_are_refused() -> None:
    with pytest.raises(UnreadableCalendar, match="too many entries"):
        busy_times(calendar(*[f"UID:{n}\r\nDTSTART:20200401T080000Z" for n in range(5001)]), "UTC", START, END)
    with pytest.raises(UnreadableCalendar, match="1 MiB"):
        busy_times(b"BEGIN:VCALENDAR\r\n" + b"X" * 1_048_576, "UTC", START, END)
