from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.core.web import presentation
from portal.core.web.presentation import When, hue_of, hues_apart

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
BERLIN = "Europe/Berlin"


@dataclass(frozen=True)
class Somebody:
    pk: int
    name: str


def test_an_instant_far_away_is_a_day_and_a_time_in_the_viewers_zone() -> None:
    shown = presentation.when(datetime(2026, 12, 1, 8, 0, tzinfo=UTC), BERLIN, NOW)
    assert shown == When("2026-12-01T08:00:00Z", "Tue 1 Dec 09:00", "Tue 1 Dec 2026 08:00 UTC")


def test_another_year_is_said() -> None:
    assert presentation.when(datetime(2027, 1, 4, 8, 0, tzinfo=UTC), BERLIN, NOW).text == "Mon 4 Jan 2027 09:00"


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 11, 24, 15, 0, tzinfo=UTC), "today 16:00"),
        (datetime(2026, 11, 25, 8, 0, tzinfo=UTC), "tomorrow 09:00"),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), "yesterday 09:00"),
        (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), "tomorrow 00:30"),
        (datetime(2026, 11, 25, 22, 0, tzinfo=UTC), "Wed 25 Nov 23:00"),
    ],
)
def test_today_and_tomorrow_are_words_within_36_hours(instant: datetime, text: str) -> None:
    assert presentation.when(instant, BERLIN, NOW).text == text


def test_the_night_the_clocks_go_back_keeps_both_instants_apart() -> None:
    first = presentation.when(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), BERLIN, NOW)
    second = presentation.when(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), BERLIN, NOW)
    assert (first.text, second.text) == ("Sun 25 Oct 02:30", "Sun 25 Oct 02:30")
    assert (first.iso, second.iso) == ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")


def test_two_viewers_see_one_deadline_each_in_their_zone() -> None:
    due = datetime(2026, 11, 25, 9, 15, tzinfo=UTC)
    assert presentation.deadline_words(due, BERLIN, NOW) == "by tomorrow 10:15"
    assert presentation.deadline_words(due, "Asia/Tokyo", NOW) == "by tomorrow 18:15"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (40, "40 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (12_900, "3 h 35 min"),
        (7200, "2 h"),
        (100_800, "28 h"),
        (172_800, "2 days"),
        (-12_900, "3 h 35 min"),
    ],
)
def test_a_length_of_time_is_said_as_people_say_it(seconds: int, words: str) -> None:
    assert presentation.duration_words(seconds).replace("\N{NO-BREAK SPACE}", " ") == words


def test_what_is_left_turns_into_how_late_it_is() -> None:
    assert presentation.left_words(20_880).replace("\N{NO-BREAK SPACE}", " ") == "5 h 48 min left"
    assert presentation.left_words(-60).replace("\N{NO-BREAK SPACE}", " ") == "1 min late"


@pytest.mark.parametrize(("seconds", "css"), [(-1, "text-bad"), (60, "text-warn"), (7200, "muted")])
def test_the_colour_of_what_is_left_follows_the_time(seconds: int, css: str) -> None:
    assert presentation.left_class(seconds) == css


SHARES = [(0, "p0"), (0.0001, "p1"), (0.412, "p41"), (0.285, "p29"), (0.125, "p13"), (1, "p100"), (3, "p100")]


@pytest.mark.parametrize(("share", "css"), SHARES)
def test_a_share_becomes_a_class_half_up_clamped_and_never_invisible(share: float, css: str) -> None:
    assert presentation.pct_class(share) == css


def test_what_a_request_would_add_has_its_own_letter() -> None:
    assert presentation.pct_class(0.002, "q") == "q1"


def test_a_person_keeps_one_hue() -> None:
    assert presentation.avatar(Somebody(7, "Mara Lind")) == presentation.Avatar("ML", 5, "Mara Lind")
    assert {presentation.avatar(Somebody(number, "X")).hue for number in range(200)} == {1, 2, 3, 4, 5, 6, 7}


@pytest.mark.parametrize(("name", "letters"), [("Mara Lind", "ML"), ("Plato", "P"), ("Ana de Cruz", "AC"), ("", "?")])
def test_initials_are_those_of_the_first_and_last_word(name: str, letters: str) -> None:
    assert presentation.initials(name) == letters


@pytest.mark.parametrize(("count", "words"), [(0, "no requests"), (1, "1 request"), (412_008, "412,008 requests")])
def test_a_count_has_its_noun(count: int, words: str) -> None:
    assert presentation.count_words(count, "request") == words


HOURS = [(4, "Good morning"), (12, "Good afternoon"), (18, "Good evening"), (2, "Good evening")]


@pytest.mark.parametrize(("hour", "words"), HOURS)
def test_the_greeting_follows_the_viewers_clock(hour: int, words: str) -> None:
    at = datetime(2026, 11, 24, hour, 30, tzinfo=UTC)
    assert presentation.greeting(BERLIN, at) == words


def test_a_percentage_does_not_break_before_its_sign() -> None:
    assert presentation.percent_words(0.062) == "6.2\N{NO-BREAK SPACE}%"


def test_a_day_in_full_names_weekday_and_month() -> None:
    assert presentation.date_words(date(2026, 11, 24)) == "Tuesday 24 November"


def test_a_day_beside_today_is_a_word() -> None:
    today = date(2026, 11, 24)
    assert presentation.day_words(today + timedelta(days=1), today) == "tomorrow"
    assert presentation.day_words(today + timedelta(days=2), today) == "Thu 26 Nov"


AGO = [(-40, "40 s ago"), (-3600, "1 h ago"), (-100_000, "28 h ago"), (-260_000, "3 days ago"), (7200, "in 2 h")]


@pytest.mark.parametrize(("seconds", "words"), AGO)
def test_a_relative_time_reads_like_the_scripts(seconds: int, words: str) -> None:
    assert presentation.ago_words(seconds).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("2026-11-24 12:00:00 UTC", "today 13:00"),
        ("was due Mon 23 Nov 23:30 UTC", "was due today 00:30"),
        ("is due Mon 04 Jan 08:00 UTC", "is due Mon 4 Jan 2027 09:00"),
        ("2026-13-01 12:00 UTC", "2026-13-01 12:00 UTC"),
        ("is due Mon 31 Feb 08:00 UTC", "is due Mon 31 Feb 08:00 UTC"),
        ("Broken since 2026-11-24 12:00 UTC", "Broken since 2026-11-24 12:00 UTC"),
        ("when it goes on", "when it goes on"),
    ],
)
def test_an_instant_in_a_notice_is_told_by_the_readers_clock(said: str, read: str) -> None:
    assert presentation.in_zone(said, BERLIN, NOW) == read


def test_a_relative_time_keeps_the_exact_one_in_its_title() -> None:
    shown = presentation.when(NOW - timedelta(hours=2), BERLIN, NOW, is_relative=True)
    assert shown.title == "today 08:15, Tue 24 Nov 2026 07:15 UTC"


def test_the_people_of_a_rota_are_told_apart_as_far_as_the_hues_go() -> None:
    seven, ten = hues_apart(range(40, 47)), hues_apart(range(40, 50))
    assert sorted(seven.values()) == [1, 2, 3, 4, 5, 6, 7]
    assert {pk: ten[pk] for pk in seven} == seven
    assert sorted(ten.values()).count(max(ten.values(), key=list(ten.values()).count)) == 2
    assert hues_apart([40]) == {40: hue_of(40)}
