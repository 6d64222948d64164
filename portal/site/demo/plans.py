"""The changes of the demo: a backfill that is over, a migration with readers left, a delay that was announced."""

from __future__ import annotations

BACKFILL = {
    "asset": "growth_daily_experiment",
    "reason": "Portugal was missing from 2 to 9 October: the export had dropped a country code.",
    "range": "day >= '2026-10-02' AND day < '2026-10-10'",
}
MIGRATION = {
    "asset": "dim_account",
    "reason": "One row an account and month instead of one an account, so that plan changes keep their history.",
}
# What no source shows: (what reads it, who moves it, in which change it moved).
BY_HAND = [
    ("Sheet “Accounts by plan” of Finance Reporting", "olaf", "sheet renamed to dim_account_v2"),
    ("Weekly account extract for Investor Relations", "bea", "PR 412"),
]
# Core Data's scheduler, and the pipeline that it is asked to run after a rebuild.
TRIGGER = {
    "team": "core-data", "pipeline": "core_daily", "webhook": "core-scheduler",
    "address": "https://scheduler.demo.example/api/v2/dags/core_daily/dagRuns", "kind": "airflow3",
}  # fmt: skip
# Offered and not yet answered.
HANDOVER = {
    "asset": "profit_agg_investor",
    "to": "ruth",
    "reason": "The close of the quarter goes to whoever plans it; the table should be with them.",
}
DELAY = {
    "asset": "billing.cost_export",
    "change": "delay",
    "text": "From Monday the costs land at 03:30 UTC instead of 01:30: the billing close moves.\n\n"
    "Nothing changes in the rows. Please say if a report of yours needs them before 04:00.",
}
