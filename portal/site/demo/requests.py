"""The requests of the demo: who asked what, how long ago, and how it went."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One request. `end` is how far it came; hours are counted from its filing."""

    requester: str
    kind: str
    title: str
    body: str
    assets: tuple[str, ...]
    days_ago: int
    end: str
    team: str = "core-data"
    triager: str = "ruth"
    assignee: str = "ines"
    lane: str = "question"
    minutes: int | None = None
    is_structural: bool | None = None
    note: str = ""
    worked: int = 0


HISTORY = [
    Story("bea", "question", "Is October's profit final?", "The board meets on Thursday and asks.",
          ("profit_agg_investor",), 74, "answered",
          worked=90, note="Yes. October closed on the 5th business day; later invoices go to November."),
    Story("noor", "data_issue", "Sign-ups of Portugal are missing since Monday", "The board shows zero for PT.",
          ("growth_daily_experiment", "signup_export"), 61, "resolved", assignee="jonas", lane="quick_win", minutes=480,
          worked=540,
          note="The export dropped a country code. Identity repaired it, the days are filled."),
    Story("olaf", "extract", "Invoices above 10,000 EUR in Q3 as CSV", "For the auditors, once.",
          ("invoice_export",), 52, "resolved", assignee="maeve", lane="quick_win", minutes=420, worked=390,
          note="The file is in the finance folder; 214 rows."),
    Story("chidi", "change", "Add the browser version to the exposures", "We want to slice by browser.",
          ("experiment_exposures",), 45, "declined",
          note="Nobody decided what to do with the result; 3 days of work for one chart."),
    Story("tomasz", "question", "Which accounts count as active?", "Two dashboards disagree by 4 %.",
          ("engagement_agg_investor",), 38, "answered", assignee="maeve",
          worked=150, note="One click or more in the week. The other board counts sign-ins."),
    Story("mireille", "access", "Read access to the growth board until January", "For the yearly review.",
          ("growth_board",), 30, "resolved", assignee="kofi", lane="quick_win", minutes=60, worked=45,
          note="Granted until 31 January."),
    Story("elif", "metric", "Net revenue retention without one-off deals", "Finance and we count differently.",
          ("net_revenue_retention",), 12, "deferred", assignee="ines", lane="complex", minutes=960),
    Story("noor", "backfill", "Rebuild growth from 1 October", "The country fix came late.",
          ("growth_daily_experiment",), 9, "waiting", assignee="jonas", lane="quick_win", is_structural=False,
          note="Which time zone should a day end in, UTC or Madrid?"),
    Story("noor", "data_issue", "Sign-ups of Norway arrive without a country", "The map of Europe has a hole.",
          ("growth_daily_experiment",), 5, "upstream", assignee="jonas", lane="quick_win",
          note="The export drops the country of NO again. Please send it."),
    Story("bea", "question", "Why did engagement fall in week 43?", "An investor asks.",
          ("engagement_agg_investor",), 2, "accepted", assignee="kofi"),
    Story("bea", "question", "Which month does the investor report close next?", "I plan the call.",
          ("investor_report",), 70, "answered", worked=30, note="November, on 7 December."),
    Story("olaf", "question", "Are refunds part of invoice_export?", "The auditors ask.", ("invoice_export",), 68,
          "answered", worked=60, note="Yes, as negative lines on the day of the refund."),
    Story("mireille", "question", "What does weekly active mean for free accounts?", "For the yearly review.",
          ("weekly_active_accounts",), 66, "answered", worked=90,
          note="The same as for paid ones: one click in the week."),
    Story("tomasz", "extract", "Sign-ups by country for September", "A slide for the all-hands.",
          ("growth_daily_experiment",), 64, "resolved", assignee="kofi", lane="quick_win", minutes=480, worked=450,
          note="In the folder."),
    Story("elif", "data_issue", "Weekly active accounts fell to zero on Sunday", "The board shows a gap.",
          ("engagement_agg_investor",), 58, "resolved", assignee="ines", lane="quick_win", minutes=480, worked=600,
          note="The Sunday load was late; the day is filled."),
    Story("noor", "access", "Read access to cost_export until March", "Margins by week.", ("cost_export",), 55,
          "resolved", assignee="maeve", lane="quick_win", minutes=60, worked=40, note="Granted until 31 March."),
    Story("chidi", "question", "Do exposures before the first click count?", "Two analyses disagree.",
          ("experiment_exposures",), 50, "answered", worked=120, note="No, only those after it."),
    Story("bea", "extract", "Profit by month since January", "The board asks for one table.",
          ("profit_agg_investor",), 47, "resolved", assignee="maeve", lane="quick_win", minutes=480, worked=480,
          note="Eleven rows."),
    Story("amara", "question", "Why is an account missing in dim_account?", "A customer writes in.",
          ("dim_account",), 43, "answered", worked=180, note="Its mail address was never confirmed."),
    Story("olaf", "metric", "Profit without currency effects", "Finance compares by constant currency.",
          ("profit_agg_investor",), 41, "deferred", assignee="maeve", lane="complex", minutes=1200),
    Story("haruto", "change", "Send refunds as lines of their own", "We split the ledger.", ("invoice_export",), 36,
          "deferred", assignee="jonas", lane="complex", minutes=720),
    Story("tomasz", "question", "In which zone does a day of growth end?", "Madrid or UTC?",
          ("growth_daily_experiment",), 33, "answered", worked=45, note="UTC, in every table of ours."),
    Story("mireille", "data_issue", "The growth board shows last Friday twice", "Two bars with one label.",
          ("growth_board",), 27, "resolved", assignee="kofi", lane="quick_win", minutes=480, worked=520,
          note="A partition was loaded twice."),
    Story("noor", "question", "May I join exposures to accounts?", "For a retention cut.", ("experiment_exposures",),
          24, "answered", worked=60, note="Yes, by account_id; see the guide."),
    Story("bea", "extract", "Accounts lost in Q3 by plan", "An investor asks.", ("engagement_agg_investor",), 20,
          "declined", note="The report of retention answers this by plan."),
    Story("lucia", "question", "Who reads the sign-up events of Identity?", "We rename a field.",
          ("signup_export",), 17, "answered", worked=75, note="growth_daily_experiment and dim_account."),
    Story("elif", "extract", "Clicks by browser for one week", "A bug on Safari.", ("click_events",), 14, "resolved",
          assignee="jonas", lane="quick_win", minutes=420, worked=360, note="Seven rows; Safari is 11 %."),
    Story("olaf", "question", "Is the cost of payments part of profit?", "A check before closing.",
          ("profit_agg_investor",), 11, "answered", worked=40, note="Yes, since June."),
    Story("chidi", "access", "Read access to profit_unit_experiment", "Power analysis.",
          ("profit_unit_experiment",), 6, "in_progress", assignee="jonas", lane="quick_win"),
    Story("mireille", "question", "When is the figure of November final?", "For the yearly review.",
          ("investor_report",), 3, "accepted", assignee="ines"),
    Story("haruto", "question", "Who reads cost_export after midnight?", "We want to move it by two hours.",
          ("cost_export",), 1, "new"),
    Story("tomasz", "question", "What is a confirmed sign-up?", "For the glossary.",
          ("dim_account",), 0, "new", team="growth-product", triager="amara", assignee="amara"),
]  # fmt: skip
# Who is asked when a request waits upstream, and the analyst beside the desk of Core Data.
UPSTREAM_TEAM = "identity"
PARTNER = "noor"
WATCHED = Story(
    "noor", "question", "Which figure of growth goes to the board today?",
    "The meeting is in an hour. Two dashboards show two numbers.", ("growth_agg_investor",), 0, "accepted",
)  # fmt: skip
