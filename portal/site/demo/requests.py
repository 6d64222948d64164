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


HISTORY = [
    Story("bea", "question", "Is October's profit final?", "The board meets on Thursday and asks.",
          ("profit_agg_investor",), 74, "answered",
          note="Yes. October closed on the 5th business day; later invoices go to November."),
    Story("noor", "data_issue", "Sign-ups of Portugal are missing since Monday", "The board shows zero for PT.",
          ("growth_daily_experiment", "signup_export"), 61, "resolved", assignee="jonas", lane="quick_win",
          note="The export dropped a country code. Identity repaired it, the days are filled."),
    Story("olaf", "extract", "Invoices above 10,000 EUR in Q3 as CSV", "For the auditors, once.",
          ("invoice_export",), 52, "resolved", assignee="maeve", lane="quick_win",
          note="The file is in the finance folder; 214 rows."),
    Story("chidi", "change", "Add the browser version to the exposures", "We want to slice by browser.",
          ("experiment_exposures",), 45, "declined",
          note="Nobody decided what to do with the result; 3 days of work for one chart."),
    Story("tomasz", "question", "Which accounts count as active?", "Two dashboards disagree by 4 %.",
          ("engagement_agg_investor",), 38, "answered", assignee="maeve",
          note="One click or more in the week. The other board counts sign-ins."),
    Story("mireille", "access", "Read access to the growth board until January", "For the yearly review.",
          ("growth_board",), 30, "resolved", assignee="kofi", lane="quick_win", note="Granted until 31 January."),
    Story("elif", "metric", "Net revenue retention without one-off deals", "Finance and we count differently.",
          ("net_revenue_retention",), 12, "deferred", assignee="ines", lane="complex", minutes=960),
    Story("noor", "backfill", "Rebuild growth from 1 October", "The country fix came late.",
          ("growth_daily_experiment",), 9, "waiting", assignee="jonas", lane="quick_win", is_structural=False,
          note="Which time zone should a day end in, UTC or Madrid?"),
    Story("bea", "question", "Why did engagement fall in week 43?", "An investor asks.",
          ("engagement_agg_investor",), 2, "accepted", assignee="kofi"),
    Story("haruto", "question", "Who reads cost_export after midnight?", "We want to move it by two hours.",
          ("cost_export",), 1, "new"),
    Story("tomasz", "question", "What is a confirmed sign-up?", "For the glossary.",
          ("dim_account",), 0, "new", team="growth-product", triager="amara", assignee="amara"),
]  # fmt: skip
WATCHED = Story(
    "noor", "question", "Which figure of growth goes to the board today?",
    "The meeting is in an hour. Two dashboards show two numbers.", ("growth_agg_investor",), 0, "accepted",
)  # fmt: skip
