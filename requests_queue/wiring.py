"""What this room registers with the kernel and the engine."""

from __future__ import annotations

from portal.core.registries import (
    contribute,
    register_append_only,
    register_command,
    register_list,
    register_nav,
    register_need,
    register_panel,
    register_search_source,
    register_seed,
    register_verb,
)
from portal.engine.registries import (
    register_deadline_kind,
    register_event_handler,
    register_invariant,
    register_job_kind,
    register_notice_kind,
    register_periodic,
    register_subject,
)
from requests_queue import panels
from requests_queue.answer_wiring import register_answers
from requests_queue.handlers import (
    ApprovalWaits,
    AskedPeople,
    BudgetSubject,
    ClaimLapses,
    ClockSubject,
    ClosesQuietly,
    DeskSubject,
    ExemptionLapses,
    GlassSubject,
    NoReplies,
    QuarterCloses,
    RequestSubject,
    SlaSteps,
    run_attainment,
    run_budget_forecast,
    run_partner_digest,
    ticket_closed,
)
from requests_queue.planning_wiring import register_planning
from requests_queue.queries.compartments import hidden_changes, hidden_tickets, visible_changes
from requests_queue.queries.ledger_lines import drifted_periods
from requests_queue.queries.resting_on import APPROVAL_KIND
from requests_queue.services import undoing, waiting
from requests_queue.services.clocks import STEP_KIND
from requests_queue.services.compartments import GLASS_ASKED_NOTICE, GLASS_NOTICE
from requests_queue.services.deciding import AMBER_NOTICE, APPROVAL_NOTICE
from requests_queue.services.desks import PARTNER_NOTICE
from requests_queue.services.exempting import EXEMPTION_KIND
from requests_queue.services.forecasting import JOB as FORECAST_JOB
from requests_queue.services.ladder import STEP_NOTICE
from requests_queue.services.leaving import leaving_step
from requests_queue.services.ledger import BAND_NOTICE, CLOSE_KIND
from requests_queue.services.mentioning import MENTION_NOTICE
from requests_queue.services.overriding import OVERRIDE_NOTICE
from requests_queue.services.provisional import REFRESH_JOB, absence_step, refresh_all
from requests_queue.services.seeding import seed_exempt_kinds, seed_policies
from requests_queue.services.summing import JOB as SUMS_JOB
from requests_queue.services.telling import CHANGED, CONFIRMED, FILED
from requests_queue.services.time_log import TRIPWIRE_NOTICE
from requests_queue.services.timers import APPROVAL_WAITS_NOTICE
from requests_queue.services.triage import CLAIM_KIND
from requests_queue.team_links import settings_of_team
from requests_queue.verbs import VERBS

PARTNER_JOB = "requests.partner_digest"
for table in (
    "requestevent", "slapolicyversion", "clockevent", "slastepfire", "budgetentry", "decisionletter", "shortcut",
    "requestboundaryfinding", "messagerevision",
):  # fmt: skip
    register_append_only(f"requests_queue_{table}")
register_seed("requests.policies", 40, seed_policies)
register_seed("requests.exempt_kinds", 41, seed_exempt_kinds)
register_deadline_kind(STEP_KIND, SlaSteps(), "highest", worker_task="requests.fire_sla_steps")
register_deadline_kind(CLAIM_KIND, ClaimLapses(), "rebase")
register_deadline_kind(APPROVAL_KIND, ApprovalWaits(), "rebase")
register_deadline_kind(EXEMPTION_KIND, ExemptionLapses(), "rebase")
register_deadline_kind(CLOSE_KIND, QuarterCloses(), "rebase")
register_deadline_kind(waiting.NO_REPLY_KIND, NoReplies(), "rebase")
register_deadline_kind(waiting.CLOSE_KIND, ClosesQuietly(), "rebase")
register_deadline_kind(waiting.ASKED_KIND, AskedPeople(), "rebase")
register_event_handler("oncall.ticket_closed", "requests.upstream", ticket_closed)
register_subject("requests_queue.datarequest", RequestSubject())
register_subject("requests_queue.slaclock", ClockSubject())
register_subject("requests_queue.budgetperiod", BudgetSubject())
register_subject("requests_queue.teamdesk", DeskSubject())
register_subject("requests_queue.breakglass", GlassSubject())
register_notice_kind(
    FILED, "info", {"title", "line"}, acknowledgeable=False, title="{number}: {title}",
    text="A new request stands at your desk: {line}",
)  # fmt: skip
register_notice_kind(
    CONFIRMED, "info", {"title", "line", "first_response_by", "decision_by", "resolution_by"}, acknowledgeable=False,
    title="{number} is filed: {title}",
    text="“{title}”: first reply by {first_response_by}, decision by {decision_by}, done by {resolution_by}.",
)  # fmt: skip
register_notice_kind(
    CHANGED, "info", {"title", "line"}, acknowledgeable=False, title="{number}: {title}",
    text="“{title}”: {line}",
)  # fmt: skip
register_notice_kind(
    STEP_NOTICE, "warn", {"title", "line", "promise", "percent", "passed"}, acknowledgeable=True,
    title="{number}: {percent} % of the time is used", text="{promise} of “{title}” {line}.{passed}",
)  # fmt: skip
_LEAD_NOTICES = {
    APPROVAL_NOTICE: "{number} asks for your approval", APPROVAL_WAITS_NOTICE: "{number} still waits for approval",
    AMBER_NOTICE: "{number} was taken in", OVERRIDE_NOTICE: "Somebody proposes to pull {number} in",
    TRIPWIRE_NOTICE: "{number} has outgrown its estimate", MENTION_NOTICE: "You are mentioned in {number}",
    waiting.REMIND_NOTICE: "{number} waits for you", waiting.ASKED_NOTICE: "{number} asks you something",
}  # fmt: skip
for _kind, _title in _LEAD_NOTICES.items():
    register_notice_kind(
        _kind, "info", {"title", "line"}, acknowledgeable=False, title=_title, text="“{title}”: {line}"
    )
