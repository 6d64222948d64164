"""The demo's other sources, through their importers, as if they had arrived in the last days."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.core.services.imports import FileToImport, apply_import, plan_import
from portal.site.demo.sources import AIRFLOW, CONTRACT, PAGE, REVIEWERS, SHEET, lineage, results

if TYPE_CHECKING:
    from datetime import datetime


def load_sources(*, at: datetime) -> None:
    """Pipelines, a contract with history, a document, lineage with columns, a sheet that disagrees, and results.

    Afterwards names wait to be decided on, a conflict and a guessed owner wait, and one table is late.
    """
    night = at.replace(hour=3, minute=20, second=0, microsecond=0)
    night = night if night < at else night - timedelta(days=1)
    files = (
        ("airflow", "dags.yaml", AIRFLOW, 20),
        ("odcs", "invoices.odcs.yaml", CONTRACT, 18),
        ("markdown", "net-revenue-retention.md", PAGE, 12),
        ("openlineage", "events.ndjson", lineage(night), 6),
        ("csv", "owners.csv", SHEET, 4),
        ("codeowners", "CODEOWNERS", REVIEWERS, 3),
        ("dbt_results", "run_results.json", results(night), 0),
    )
    for source, name, text, days in files:
        then = min(at, night + timedelta(minutes=5)) - timedelta(days=days)
        run = plan_import(actor=None, given=FileToImport(source, io.BytesIO(text.encode()), name), at=then)
        apply_import(actor=None, run=run, at=then)
