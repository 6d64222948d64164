"""Section 6 of the acceptance scenario and section 8 of the on-call page, to the minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oncall.domain.agreements import NightClass, NightException, Terms
from oncall.domain.decision import AssetFacts, Decision, Hours, Registered, decide, is_working_day
from portal.core.domain.calendars import parse_calendar

MADRID = ZoneInfo("Europe/Madrid")
CLOSED = ("2027-01-01", "2027-01-06", "2027-03-19", "2027-03-25", "2027-03-26", "2027-05-01", "2027-05-03")
OFFICE = Hours(
    parse_calendar(
        {
            "zone": "Europe/Madrid",
            "weekly": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
            "exceptions": {day: [] for day in CLOSED},
        }
    ),
    "Europe/Madrid",
)
UNIT, PROFIT, GROWTH_DAILY, GROWTH, ENGAGEMENT = 1, 2, 3, 4, 5
NAMES = {
    UNIT: "profit_unit_experiment", PROFIT: "profit_agg_investor", GROWTH_DAILY: "growth_daily_experiment",
    GROWTH: "growth_agg_investor", ENGAGEMENT: "engagement_agg_investor",
}  # fmt: skip
TIERS = {UNIT: 2, PROFIT: 1, GROWTH_DAILY: 2, GROWTH: 1, ENGAGEMENT: 1}
DOWN = {UNIT: {PROFIT: 1}, GROWTH_DAILY: {GROWTH: 1}}
RESULTS_WEEK = NightException(date(2027, 1, 11), date(2027, 1, 15), NightClass.WAKE)
A1 = Terms(NightClass.WATCH_LAST_WEEK, exceptions=(RESULTS_WEEK,), shown_meanwhile="last closed month")
A2 = Terms(NightClass.WAIT_UNTIL, time(7), working_day_only=True)
A3 = Terms(NightClass.WITHIN_WEEK)
A4 = Terms(NightClass.WAIT_UNTIL, time(7))
A5 = Terms(NightClass.BY_MONTH_END)
A6 = Terms(NightClass.WAKE)
A7 = Terms(NightClass.WAIT_UNTIL, time(9), working_day_only=True)
DEFAULT, TIER_ONE = Terms(NightClass.WAIT_UNTIL, time(7)), Terms(NightClass.WAKE)


def row(number: int, asset: int, team: str, terms: Terms | None) -> Registered:
    return Registered(number, asset, NAMES[asset], team, terms)


SIGNED = (
    row(1, PROFIT, "Investor Relations", A1), row(2, PROFIT, "Finance Reporting", A2),
    row(3, GROWTH, "Investor Relations", A3), row(4, ENGAGEMENT, "Investor Relations", A4),
    row(5, ENGAGEMENT, "Executive Reporting", A5), row(6, UNIT, "Experimentation", A6),
    row(7, GROWTH_DAILY, "Experimentation", A7), row(8, GROWTH_DAILY, "Product Analytics", None),
)  # fmt: skip


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=MADRID).astimezone(UTC)


def broken(asset: int, text: str, rows: tuple[Registered, ...] = SIGNED, *, is_covered: bool = True) -> Decision:
    facts = AssetFacts(asset, NAMES[asset], TIERS[asset], DEFAULT if TIERS[asset] > 1 else TIER_ONE, is_covered)
    return decide(at(text), facts, DOWN.get(asset, {}), rows, dict.fromkeys(NAMES, OFFICE))


@dataclass(frozen=True)
class Row:
    asset: int
    when: str
    act_at: str
    how: str
    by: int | None
    fix_by: str | None = None


JUNE_20, JUNE_30 = "2027-06-20 03:00", "2027-06-30 03:00"
GOLDEN = (
    Row(PROFIT, JUNE_20, "2027-06-21 07:00", "page", 2, "2027-06-21 18:00"),
    Row(GROWTH, JUNE_20, "2027-06-21 09:00", "task", 3, "2027-06-25 18:00"),
    Row(ENGAGEMENT, JUNE_20, "2027-06-20 07:00", "page", 4, "2027-06-20 18:00"),
    Row(UNIT, JUNE_20, JUNE_20, "page", 6),
    Row(GROWTH_DAILY, JUNE_20, "2027-06-20 07:00", "page", 8, "2027-06-20 18:00"),
    Row(PROFIT, JUNE_30, JUNE_30, "page", 1),
    Row(GROWTH, JUNE_30, "2027-06-30 09:00", "task", 3, "2027-07-07 18:00"),
    Row(ENGAGEMENT, JUNE_30, "2027-06-30 07:00", "page", 4, "2027-06-30 18:00"),
    Row(UNIT, JUNE_30, JUNE_30, "page", 6),
    Row(GROWTH_DAILY, JUNE_30, "2027-06-30 07:00", "page", 8, "2027-06-30 18:00"),
    Row(PROFIT, "2027-01-13 03:00", "2027-01-13 03:00", "page", 1),
    Row(PROFIT, "2027-03-28 03:00", "2027-03-28 03:00", "page", 1),
    Row(PROFIT, "2027-03-23 00:00", "2027-03-23 00:00", "page", 1),
)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda each: f"{NAMES[each.asset]} {each.when}")
def test_each_row_of_the_scenario(golden: Row) -> None:
    decision = broken(golden.asset, golden.when)
    assert decision.act_at == at(golden.act_at)
    assert ("page" if decision.pages else "task", decision.by.id) == (golden.how, golden.by)
    assert decision.fix_by == (at(golden.fix_by) if golden.fix_by else None)


def test_the_dst_night_is_one_o_clock_utc() -> None:
    assert broken(PROFIT, "2027-03-28 03:00").act_at == datetime(2027, 3, 28, 1, tzinfo=UTC)


def test_h36_the_last_week_begins_on_the_fifth_last_working_day() -> None:
    decision = broken(PROFIT, "2027-03-22 23:59", SIGNED[:1])
    assert decision.by.night_class == NightClass.BY_MONTH_END
    assert broken(PROFIT, "2027-03-23 00:00", SIGNED[:1]).by.night_class == NightClass.WAKE


def test_the_agreement_further_down_is_named_as_well() -> None:
    verdicts = broken(UNIT, JUNE_30).verdicts
    assert [(each.id, each.act_at, each.distance) for each in verdicts[:2]] == [
        (6, at(JUNE_30), 0), (1, at(JUNE_30), 1),
    ]  # fmt: skip


def test_who_has_not_signed_is_named_and_falls_to_the_default() -> None:
    assert broken(GROWTH_DAILY, JUNE_20).not_agreed == ("Product Analytics",)


def test_three_teams_on_a_wednesday_the_first_agreed_time_decides_and_the_unsigned_is_shown() -> None:
    rows = (row(1, UNIT, "A", A4), row(2, UNIT, "B", None), row(3, UNIT, "C", A5))
    decision = broken(UNIT, "2027-06-16 03:00", rows)
    assert (decision.act_at, decision.by.team, decision.not_agreed) == (at("2027-06-16 07:00"), "A", ("B",))


def test_the_same_asset_of_tier_one_unsigned_wakes() -> None:
    decision = broken(PROFIT, JUNE_20, (row(2, PROFIT, "Finance Reporting", None),))
    assert (decision.is_now, decision.pages, decision.not_agreed) == (True, True, ("Finance Reporting",))


def test_without_any_downstream_team_the_default_decides_alone() -> None:
    decision = broken(GROWTH_DAILY, JUNE_20, ())
    assert (decision.act_at, decision.by.id, decision.not_agreed) == (at("2027-06-20 07:00"), None, ())


@pytest.mark.parametrize("hour", ["07:00", "12:00", "21:59"])
def test_within_page_hours_a_waiting_agreement_pages_at_once(hour: str) -> None:
    assert broken(ENGAGEMENT, f"2027-06-16 {hour}").is_now


def test_page_hours_of_a_working_day_agreement_are_no_hours_on_a_sunday() -> None:
    assert broken(PROFIT, "2027-06-20 12:00").act_at == at("2027-06-21 07:00")


def test_an_earlier_task_keeps_the_later_page() -> None:
    rows = (
        row(3, GROWTH, "Investor Relations", A3),
        row(9, GROWTH, "Late Riser", Terms(NightClass.WAIT_UNTIL, time(10))),
    )
    decision = broken(GROWTH, JUNE_20, rows)
    assert (decision.act_at, decision.pages, decision.page_at) == (at("2027-06-20 10:00"), True, at("2027-06-20 10:00"))
    rows = (
        row(3, GROWTH, "IR", A3),
        row(9, GROWTH, "Late", Terms(NightClass.WAIT_UNTIL, time(10), page_from=time(12))),
    )
    monday = broken(GROWTH, "2027-06-21 09:30", rows)
    assert (monday.pages, monday.act_at, monday.page_at) == (False, at("2027-06-21 09:30"), at("2027-06-21 10:00"))


def test_without_cover_at_night_a_wake_waits_for_the_owners_hours() -> None:
    decision = broken(UNIT, JUNE_20, is_covered=False)
    assert (decision.act_at, decision.pages) == (at("2027-06-21 09:00"), True)


def test_only_three_hops_count() -> None:
    facts = AssetFacts(UNIT, "u", 2, DEFAULT)
    rows = (row(6, PROFIT, "Far", A6),)
    far = decide(at(JUNE_20), facts, {PROFIT: 4}, rows, dict.fromkeys(NAMES, OFFICE))
    near = decide(at(JUNE_20), facts, {PROFIT: 3}, rows, dict.fromkeys(NAMES, OFFICE))
    assert (far.by.id, near.by.id) == (None, 6)


@given(
    st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001 (made aware below)
    st.sampled_from(["any day", "working days"]), st.times(min_value=time(0), max_value=time(23, 59)),
)  # fmt: skip
@example(datetime(2027, 3, 28, 1), "any day", time(2, 30))  # noqa: DTZ001 (a time that the spring has not, at its end)
def test_waiting_ends_at_the_first_minute_that_fits(naive: datetime, days: str, until: time) -> None:
    """An oracle that walks minute by minute."""
    working_day_only = days == "working days"
    instant = naive.replace(tzinfo=UTC, second=0, microsecond=0)
    until = until.replace(second=0, microsecond=0)
    terms = Terms(NightClass.WAIT_UNTIL, until, working_day_only=working_day_only)
    facts = AssetFacts(UNIT, "u", 2, DEFAULT)
    found = decide(instant, facts, {}, (row(1, UNIT, "A", terms),), {UNIT: OFFICE}).act_at
    assert found == _walk(instant, until, working_day_only=working_day_only)


def _walk(instant: datetime, until: time, *, working_day_only: bool) -> datetime:
    for minutes in range(60 * 24 * 12):
        moment = instant + timedelta(minutes=minutes)
        here = moment.astimezone(MADRID)
        counts = not working_day_only or is_working_day(OFFICE.calendar, here.date())
        first = (moment - timedelta(minutes=1)).astimezone(MADRID)
        skipped = here.date() == first.date() and first.time() < until < here.time()
        is_repeat = here.fold == 1
        if counts and minutes == 0 and time(7) <= here.time() < time(22):
            return moment
        if counts and not is_repeat and (here.time().replace(tzinfo=None) == until or skipped):
            return moment
    raise AssertionError
