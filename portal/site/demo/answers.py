"""The answers of the demo: fourteen questions, two of them stale (spec exercise 8)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DemoAnswer:
    """One answer; `stale` is why it no longer claims to be true, `from_title` the request it came from."""

    question: str
    body: str
    writer: str
    team: str
    assets: tuple[str, ...] = ()
    sql: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    limits: str = ""
    parameters: tuple[dict[str, str], ...] = ()
    tier: int = 2
    checker: str = ""
    days_ago: int = 40
    stale: str = ""
    line: str = ""
    from_title: str = ""
    helped_by: tuple[str, ...] = field(default=())


ANSWERS = [
    DemoAnswer(
        "Is last month's profit final?",
        "A month closes on the **5th business day** of the next one. Until then `profit_agg_investor` shows what is "
        "booked so far; invoices that come later belong to the month in which they arrive.",
        "ines", "core-data", ("profit_agg_investor",),
        aliases=("When is the profit of a month closed?", "Can I send October's profit to the board?"),
        tags=("profit",), limits="Not for finance close.", tier=1, checker="ruth", days_ago=12,
        from_title="Is October's profit final?", helped_by=("bea", "olaf", "mireille"),
    ),
    DemoAnswer(
        "Which accounts count as active?",
        "An account is active in a week with **one click or more**. Another board counts sign-ins; that is why two "
        "numbers differ by about 4 %.",
        "maeve", "core-data", ("engagement_agg_investor",),
        aliases=("Why do two dashboards show different active accounts?", "How is weekly active defined?"),
        tags=("engagement",), days_ago=30, from_title="Which accounts count as active?",
        helped_by=("noor", "chidi"),
    ),
    DemoAnswer(
        "How many accounts signed up last week, by country?",
        "Count `new_accounts` of the daily table, not of the weekly one: the weekly one has no country.",
        "jonas", "core-data", (),
        sql="SELECT day, sum(new_accounts)\nFROM analytics.growth_daily_experiment\n"
            "WHERE day BETWEEN :since AND :until\nGROUP BY day",
        parameters=({"name": "since", "type": "date", "example": "2026-11-16", "meaning": "first day, UTC"},
                    {"name": "until", "type": "date", "example": "2026-11-22", "meaning": "last day, included"}),
        aliases=("New accounts per country and day", "Sign-ups by country"), tags=("growth",), days_ago=25,
        helped_by=("tomasz",),
    ),
    DemoAnswer(
        "What is a confirmed sign-up?",
        "An account whose mail address was confirmed within 7 days. `dim_account` holds confirmed ones only.",
        "amara", "growth-product", ("dim_account",), aliases=("When does an account appear in dim_account?",),
        tags=("growth", "definitions"), days_ago=50,
    ),
    DemoAnswer(
        "How is net revenue retention computed?",
        "Revenue of the accounts of twelve months ago, today, over their revenue then. One-off deals are left out "
        "since the second quarter.",
        "noor", "product-analytics", ("net_revenue_retention",), aliases=("NRR definition", "What is in NRR?"),
        tags=("revenue", "definitions"), days_ago=60, stale="definition_changed",
        line="the definition of net_revenue_retention changed",
    ),
    DemoAnswer(
        "Why did engagement fall at the end of the year?",
        "Public holidays: fewer working days, fewer clicks. Compare with the same week of the year before.",
        "tomasz", "product-analytics", ("weekly_active_accounts",), aliases=("Engagement drops in December",),
        tags=("engagement",), days_ago=35, helped_by=("bea",),
    ),
    DemoAnswer(
        "In which time zone does a day end?",
        "Every table of Core Data ends its day in **UTC**. Boards that say otherwise convert it themselves.",
        "kofi", "core-data", ("growth_daily_experiment", "engagement_agg_investor"),
        aliases=("UTC or Madrid?", "When does a day begin in the growth table?"), tags=("definitions",), days_ago=20,
        helped_by=("noor", "chidi", "tomasz"),
    ),
    DemoAnswer(
        "Who may see the costs of a single invoice?",
        "Finance Reporting and the owners of the export. Everybody else sees sums by month in "
        "`profit_agg_investor`; ask for access with the reason and an end date.",
        "ruth", "core-data", ("cost_export",), aliases=("Can I get invoice level costs?",), tags=("access",),
        days_ago=45,
    ),
    DemoAnswer(
        "How do I compare two arms of an experiment?",
        "Join exposures with the unit table by day and arm; exposures before the first click do not count.",
        "maeve", "core-data", (),
        sql="SELECT arm, avg(profit_eur)\nFROM analytics.profit_unit_experiment AS unit\nGROUP BY arm",
        aliases=("Average profit per arm", "Which arm of the experiment earns more?"), tags=("experiments",),
        days_ago=22, helped_by=("chidi",),
    ),
    DemoAnswer(
        "When is the growth table ready in the morning?",
        "By 07:00 Madrid time on working days. If it is later, the on-call page of Core Data says why.",
        "jonas", "core-data", ("growth_agg_investor",), aliases=("When does the growth load finish?",),
        tags=("freshness",), days_ago=55, stale="schema_changed", line="growth_agg_investor.country is gone",
    ),
    DemoAnswer(
        "Which export holds refunds?",
        "None of its own: refunds are negative lines of `invoice_export`, booked on the day of the refund.",
        "haruto", "billing", ("invoice_export",), aliases=("Where do I find refunds?",), tags=("revenue",),
        days_ago=48,
    ),
    DemoAnswer(
        "What does the investor report show that the growth board does not?",
        "Closed months only, and no experiments. The board is for the week, the report for the quarter.",
        "elif", "product-analytics", ("investor_report", "growth_board"), tags=("growth",), days_ago=28,
    ),
    DemoAnswer(
        "How long are raw clicks kept?",
        "Thirteen months in `click_events`, then weekly sums only.",
        "dmitri", "web-client", ("click_events",), aliases=("Retention of raw events",), tags=("events",),
        days_ago=18,
    ),
    DemoAnswer(
        "How do I ask for a new column in a master table?",
        "File it as new or changed data and say which decision waits for it. Small ones pass within the ad-hoc band; "
        "large ones go to the plan of the next quarter.",
        "ruth", "core-data", ("dim_account",), aliases=("Add a column to dim_account",), tags=("how to",), days_ago=33,
    ),
]  # fmt: skip
