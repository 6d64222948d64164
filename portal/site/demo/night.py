"""Agreements, runbooks, incidents and doors of the demo (spec exercise 1, 7, 8), as plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time

from oncall.domain.agreements import NightClass, Terms
from oncall.domain.escalation_text import Rung
from oncall.domain.failure_kinds import FailureKind
from oncall.domain.runbooks import TEMPLATES, Issue, Step

PROFIT, PROFIT_UNIT = "profit_agg_investor", "profit_unit_experiment"
GROWTH, GROWTH_DAILY = "growth_agg_investor", "growth_daily_experiment"
ENGAGEMENT = "engagement_agg_investor"
INVESTORS = (PROFIT, GROWTH, ENGAGEMENT)


@dataclass(frozen=True)
class Promise:
    """An agreement: asset, downstream team, its terms; None is registered and unsigned. `ended` was left to expire."""

    asset: str
    team: str
    terms: Terms | None
    ended: bool = False


AGREEMENTS = (
    Promise(PROFIT, "investor-relations", Terms(
        NightClass.WATCH_LAST_WEEK, shown_meanwhile="last closed month, marked provisional",
        consequence="the investor letter waits", tell=(("investor-relations", 60),),
    )),
    Promise(PROFIT, "finance-reporting", Terms(
        NightClass.WAIT_UNTIL, time(7), working_day_only=True, shown_meanwhile="last closed month"
    )),
    Promise(GROWTH, "investor-relations", Terms(
        NightClass.WITHIN_WEEK, shown_meanwhile="last week's figure with its date"
    )),
    Promise(ENGAGEMENT, "investor-relations", Terms(
        NightClass.WAIT_UNTIL, time(7), shown_meanwhile="yesterday's table"
    )),
    Promise(ENGAGEMENT, "executive-reporting", Terms(
        NightClass.BY_MONTH_END, shown_meanwhile="weekly average"
    ), ended=True),
    Promise(PROFIT_UNIT, "experimentation", Terms(
        NightClass.WAKE, shown_meanwhile="tests continue blind", consequence="running tests are stopped at 06:00 UTC"
    )),
    Promise(GROWTH_DAILY, "experimentation", Terms(
        NightClass.WAIT_UNTIL, time(9), working_day_only=True, shown_meanwhile="day before"
    )),
    Promise(GROWTH_DAILY, "product-analytics", None),
)  # fmt: skip
EXPECTATIONS: tuple[tuple[str, dict[str, object], str], ...] = (
    (PROFIT_UNIT, {"kind": "daily", "hours": 4}, "UTC"),
    (PROFIT, {"kind": "nth_business_day", "n": 5, "hours": 7}, "UTC"),
    (GROWTH_DAILY, {"kind": "daily", "hours": 4}, "UTC"),
    (GROWTH, {"kind": "weekly", "weekday": 0, "time": "10:00"}, "Europe/Madrid"),
    (ENGAGEMENT, {"kind": "late_arrival", "hours": 48}, "UTC"),
)


def _like(kind: FailureKind, issue: str) -> Issue:
    return replace(TEMPLATES[kind], issue=issue)


QUEUE_DOWN = Issue(
    FailureKind.INFRA, "The queue is down", "Clicks wait and arrive late.", "No message for ten minutes.",
    "The consumer's lag does not move.",
    (Step("See whether the broker answers; its owner is Web Client."), Step("Start the consumer again."),
     Step("When the lag is gone, aggregate the hours that were missed.")),
    "Yesterday's table stays in place.", "Engagement is counted a day late.",
)  # fmt: skip
RUNBOOKS: dict[str, tuple[Issue, ...]] = {
    PROFIT: (
        _like(FailureKind.LATE, "The cost export is late"),
        _like(FailureKind.QUALITY, "Refund rows without a type"),
        _like(FailureKind.SKEW_OOM, "The join of accounts and revenue runs out of memory"),
        _like(FailureKind.MISSING_DATA, "Exchange rates are stale"),
        _like(FailureKind.QUALITY, "The total differs from the ledger by more than 1 %"),
    ),
    GROWTH: (
        _like(FailureKind.MISSING_DATA, "The signup export is missing"),
        _like(FailureKind.MISSING_DATA, "The account status step is missing"),
        _like(FailureKind.QUALITY, "Bot signups"),
        _like(FailureKind.QUALITY, "The renewal month is counted twice"),
    ),
    ENGAGEMENT: (
        _like(FailureKind.LATE, "Clicks arrive after the aggregation"),
        _like(FailureKind.QUALITY, "Duplicate events"),
        _like(FailureKind.SCHEMA_CHANGE, "The client's event schema changed"),
        _like(FailureKind.SKEW_OOM, "Session skew on one tenant"),
        QUEUE_DOWN,
    ),
}


# What Core Data published first, and what is in force: each with how often it begins again.
LADDERS = (
    ((Rung(0, "primary", "page"), Rung(20, "secondary", "page"), Rung(40, "lead", "page")), 0),
    ((Rung(0, "primary", "page"), Rung(15, "secondary", "page"), Rung(15, "next in line", "page"),
      Rung(30, "lead", "page"), Rung(60, "company fallback", "page")), 1),
)  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """An incident of the past: so many days ago at an hour UTC, who took it, after how long, and how it ended."""

    asset: str
    kind: FailureKind
    title: str
    days_ago: int
    hour: float
    who: str
    minutes: int
    cause: str = "fixed_cause"
    note: str = ""


INCIDENTS = (
    Broken(PROFIT_UNIT, FailureKind.MISSING_DATA, "The cost export has no rows for yesterday", 80, 1.2, "jonas", 35,
           note="Billing restarted its export"),
    Broken(PROFIT_UNIT, FailureKind.SKEW_OOM, "The join of accounts and costs ran out of memory", 71, 2.5, "maeve", 55,
           note="Adaptive execution is on now"),
    Broken(GROWTH_DAILY, FailureKind.SCHEMA_CHANGE, "Column plan_id is gone from the signup export", 62, 10.0, "ines",
           80, note="Identity took it back"),
    Broken(PROFIT_UNIT, FailureKind.LATE, "profit_unit_experiment is late", 55, 2.9, "jonas", 25, "accepted",
           "A one-off replay upstream"),
    Broken(ENGAGEMENT, FailureKind.QUALITY, "Duplicate click events above 0.1 %", 44, 11.5, "kofi", 45,
           note="The dedup window is longer"),
    Broken(PROFIT_UNIT, FailureKind.MISSING_DATA, "Exchange rates are missing", 33, 3.4, "maeve", 40,
           note="The feed had moved"),
    Broken(GROWTH, FailureKind.LATE, "growth_agg_investor is not there on Monday", 27, 9.5, "jonas", 30),
    Broken(PROFIT_UNIT, FailureKind.UNKNOWN, "The run ended without a message", 16, 1.8, "jonas", 50,
           note="A worker was drained; retries are set"),
    Broken(GROWTH_DAILY, FailureKind.QUALITY, "A row count alarm on a holiday", 9, 12.0, "ines", 10, "false_alarm",
           "Fewer signups on a holiday are right"),
)  # fmt: skip
WAITING = Broken(
    GROWTH_DAILY, FailureKind.MISSING_DATA, "identity.signup_export has 41 % of the usual rows", 1, 10.2, "maeve", 20
)
# Words that Core Data keeps: who found out, what the alert says, and what it means.
WORDS = (
    ("jonas", "ended without a message", FailureKind.INFRA),
    ("maeve", "of the usual rows", FailureKind.MISSING_DATA),
    ("ines", "alarm on a holiday", FailureKind.QUALITY),
)
# The report of wrong data that turned out to be what the open incident is about, and who hears what nobody else does.
REPORTED = ("noor", "Sign-ups of Norway arrive without a country")
FALLBACK = ("wen",)
NOTE_BY = "kofi"
NOTE = (
    "Identity deploys on Thursdays at 11:00. If the signup export is short after that, ask them first; no backfill yet."
)
SAMPLES = {
    "alertmanager": "prometheus-core", "pagerduty": "pagerduty-core", "airflow": "airflow-core",
    "generic": "webhook-core",
}  # fmt: skip
