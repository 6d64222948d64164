"""What the ownership room registers with the kernel and the engine."""

from __future__ import annotations

from ownership.boundary_wiring import register_boundaries
from ownership.care_wiring import register_care
from ownership.handlers.announcements import AnnouncementReminders, AnnouncementSubject, RecipientSubject
from ownership.handlers.graph import run_aging, run_closure
from ownership.handlers.plans import (
    PlanDeadlines,
    PlanSubject,
    ReferenceDeadlines,
    ReferenceSubject,
    TriggerSubject,
    after_import,
    run_following,
)
from ownership.handover_wiring import register_handover
from ownership.importers.checks.manifest import check_manifest
from ownership.importers.checks.schema import check_schema
from ownership.importers.dbt.reader import DbtImporter
from ownership.importers.dbt.results import DbtResultsImporter
from ownership.importers.files.all import FILE_IMPORTERS
from ownership.importers.openlineage.live import drain
from ownership.importers.openlineage.reader import OpenLineageImporter
from ownership.importers.room import RegisterRoom
from ownership.panels.changes import announcements_waiting, plans_of, references_waiting
from ownership.panels.documents import documents_to_read
from ownership.panels.register import asked_of_me, find_assets, my_assets, who_owns
from ownership.queries.calls import plan_calls
from ownership.services.announcement_notices import ASKED, OBJECTED, REMINDED, REPLIED, SILENT
from ownership.services.announcing import REMINDER_KIND
from ownership.services.closures import CLOSURE_JOB
from ownership.services.hearing import READ_EVENTS
from ownership.services.identities import undo_identity
from ownership.services.leaving import held_by_the_inactive, leaving_step
from ownership.services.merging import unmerge_assets
from ownership.services.plan_deadlines import PLAN_NOTICE, REFERENCE_NOTICE
from ownership.services.planning import PLAN_KIND
from ownership.services.references import REFERENCE_KIND
from ownership.services.sources import SETTLE, run_settling
from ownership.services.stepping import BACKFILL_DONE
from ownership.services.telling import GAP_OPENED, RESTATED
from ownership.services.triggers import TRIGGER_NOTICE
from portal.core.importing.checks import register_file_check
from portal.core.importing.protocol import Importer, register_importer
from portal.core.registries import (
    contribute,
    register_append_only,
    register_command,
    register_intent,
    register_list,
    register_nav,
    register_need,
    register_panel,
    register_search_source,
    register_topic,
    register_verb,
)
from portal.engine.registries import (
    register_deadline_kind,
    register_destination,
    register_event_handler,
    register_invariant,
    register_job_kind,
    register_notice_kind,
    register_periodic,
    register_subject,
)

READERS: tuple[Importer, ...] = (DbtImporter(), DbtResultsImporter(), OpenLineageImporter(), *FILE_IMPORTERS)
for reader in READERS:
    register_importer(reader, RegisterRoom())
register_file_check("manifest", check_manifest)
register_file_check("schema", check_schema)
register_job_kind(READ_EVENTS, drain)
register_periodic(READ_EVENTS, job_kind=READ_EVENTS, every_seconds=60)

register_verb("ownership.asset_created", "{actor} added {subject}")
register_verb("ownership.asset_changed", "{actor} changed {subject}")
register_verb("ownership.asset_ended", "{actor} retired {subject}")
register_verb("ownership.assets_merged", "{actor} merged another entry into {subject}", undo=unmerge_assets)
register_verb("ownership.alias_added", "{actor} gave {subject} another name")
register_verb("ownership.alias_split", "{actor} took a name off {subject}")
register_verb("ownership.unowned_set", "{actor} decided whether {subject} needs an owner")
register_verb("ownership.history_corrected", "{actor} mended the past of {subject}")
register_verb("ownership.conflict_decided", "{actor} decided between a file and people on {subject}")
register_verb("ownership.identity_decided", "{actor} decided whom {subject} means", undo=undo_identity)
register_verb("ownership.domain_created", "{actor} added the domain {subject}")
register_verb("ownership.domain_changed", "{actor} changed the domain {subject}")
register_verb("ownership.asset_imported", "a file changed {subject}")
register_verb("ownership.asset_retired", "{subject} retired: two files in a row did not name it")
register_verb("ownership.proposed", "{actor} asked for an owner of {subject}")
register_verb("ownership.claimed", "{actor} took {subject}")
register_verb("ownership.accepted", "{actor} accepted {subject}")
register_verb("ownership.confirmed", "{actor} confirmed to own {subject}")
register_verb("ownership.declined", "{actor} declined {subject}")
register_verb("ownership.ended", "{actor} ended an ownership of {subject}")
register_verb("ownership.owner_left", "an owner of {subject} left")
register_verb("ownership.leaver_swept", "what files and people asked of {subject} was withdrawn")
register_verb(
    "ownership.source_set", "{actor} said how much {subject} counts", why_no_undo="It can be set again on its page."
)
register_verb("ownership.import_chunk", "{subject} wrote a part of the register")
register_verb("imports.applied", "{actor} applied {subject}")
register_verb("imports.discarded", "{actor} discarded {subject}")

