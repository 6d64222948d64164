"""What other systems say about the demo's data: pipelines, a contract, a page, a sheet, and results of last night."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

AIRFLOW = """core_daily:
  schedule_interval: 0 3 * * *
  description: Builds the tables of investors and growth, every night.
  default_args: {owner: core_data}
  tags: [tier_1]
experiments_hourly:
  schedule_interval: 15 * * * *
  description: Refreshes the exposures of running experiments.
  default_args: {owner: jonas@old-mail.example}
  tags: [tier_2]
exports_pull:
  schedule_interval: 0 1 * * *
  description: Fetches the exports of billing and identity.
  default_args: {owner: airflow}
"""
CONTRACT = """apiVersion: v3.1.0
kind: DataContract
id: billing-invoices
name: Invoices
version: 1.2.0
status: active
domain: Billing
description: {purpose: One row for each invoice line as it was sent.}
schema:
  - name: invoice_lines
    physicalName: invoice_lines
    properties:
      - {name: invoice_id, physicalType: bigint, description: Number on the paper.}
      - {name: account_id, physicalType: bigint}
      - {name: amount, physicalType: "numeric(12,2)", description: Without tax; credits are negative.}
slaProperties: [{property: freshness, value: 24, unit: h}]
team:
  members:
    - {username: sanne, role: owner, dateIn: "2024-02-01", dateOut: "2025-09-01"}
    - {username: haruto, role: owner, dateIn: "2025-09-01"}
"""
PAGE = """---
id: net-revenue-retention
title: How net revenue retention is counted
owner: noor@demo.example
documents: net_revenue_retention
review_on: 2027-01-15
---
# How net revenue retention is counted

Revenue of accounts that paid a year ago, divided by what they paid then. Accounts that began in between do not count.
"""
SHEET = """asset_key,kind,name,file_path,owner
profit_agg_investor,dataset,profit_agg_investor,,kofi@demo.example
growth_agg_investor,dataset,growth_agg_investor,,growth squad
core.raw.invoice_lines,dataset,core.raw.invoice_lines,loads/invoice_lines.py,
"""
REVIEWERS = "/loads/ ines@demo.example kofi@demo.example\n"


def lineage(at: datetime) -> str:
    """Last night's run of the pipeline: what it read, what it wrote, and who runs it."""
    event: dict[str, Any] = {
        "eventType": "COMPLETE",
        "eventTime": at.isoformat(),
        "run": {"runId": "0b2f6a1e-8f57-4a4e-9d0b-6c8f1d2e3a45"},
        "job": {"namespace": "warehouse", "name": "load_invoices", "facets": {
            "ownership": {"owners": [{"name": "team:core-data"}]},
            "documentation": {"description": "Copies invoice lines into the warehouse."},
        }},
        "inputs": [{"namespace": "s3://exports", "name": "billing/invoices"}],
        "outputs": [{"namespace": "postgres://warehouse", "name": "core.raw.invoice_lines", "facets": {
            "schema": {"fields": [{"name": "invoice_id", "type": "bigint"}, {"name": "amount", "type": "numeric"}]},
            "columnLineage": {"fields": {"amount": {"inputFields": [
                {"namespace": "s3://exports", "name": "billing/invoices", "field": "net"},
            ]}}},
        }}],
    }  # fmt: skip
    return json.dumps(event)


def results(at: datetime) -> str:
    """Last night's results: everything ran, but one table failed its test and one model broke."""
    rows = [
        {"unique_id": f"model.demo.{name}", "status": "error" if name == "growth_daily_experiment" else "success"}
        for name in ("dim_account", "profit_agg_investor", "growth_daily_experiment", "engagement_agg_investor")
    ]
    schema = "https://schemas.getdbt.com/dbt/run-results/v6.json"
    return json.dumps({"metadata": {"dbt_schema_version": schema, "generated_at": at.isoformat()}, "results": rows})
