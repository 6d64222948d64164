"""What planning and reports register with the kernel and the engine; called once by the room's `wiring`."""

from __future__ import annotations

from portal.core.registries import (
    ReportColumn,
    register_append_only,
    register_command,
    register_load_column,
    register_nav,
    register_need,
    register_panel,
    register_report,
    register_verb,
)
from portal.engine.registries import (
    register_deadline_kind,
    register_event_handler,
    register_job_kind,
    register_notice_kind,
    register_periodic,
    register_subject,
)
from requests_queue import asking_panels, planning_panels
from requests_queue.planning_handlers import ModelReviews, PlanSteps, PlanSubject, run_clusters
from requests_queue.queries import load, reports
from requests_queue.services.loans import loan_taken
from requests_queue.services.model_outcomes import REVIEW_KIND
from requests_queue.services.plan_opening import STEP_KIND
from requests_queue.services.plan_telling import PLAN_NOTICE

CLUSTER_JOB = "requests.clusters"
_VERBS = {
    "plan_drafted": "drafted the", "plan_opened": "opened for input the", "plan_reopened": "took back the lock of the",
    "plan_ranked": "put in order the", "plan_locked": "locked the", "plan_closed": "closed the",
    "plan_changed": "changed after the lock", "candidate_nominated": "put on the list of the plan",
    "candidate_estimated": "estimated", "delay_said": "said what waiting costs for", "vote_cast": "gave points to",
    "voter_named": "named the voter of", "voters_reminded": "asked the voters of the",
    "team_invited": "asked another team about", "line_edited": "edited",
    "line_set_aside": "set aside", "upkeep_set": "set by hand", "line_started": "began", "line_shipped": "shipped",
    "line_remaining": "said what is left of", "shipped": "resolved by shipping", "need_asked": "asked a team for",
    "need_answered": "answered what is needed for", "scenario_kept": "kept a what-if of the",
    "scenario_dropped": "dropped a what-if of the", "passed_over": "sent back to the desk, not taken twice,",
    "model_proposed": "proposed out of questions", "cluster_made": "put together", "cluster_rejected": "rejected",
    "cluster_renamed": "renamed", "plan_shared": "shared with its partners the", "cluster_merged": "merged into",
}  # fmt: skip

Column = ReportColumn
_TEAM, _MINUTES = Column("team", "Team"), Column("minutes", "Minutes", "minutes")
_REPORTS = (
    ("quarter", "Where the quarter went", "Where did the time go?", reports.quarter_report,
     (_TEAM, Column("use", "Used for"), _MINUTES, Column("share", "Share of capacity", "share"))),
    ("urgency", "Urgency", "Is urgent work urgent?", reports.urgency_report,
     (Column("asking_team", "Asking team"), Column("requests", "Requests", "count"),
      Column("urgent", "Urgent", "count"), Column("share", "Share", "share"),
      Column("tokens_used", "Tokens used", "count"), Column("tokens_returned", "Tokens returned", "count"),
      Column("exempt", "Exempt, by kind"),
      Column("opened_after_hours_median", "Hours until opened", "number"),
      Column("opened_after_hours_p85", "Hours, 85 of 100", "number"))),
    ("deferrals", "Deferrals", "What became of what was put off?", reports.deferrals_report,
     (Column("asking_team", "Asking team"), Column("deferred", "Deferred", "count"),
      Column("taken", "Taken by a plan", "count"), Column("withdrawn", "Withdrawn", "count"),
      Column("waiting", "Still waiting", "count"), Column("asked_again", "Asked again", "count"),
      Column("overrides", "Overrides", "count"))),
    ("attainment", "Promises kept", "Which promises do we keep?", reports.attainment_report,
     (_TEAM, Column("kind", "Kind"), Column("promise", "Promise"), Column("ended", "Decided", "count"),
      Column("kept", "Kept", "count"), Column("kept_share", "Kept, raw", "share"),
      Column("excused", "Excused", "count"), Column("share_with_excuses", "Kept, excused left out", "share"),
      Column("adjusted_share", "Kept, re-opened as missed", "share"),
      Column("hours_median", "Working hours, half", "number"), Column("hours_p85", "85 of 100", "number"))),
    ("growth", "Growth of upkeep", "Does upkeep eat us?", reports.growth_report,
     (_TEAM, Column("quarter", "Quarter"), _MINUTES, Column("share", "Share of capacity", "share"),
      Column("is_projected", "Projected"))),
    ("outcomes", "Models out of questions", "Did the questions stop?", reports.outcomes_report,
     (_TEAM, Column("model", "Model"), Column("before", "Before", "count"), Column("before_days", "Days", "count"),
      Column("after", "After", "count"), Column("after_days", "Days after", "count"), Column("verdict", "Verdict"),
      Column("probability", "By chance", "number"), Column("minutes_saved", "Minutes saved", "minutes"))),
    ("rework", "Corners cut", "What did cutting corners cost?", reports.rework_report,
     (Column("asset", "Asset"), Column("cut", "Left out", "count"), Column("by_override", "By override", "count"),
      Column("followed", "Rework within 90 days", "count"), Column("share", "Share", "share"))),
)  # fmt: skip


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
    register_event_handler("oncall.loan_taken", "requests.loans", loan_taken)
    register_periodic(CLUSTER_JOB, job_kind=CLUSTER_JOB, cron="10 2 * * *")
    register_nav("plan", "Planning", "plan", "layout-dashboard", 14, shortcut="g p")
    register_command("plan", "Open the plan", "plan", "layout-dashboard")
    for order, (key, title, question, query, columns) in enumerate(_REPORTS):
        links = reports.attainment_links if key == "attainment" else None
        register_report(key, 10 * (order + 1), title, question, columns, query, links)
    register_load_column(
        "adhoc_minutes",
        50,
        "Ad-hoc work",
        "min",
        load.adhoc_minutes,
        limit=960,
        action="move a request to somebody else",
    )
    register_load_column(
        "open_clocks", 60, "Promises in hand", "", load.open_clocks, limit=20, action="hand a request over"
    )
    register_panel("person.day", "team_decisions", 46, planning_panels.team_decisions, "requests_queue/block.html")
    register_panel("team.shape", "asking", 10, asking_panels.of_team, "requests_queue/asking.html")
    register_panel("person.day", "band", 70, planning_panels.band, "requests_queue/plan/band.html")
    register_need("planning", planning_panels.planning_needs)
    register_command("plan_propose", "Propose something for the plan", "plan_propose", "send")
