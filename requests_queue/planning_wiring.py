"""What planning and reports register with the kernel and the engine; called once by the room's `wiring`."""

from __future__ import annotations

from portal.core.registries import register_append_only, register_command, register_nav, register_verb
from portal.engine.registries import (
    register_deadline_kind,
    register_job_kind,
    register_notice_kind,
    register_periodic,
    register_subject,
)
from requests_queue.planning_handlers import ModelReviews, PlanSteps, PlanSubject, run_clusters
from requests_queue.services.model_outcomes import REVIEW_KIND
from requests_queue.services.plan_opening import STEP_KIND
from requests_queue.services.plan_telling import PLAN_NOTICE

CLUSTER_JOB = "requests.clusters"
_VERBS = {
    "plan_drafted": "drafted the", "plan_opened": "opened for input the", "plan_reopened": "took back the lock of the",
    "plan_ranked": "put in order the", "plan_locked": "locked the", "plan_closed": "closed the",
    "plan_changed": "changed after the lock", "candidate_nominated": "put on the list of the plan",
    "candidate_estimated": "estimated", "delay_said": "said what waiting costs for", "vote_cast": "gave points to",
    "voter_named": "named the voter of", "voters_reminded": "asked the voters of the", "line_edited": "edited",
    "line_set_aside": "set aside", "upkeep_set": "set by hand", "line_started": "began", "line_shipped": "shipped",
    "line_remaining": "said what is left of", "shipped": "resolved by shipping", "need_asked": "asked a team for",
    "need_answered": "answered what is needed for", "scenario_kept": "kept a what-if of the",
    "scenario_dropped": "dropped a what-if of the", "passed_over": "sent back to the desk, not taken twice,",
    "model_proposed": "proposed out of questions", "cluster_made": "put together", "cluster_rejected": "rejected",
    "cluster_renamed": "renamed", "plan_shared": "shared with its partners the", "cluster_merged": "merged into",
}  # fmt: skip


def register_planning() -> None:
    """Called by the room's wiring."""
    for table in ("planchange", "modeloutcome"):
        register_append_only(f"requests_queue_{table}")
    for verb, words in _VERBS.items():
        register_verb(
            f"requests.{verb}", f"{{actor}} {words} {{subject}}", why_no_undo="The plan keeps its history of changes."
        )
    register_deadline_kind(STEP_KIND, PlanSteps(), "highest")
    register_deadline_kind(REVIEW_KIND, ModelReviews(), "highest")
    register_subject("requests_queue.quarterplan", PlanSubject())
    register_notice_kind(PLAN_NOTICE, "info", {"title", "line"}, acknowledgeable=False, title="{title}", text="{line}")
    register_job_kind(CLUSTER_JOB, run_clusters)
    register_periodic(CLUSTER_JOB, job_kind=CLUSTER_JOB, cron="10 2 * * *")
    register_nav("plan", "Planning", "plan", "layout-dashboard", 14, shortcut="g p")
    register_command("plan", "Open the plan", "plan", "layout-dashboard")
