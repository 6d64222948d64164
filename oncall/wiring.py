"""What this room registers with the kernel and the engine."""

from __future__ import annotations

from oncall.handlers import rotas as handlers
from oncall.handlers.digests import run_digests
from oncall.importers.readers import READERS
from oncall.importers.room import DutyRoom
from oncall.models import CompDay, CoverRequest, RotaEdit, ShiftChange, SpecialPeriod
from oncall.panels import duty
from oncall.panels.settings import settings_of_team
from oncall.queries.board import needs_waking, on_call_now
from oncall.queries.on_assets import incidents_of_assets
from oncall.queries.traffic import tickets_between
from oncall.services import shift_news, timers, undoing
from oncall.services.absences import absence_step
from oncall.services.leaving import leaving_step
from oncall.wiring_night import wire_night
from portal.core.importing.protocol import register_importer
from portal.core.registries import (
    contribute,
    register_append_only,
    register_command,
    register_intent,
    register_nav,
    register_need,
    register_panel,
    register_verb,
)
from portal.engine.registries import (
    register_deadline_kind,
    register_job_kind,
    register_notice_kind,
    register_periodic,
    register_subject,
)

# What was served, earned and told is never rewritten.
for table in ("effectiveshift", "dutyledgerentry", "shiftnote"):
    register_append_only(f"oncall_{table}")

# Rotas: timers, subjects, work by night.
register_deadline_kind(timers.HANDOFF, handlers.Handoffs(), "rebase")
register_deadline_kind(timers.REMINDER, handlers.Reminders(), "expire")
register_deadline_kind(timers.COVER, handlers.Covers(), "rebase")
register_deadline_kind(timers.PERIOD, handlers.Periods(), "rebase")
register_deadline_kind(timers.CONSENT, handlers.Consents(), "rebase")
register_deadline_kind(timers.COMP, handlers.CompDays(), "collapse")
register_subject(timers.ROTA, handlers.RotaSubject())
for subject, model in (
    (timers.COVER_SUBJECT, CoverRequest), (timers.SWAP_SUBJECT, ShiftChange), (timers.COMP_SUBJECT, CompDay),
    (timers.EDIT_SUBJECT, RotaEdit), (timers.PERIOD_SUBJECT, SpecialPeriod),
):  # fmt: skip
    register_subject(subject, handlers.PartSubject(model))
register_job_kind("oncall.plan", handlers.run_plans)
register_job_kind("oncall.digest", run_digests)
register_periodic("oncall.digest", job_kind="oncall.digest", every_seconds=3600)
register_periodic("oncall.plan", job_kind="oncall.plan", cron="10 3 * * *")
register_job_kind("oncall.verify", handlers.run_verify)
register_periodic("oncall.verify", job_kind="oncall.verify", cron="40 3 * * *")
for kind, severity, title in (
    (shift_news.CHANGED, "info", "{rota}: your shifts changed"),
    (shift_news.ASKED, "warn", "{rota}: you are asked"),
    (shift_news.SHIFT_STARTS, "info", "{rota}: your shift begins"),
    (shift_news.LEAD, "info", "{rota}: for the lead"),
    (shift_news.GAP, "warn", "{rota}: nobody is on call"),
    (shift_news.DIFFERS, "warn", "{rota}: plan and rules differ"),
):
    register_notice_kind(kind, severity, {"rota", "line"}, acknowledgeable=False, title=title, text="{line}")  # type: ignore[arg-type]  # a literal each
for reader in READERS:
    register_importer(reader, DutyRoom())
contribute("person.absence", absence_step)
contribute("person.leaving", leaving_step)
contribute("team.on_call_now", on_call_now)
contribute("team.settings", settings_of_team)
contribute("contact.required", needs_waking)
contribute("asset.incident", incidents_of_assets)
contribute("boundary.traffic", tickets_between)
contribute("shell.on_call", duty.chip)
register_panel("person.day", "duty", 20, duty.my_shifts, "oncall/duty_block.html")
register_panel("team.detail", "duty", 20, duty.of_team, "oncall/duty_block.html")
register_need("duty", duty.needs)
register_nav("oncall", "On-call", "oncall_now", "siren", 30, group="On-call", shortcut="g o")
register_command("oncall_now", "Who is on call", "oncall_now", "siren")
register_command("oncall_proof", "Would the pager work tonight", "oncall_proof", "shield-check")
register_command("oncall_changes", "Changes of shifts", "oncall_changes", "repeat")
register_command("oncall_swaps", "Swaps of shifts", "oncall_swaps", "repeat")
register_command("oncall_covers", "Requests for cover", "oncall_covers", "hand-helping")
register_command("oncall_periods", "Special periods and holidays", "oncall_periods", "calendar")
register_command("oncall_edits", "Changes that wait for a yes", "oncall_edits", "repeat")
register_command("oncall_calendars", "Shifts in my calendar", "oncall_calendars", "calendar")
register_intent(
    "on_call", (r"who is on[- ]call(?: now)?\??", r"who is on[- ]call for (?P<team>.+?)\??"), duty.who_is_on_call
)
_VERBS = {
    "rota_created": "made", "version_published": "published new rules of", "planned": "extended the plan of",
    "override_made": "gave a shift of", "override_proposed": "asked somebody to take a shift of",
    "take_made": "took a shift of", "cover_made": "agreed on a cover in", "cover_proposed": "offered a cover in",
    "swap_made": "swapped shifts of", "swap_proposed": "offered a swap in", "guardrail_made": "spared a night in",
    "guardrail_proposed": "offered to spare a night in", "import_made": "imported a shift of",
    "import_proposed": "imported an offer in", "change_refused": "refused a shift of",
    "change_withdrawn": "took a change back in", "cover_asked": "asked for cover in",
    "gap_accepted": "accepted a gap in", "rota_archived": "archived",
    "edit_asked": "asked about a change of", "edit_answered": "answered about a change of",
    "edit_applied": "put an agreed change in force in", "edit_declined": "said no to a change of",
    "edit_withdrawn": "took a question back in", "edit_lapsed": "let a question lapse in",
    "edit_moved": "ended a question about a plan that moved in",
    "comp_day_taken": "took a day off earned in", "ledger_adjusted": "corrected balances of",
    "period_opened": "opened a special period of", "draft_picked": "took part in the draft of",
    "draft_closed": "closed the draft of", "major_set": "set the major holiday",
    "major_removed": "removed the major holiday",
    "period_cancelled": "took a special period back in",
    "ties_set": "settled what is beside",
    "duty_set": "settled the", "note_written": "left a note in", "feed_issued": "made the", "feed_revoked": "ended the",
}  # fmt: skip
_UNDO = {"rota_created": undoing.undo_rota_created, "version_published": undoing.undo_version_published}
for verb, words in _VERBS.items():
    why = "" if verb in _UNDO else "A later change takes it back."
    register_verb(f"oncall.{verb}", f"{{actor}} {words} {{subject}}", undo=_UNDO.get(verb), why_no_undo=why)

wire_night()