register_notice_kind(
    BAND_NOTICE, "info", {"title", "state", "used", "cap"}, acknowledgeable=False,
    title="Ad-hoc budget of {title} is {state}",
    text="{used} of the team's time is spoken for; the agreed limit is {cap}.",
)  # fmt: skip
for _kind, _title, _text in (
    (GLASS_NOTICE, "Two administrators read {number}", "They may read it for an hour. Open the portal to see why."),
    (GLASS_ASKED_NOTICE, "A second administrator is needed", "Somebody asks to break the glass of a private request."),
):
    register_notice_kind(_kind, "warn", set(), acknowledgeable=False, title=_title, text=_text)
register_notice_kind(
    PARTNER_NOTICE, "info", {"team", "count", "themes"}, acknowledgeable=False, title="{count} at the desk of {team}",
    text="In the last seven days. {themes}",
)  # fmt: skip
register_job_kind(PARTNER_JOB, run_partner_digest)
register_job_kind(SUMS_JOB, run_attainment)
register_job_kind(FORECAST_JOB, run_budget_forecast)
register_periodic(FORECAST_JOB, job_kind=FORECAST_JOB, cron="30 7 * * *")
register_periodic(SUMS_JOB, job_kind=SUMS_JOB, cron="5 2 * * *")
register_periodic(PARTNER_JOB, job_kind=PARTNER_JOB, cron="0 8 * * 1")
contribute("changes.hidden", hidden_changes)
contribute("tickets.hidden", hidden_tickets)
contribute("person.absence", absence_step)
contribute("person.leaving", leaving_step)
contribute("team.settings", settings_of_team)
register_job_kind(REFRESH_JOB, refresh_all)
register_periodic("requests.refresh_capacity", job_kind=REFRESH_JOB, cron="20 2 * * *")
register_invariant("requests.balances", drifted_periods)
contribute("changes.visible", visible_changes)
_UNDO = {"bulk_assigned": undoing.undo_bulk_assigned, "rule_added": undoing.undo_rule_added}
for verb, words in VERBS.items():
    why = "" if verb in _UNDO else "The timeline keeps every move."
    register_verb(f"requests.{verb}", f"{{actor}} {words} {{subject}}", undo=_UNDO.get(verb), why_no_undo=why)
register_panel("person.day", "ask", 10, panels.ask, "requests_queue/ask.html")
register_panel("person.day", "late", 30, panels.late_in_teams, "requests_queue/block.html")
register_panel("person.day", "desk", 40, panels.desk, "requests_queue/block.html")
register_panel("person.day", "my_work", 45, panels.my_work, "requests_queue/block.html")
register_panel("person.day", "my_requests", 50, panels.my_requests, "requests_queue/block.html")
register_panel("asset.detail", "open_requests", 50, panels.of_asset, "requests_queue/block.html")
register_need("requests", panels.needs)
register_search_source("requests", 20, panels.find_requests)
register_nav("requests", "Requests", "requests_list", "inbox", 10, shortcut="g r")
register_nav("budget", "Budget", "budget_own", "wallet", 12, shortcut="g y")
register_nav("sla", "Promises", "sla", "timer", 13)
register_nav("triage", "Triage", "triage", "list-checks", 11, shortcut="g q", count=panels.at_desk)
register_list("requests", "Requests", "/requests/")
register_command("requests_new", "File a request", "requests_new", "plus")
register_command("triage", "Triage the desk", "triage", "list-checks")
register_planning()
register_answers()
