"""What incidents, agreements, runbooks and upstream tickets register; called by `wiring`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall.domain.escalation import STEP_KIND
from oncall.handlers import incidents, upkeep
from oncall.models import AgreementVersion, GuardrailFire, UpstreamTicket
from oncall.panels import night, strain
from oncall.queries.backfills import cause_of_plan
from oncall.queries.loads import oncall_loads
from oncall.services.loans import TAKEN
from oncall.services.tickets import CLOSED, OPENED
from portal.core.registries import (
    LoadColumn,
    contribute,
    register_append_only,
    register_command,
    register_load_columns,
    register_nav,
    register_need,
    register_panel,
    register_search_source,
    register_topic,
    register_verb,
)
from portal.engine.registries import (
    register_deadline_kind,
    register_event_handler,
    register_job_kind,
    register_notice_kind,
    register_subject,
)

if TYPE_CHECKING:
    from portal.engine.domain.drafts import Severity

APPEND_ONLY = ("incidentevent", "escalationpolicyversion", "runbookuse", "precheckresult", "ticketevent")
_ABOUT = {"title", "asset", "line"}
_NOTICES: tuple[tuple[str, Severity, set[str], bool, str, str], ...] = (
    ("oncall.page", "page", _ABOUT, True, "{number}: {title}", "{asset}. {line}"),
    ("oncall.still_on_it", "page", _ABOUT, True, "{number}: are you still on it?",
     "Acknowledge within ten minutes, else the next one is paged. {title}"),
    ("oncall.task", "warn", _ABOUT, False, "{number}: {title}", "{asset} waits for you in working hours. {line}"),
    ("oncall.affected", "info", _ABOUT, False, "{number}: {title}", "What you own fails because of {asset}. {line}"),
    ("oncall.update", "info", {"title", "line"}, False, "{number}: {title}", "{line}"),
    ("oncall.note_asked", "info", {"rota", "line"}, False, "{rota}: a word for the next shift", "{line}"),
    ("oncall.update_due", "warn", _ABOUT, False, "{number}: you promised word", "Downstream waits for news. {title}"),
    ("oncall.help", "warn", _ABOUT, False, "{number}: your help is asked", "{title}. {line}"),
    ("oncall.ticket", "warn", {"title", "team", "state"}, False, "{number}: {title}",
     "{team} is asked to unblock somebody downstream."),
    ("oncall.ticket_overdue", "warn", {"title", "team", "state"}, False, "{number} is overdue", "{team}: {title}"),
    ("oncall.ticket_moved", "info", {"title", "team", "state"}, False, "{number} is {state}", "{team}: {title}"),
    ("oncall.agreement_ends", "info", {"asset", "team", "left"}, False, "3 am agreement on {asset}",
     "What was agreed with {team} {left}."),
    ("oncall.guardrail", "warn", {"rule", "person", "outcome"}, False, "A guarded night for {person}",
     "{rule}. {outcome}"),
    ("oncall.too_many_pages", "warn", {"rota", "line"}, False, "{rota} pages too often", "{line}"),
)  # fmt: skip
_VERBS = {
    "downstream_registered": "registered {subject}", "agreement_drafted": "proposed a text for {subject}",
    "agreement_signed": "signed {subject}", "agreement_ended": "ended {subject}",
    "incident_opened": "opened {subject}", "incident_acknowledged": "is on {subject}",
    "incident_asleep": "let {subject} sleep", "incident_waiting_upstream": "waits for upstream on {subject}",
    "incident_hold_ended": "acted on {subject} at its hour", "incident_worse": "raised {subject}",
    "incident_woke": "woke {subject}", "incident_unacknowledged": "heard nothing about {subject}",
    "incident_overdue": "took {subject} up again: its ticket is overdue",
    "incident_resolved": "resolved {subject}", "incident_reopened": "re-opened {subject}",
    "incident_merged": "merged {subject}", "incident_split": "split {subject}", "incident_noted": "noted on {subject}",
    "incident_reported": "stands behind {subject} with a request",
    "incident_escalated": "woke the next one for {subject}", "kind_corrected": "corrected the kind of {subject}",
    "failure_rule_kept": "kept what {subject} means",
    "failure_rule_removed": "took back what {subject} means",
    "downstream_told": "told downstream about {subject}", "ticket_opened": "asked upstream: {subject}",
    "ticket_moved": "moved {subject}", "ticket_answered": "answered {subject}", "ticket_linked": "linked {subject}",
    "ticket_passed_on": "passed {subject} to the lead",
    "runbook_drafted": "changed {subject}", "runbook_published": "published {subject}",
    "runbook_archived": "archived {subject}", "runbook_used": "used {subject}", "silenced": "made a {subject}",
    "maintenance_planned": "planned {subject}", "quiet_ended": "ended {subject}",
    "expectation_made": "expects {subject}", "expectation_paused": "paused or resumed {subject}",
    "integration_made": "added the integration {subject}", "integration_rotated": "changed the secret of {subject}",
    "integration_changed": "changed the integration {subject}", "precheck_made": "added the check {subject}",
    "precheck_paused": "paused or resumed the check {subject}",
    "backfill_started": "started a backfill for {subject}",
    "help_asked": "asked for help with {subject}", "help_answered": "answered about {subject}",
    "impact_said": "said whether {subject} mattered", "escalation_published": "published {subject}",
    "asset_duty_set": "settled the {subject}",
    "pages_asked": "asked about pages: {subject}", "pages_answered": "answered about {subject}",
    "guardrail_fired": "guarded a night: {subject}", "guardrail_declined": "declined a guarded night: {subject}",
}  # fmt: skip
_NAV = (
    ("incidents", "Incidents", "incidents_list", "siren", 31, "g w", night.open_count),
    ("agreements", "3 am agreements", "agreements_list", "moon-star", 34, "g m", None),
    ("runbooks", "Runbooks", "runbooks_list", "book-open-check", 35, "g k", None),
    ("upstream", "Upstream", "upstream_list", "ticket", 36, "g u", None),
)  # fmt: skip
# What four weeks may ask of one person, and what a lead does about more.
_LOADS = (
    ("nights", 10, "Nights on call", "", 14, "spread the rota over more people"),
    ("night_pages", 12, "Pages at night", "", 6, "change the agreement or fix the cause"),
    ("woken", 14, "Nights woken", "", 4, "offer rest and a night off"),
    ("incident_minutes", 16, "On incidents", "min", 960, "fix the cause of what breaks most"),
    ("points", 18, "Points of duty", "", None, ""),
    ("rest_hours", 70, "Rest taken", "h", None, ""),
    ("days_off_owed", 72, "Days off owed", "", 3, "plan the days off that are owed"),
)


def wire_night() -> None:
    """Everything of this half of the room; `wiring` calls it once."""
    for table in APPEND_ONLY:
        register_append_only(f"oncall_{table}")
    _wire_engine()
    for kind, severity, keys, acknowledgeable, title, text in _NOTICES:
        register_notice_kind(kind, severity, keys, acknowledgeable=acknowledgeable, title=title, text=text)
    for verb, words in _VERBS.items():
        register_verb(f"oncall.{verb}", f"{{actor}} {words}", why_no_undo="The timeline keeps every move.")
    _wire_pages()


def _wire_engine() -> None:
    register_deadline_kind(STEP_KIND, incidents.EscalationSteps(), "rebase", worker_task="oncall.fire_escalation_steps")
    for kind, handler, catch_up in (*incidents.KINDS, *upkeep.KINDS):
        register_deadline_kind(kind, handler, catch_up)
    for job, run in upkeep.JOBS:
        register_job_kind(job, run)
    register_subject("oncall.incident", incidents.IncidentSubject())
    for model in (UpstreamTicket, AgreementVersion, GuardrailFire):
        register_subject(model._meta.label_lower, upkeep.ReadableSubject(model))  # noqa: SLF001 (Django's API)
    for topic in (OPENED, CLOSED):
        register_topic(topic, "oncall.upstreamticket", {"ticket": 1, "asset": 1, "incident": 1})
    register_topic(TAKEN, "oncall.incident", {"asset": 1, "team": 2, "use": 7})
    register_event_handler("ownership.owner_changed", "agreements", upkeep.owner_changed)
    register_event_handler("ownership.run_state_changed", "incidents", upkeep.run_state_changed)
    register_event_handler("ownership.backfill_done", "incidents", upkeep.backfill_done)
    register_event_handler("ownership.import_applied", "promises", upkeep.import_applied)


def _wire_pages() -> None:
    register_panel("asset.detail", "night", 20, night.asset_night, "oncall/asset_night.html")
    register_panel("asset.detail", "runbook", 30, night.asset_runbook, "oncall/block.html")
    register_panel("person.day", "open_incident", 5, night.my_incidents, "oncall/block.html")
    register_panel("person.day", "upstream_mine", 20, night.my_tickets, "oncall/block.html")
    register_panel("team.detail", "strain", 21, strain.of_team, "oncall/block.html")
    register_need("oncall", night.needs)
    register_need("guardrails", strain.needs)
    contribute("plan.cause", cause_of_plan)
    register_search_source("incidents", 30, night.find_incidents)
    for key, label, url_name, icon, order, shortcut, count in _NAV:
        register_nav(key, label, url_name, icon, order, group="On-call", shortcut=shortcut, count=count)
    register_command("incidents_new", "Report an incident", "incidents_new", "siren")
    register_command("integrations", "Integrations and silences", "integrations_list", "plug")
    register_command("failure_rules", "What words of an alert mean", "failure_rules", "book-open-check")
    register_command("dry_run", "What happens if it breaks?", "dry_run", "moon-star")
    register_command("guardrails", "Guardrails: what pages too often", "guardrails", "shield-check")
    register_command("oncall_replay", "Replay past nights", "oncall_replay", "history")
    register_command("oncall_rest", "Rest until noon after a broken night", "oncall_rest", "moon-star")
    register_load_columns(
        [
            LoadColumn(key, order, label, unit, oncall_loads, limit, action)
            for key, order, label, unit, limit, action in _LOADS
        ]
    )
    register_command("ladders", "Escalation: who is told next", "ladders", "list-checks")