ASSET = "ownership.asset"
register_topic("ownership.import_applied", "core.importrun", {"run": 1, "source": 1})
register_topic("ownership.owner_changed", ASSET, {"asset": 1, "duty": 1, "before": 7, "after": -3})
register_topic("ownership.run_state_changed", ASSET, {"asset": 1, "state": "failed", "at": "2026-03-02T03:00:00Z"})
register_topic("ownership.asset_renamed", ASSET, {"asset": 1, "before": "orders", "after": "fct_orders"})
register_topic("ownership.asset_deprecated", ASSET, {"asset": 1})
register_topic("ownership.asset_retired", ASSET, {"asset": 1})
register_topic("ownership.schema_changed", ASSET, {"asset": 1, "before": "ab12", "after": "cd34"})
register_topic("ownership.definition_changed", ASSET, {"asset": 1, "before": "ab12", "after": "cd34"})

register_notice_kind(
    "ownership.proposed",
    "info",
    {"asset", "role", "by"},
    acknowledgeable=False,
    title="{by} asks you to be {role} of {asset}",
    text="{by} asks whether you are {role} of {asset}. Open the asset to accept or to decline.",
)

register_boundaries()
register_handover()
register_care()
contribute("person.leaving", leaving_step)
register_append_only("ownership_evidence")
register_invariant("ownership.inactive_holder", held_by_the_inactive)
register_panel("person.day", "my_assets", 70, my_assets, "ownership/my_assets.html")
register_search_source("assets", 10, find_assets)
register_need("ownership.proposals", asked_of_me)
register_need("ownership.documents", documents_to_read)
register_intent("who_owns", (r"(?:who\s+owns|owner\s+of)\s+(?P<name>.+?)\??",), who_owns)
register_nav("assets", "Assets", "assets_list", "database", 30, group="Ownership", shortcut="g a")
register_nav("lineage", "Lineage", "lineage_start", "workflow", 31, group="Ownership", shortcut="g l")
register_nav("domains", "Domains", "domains_list", "layers", 33, group="Ownership", is_minor=True)
register_nav("conflicts", "Owner conflicts", "conflicts_list", "split", 34, group="Ownership", is_minor=True)
register_nav("identities", "Unknown names", "identities_list", "user-round-x", 35, group="Ownership", is_minor=True)
register_nav("sources", "Sources", "sources_list", "file-up", 38, group="Ownership", is_minor=True)
register_nav("imports", "Imports", "imports_list", "file-up", 32, group="Ownership", shortcut="g i")
register_list("assets", "Assets", "/assets/")
register_command("assets", "Find an asset", "assets_list", "database")
register_command("new-asset", "Add an asset", "assets_new", "plus")
register_command("sources", "Say how much a source counts", "sources_list", "file-up")
register_job_kind(SETTLE, run_settling)
register_command("imports", "Import a file", "imports_list", "file-up")

# Lineage
register_verb("ownership.closure_asked", "{actor} asked for everything around {subject}")
register_job_kind(CLOSURE_JOB, run_closure)
register_job_kind("ownership.age_edges", run_aging)
register_periodic("ownership.age_edges", job_kind="ownership.age_edges", every_seconds=3600)

