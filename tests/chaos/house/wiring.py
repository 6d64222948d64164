"""One deadline kind, one notice kind, one subject type, one destination."""

from __future__ import annotations

from portal.engine.registries import (
    register_deadline_kind,
    register_destination,
    register_job_kind,
    register_notice_kind,
    register_subject,
)
from tests.chaos.house.pages import KIND, NOTICE, TYPE, Pages, Steps, plan, work

register_deadline_kind(KIND, Steps(), "rebase")
register_notice_kind(NOTICE, "page", ["n"], acknowledgeable=True, title="Page {n}", text="{n}")
register_subject(TYPE, Pages())
register_destination("chaos", plan)
register_job_kind("chaos.job", work)