# Announcements
register_verb("ownership.announced", "{actor} announced {subject}")
register_verb("ownership.announcement_read", "{actor} read {subject}")
register_verb("ownership.announcement_objected", "{actor} objected to {subject}")
register_verb("ownership.objection_answered", "{actor} answered an objection to {subject}")
register_deadline_kind(REMINDER_KIND, AnnouncementReminders(), "highest")
register_subject("ownership.announcement", AnnouncementSubject())
register_subject("ownership.announcementrecipient", RecipientSubject())
for _kind, _text in (
    (ASKED, "{by} announces {change} of {asset}. Of yours it touches {mine}. Say that you have read it, or object."),
    (REMINDED, "{by} waits for your answer to {change} of {asset}. Of yours it touches {mine}."),
):
    _keys = {"asset", "change", "by", "mine"}
    register_notice_kind(_kind, "info", _keys, acknowledgeable=True, title="{asset}: {change}", text=_text)
register_notice_kind(
    SILENT, "info", {"asset", "change", "names", "count"}, acknowledgeable=False,
    title="{asset}: {count} have not answered",
    text="Nobody heard from {names} about {change} of {asset}. The page names who could stand in.",
)  # fmt: skip
register_notice_kind(
    OBJECTED, "warn", {"asset", "change", "by", "text"}, acknowledgeable=False, title="{by} objects: {asset}",
    text="{by} objects to {change} of {asset}: {text}",
)  # fmt: skip
register_notice_kind(
    REPLIED, "info", {"asset", "change", "by", "text"}, acknowledgeable=False, title="{asset}: {by} answered you",
    text="{by} answered your objection to {change} of {asset}: {text}",
)  # fmt: skip
register_need("ownership.announcements", announcements_waiting)

# Backfills and migrations
for _verb, _words in {
    "plan_started": "planned", "plan_paused": "paused", "plan_running": "went on with", "plan_abandoned": "abandoned",
    "plan_rolled_back": "rolled back", "step_done": "ticked a step of", "step_failed": "could not do a step of",
    "reference_assigned": "said who moves a reference of",
    "reference_added": "named a reference of", "reference_moved": "moved a reference of",
    "reference_waived": "waived a reference of", "trigger_sent": "sent a run of", "trigger_ran": "saw a run of",
    "trigger_failed": "saw a run fail in", "trigger_set": "said how to run", "trigger_removed": "runs by hand again",
}.items():  # fmt: skip
    register_verb(f"ownership.{_verb}", f"{{actor}} {_words} {{subject}}", why_no_undo="The plan keeps every step.")
register_verb("ownership.reference_reopened", "a reference of {subject} reads the old table again")
register_verb("ownership.reference_closed", "a reference of {subject} has moved")
register_topic(BACKFILL_DONE, ASSET, {"asset": 1, "plan": 3})
register_topic(RESTATED, ASSET, {"asset": 1, "announcement": 2, "at": "2026-03-02T03:00:00Z"})
register_topic(GAP_OPENED, ASSET, {"asset": 1, "kind": "no_owner"})
register_deadline_kind(PLAN_KIND, PlanDeadlines(), "highest")
register_deadline_kind(REFERENCE_KIND, ReferenceDeadlines(), "highest")
register_subject("ownership.changeplan", PlanSubject())
register_subject("ownership.reference", ReferenceSubject())
register_subject("ownership.plantrigger", TriggerSubject())
register_notice_kind(
    PLAN_NOTICE, "info", {"asset", "words"}, acknowledgeable=False, title="{number}: {asset}", text="{words}"
)
register_notice_kind(
    REFERENCE_NOTICE, "info", {"asset", "reference", "due"}, acknowledgeable=False, title="{number}: move {reference}",
    text="{reference} still reads {asset}, which goes away. It should have moved by {due}.",
)  # fmt: skip
register_notice_kind(
    TRIGGER_NOTICE, "info", {"key", "job", "asset", "body"}, acknowledgeable=False, title="Run {job}",
    text="{key}: {asset} was rebuilt above.",
)  # fmt: skip
register_destination("pipeline", plan_calls)
register_event_handler("ownership.import_applied", "ownership.references", after_import)
register_job_kind("ownership.follow_runs", run_following)
register_periodic("ownership.follow_runs", job_kind="ownership.follow_runs", every_seconds=60)
register_need("ownership.references", references_waiting)
register_nav(
    "backfills",
    "Backfills",
    "backfills_list",
    "git-compare-arrows",
    33,
    group="Ownership",
    shortcut="g x",
    is_minor=True,
)
register_command("backfills", "Plan a backfill or migration", "backfills_list", "git-compare-arrows")
register_panel("asset.detail", "plans", 45, plans_of, "ownership/asset_plans.html")
