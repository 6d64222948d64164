"""What answers register with the kernel and the engine; called once by the room's `wiring`."""

from __future__ import annotations

from portal.core.registries import (
    contribute,
    register_check,
    register_command,
    register_nav,
    register_need,
    register_panel,
    register_search_source,
    register_verb,
)
from portal.engine.registries import (
    EventHandle,
    register_deadline_kind,
    register_event_handler,
    register_job_kind,
    register_notice_kind,
    register_periodic,
    register_subject,
)
from requests_queue import answer_handlers as handlers
from requests_queue import answer_panels as panels
from requests_queue.queries.resting import columns_named
from requests_queue.services.asks import WINDOW_KIND
from requests_queue.services.checking import EXPIRY_KIND
from requests_queue.services.phrases import EMBED_JOB
from requests_queue.services.stale_telling import DIGEST_KIND, DUE_NOTICE, STALE_NOTICE

BLOCK = "requests_queue/block.html"
SWEEP_JOB, REFIT_JOB = "requests.sweep_answers", "requests.refit_suggestions"
FORGET_JOB = "requests.forget_askers"
_VERBS = {
    "created": "began", "published": "published", "revised": "wrote a new version of", "edited": "edited",
    "verified": "checked", "alias_added": "added a wording to", "alias_removed": "removed a wording of",
    "merged": "merged", "retired": "put away", "restored": "brought back", "imported": "imported",
    "refitted": "fitted the suggestions again:", "fit_taken_back": "took back",
}  # fmt: skip
_TOPICS = (
    "owner_changed", "schema_changed", "definition_changed", "asset_renamed", "asset_deprecated", "asset_retired",
)  # fmt: skip
_OTHER_TOPICS: dict[str, EventHandle] = {
    "backfill_done": handlers.backfill_done,
    "restated": handlers.restated,
    "import_applied": handlers.import_applied,
}


def register_answers() -> None:
    for verb, words in _VERBS.items():
        register_verb(f"faq.{verb}", f"{{actor}} {words} {{subject}}", why_no_undo="Versions and wordings are kept.")
    register_verb("faq.stale", "{subject} became stale", why_no_undo="A check clears it.")
    register_verb("faq.owner_followed", "{subject} followed its data to a new owner", why_no_undo="Name another owner.")
    register_subject("requests_queue.faqentry", handlers.EntrySubject())
    register_notice_kind(
        STALE_NOTICE, "info", {"line"}, acknowledgeable=False, title="An answer of yours needs a look",
        text="{line} All that wait for you stand on the page of answers to check.",
    )  # fmt: skip
    register_notice_kind(
        DUE_NOTICE, "info", {"line"}, acknowledgeable=False, title="A check of an answer runs out", text="{line}"
    )
    register_deadline_kind(EXPIRY_KIND, handlers.AnswerExpiry(), "highest")
    register_deadline_kind(DIGEST_KIND, handlers.AnswerDigest(), "collapse")
    register_deadline_kind(WINDOW_KIND, handlers.DeflectionWindow(), "collapse")
    register_job_kind(EMBED_JOB, handlers.run_embedding)
    register_job_kind(SWEEP_JOB, handlers.run_sweep)
    register_job_kind(REFIT_JOB, handlers.run_refit)
    register_job_kind(FORGET_JOB, handlers.run_forgetting)
    register_periodic(EMBED_JOB, job_kind=EMBED_JOB, every_seconds=120)
    register_periodic(SWEEP_JOB, job_kind=SWEEP_JOB, every_seconds=3600)
    register_periodic(REFIT_JOB, job_kind=REFIT_JOB, cron="20 3 1 * *")
    register_periodic(FORGET_JOB, job_kind=FORGET_JOB, cron="10 4 * * *")
    for topic in _TOPICS:
        register_event_handler(f"ownership.{topic}", "requests.answers", handlers.asset_changed)
    for topic, handle in _OTHER_TOPICS.items():
        register_event_handler(f"ownership.{topic}", "requests.answers", handle)
    contribute("person.leaving", handlers.leaving_step)
    contribute("columns.named", columns_named)
    register_panel("asset.detail", "answers", 75, panels.on_asset, BLOCK)
    register_panel("person.day", "answers", 60, panels.my_answers, BLOCK)
    register_need("answers", panels.needs)
    register_search_source("answers", 15, panels.find_answers)
    register_check("semantic", 60, panels.semantic_check, "pip install -r requirements-semantic.txt")
    register_nav("answers", "Answers", "faq_list", "book-open-check", 13, shortcut="g f")
    register_command("faq_new", "Write an answer", "faq_new", "book-open-check")
    register_command("faq_review", "Answers to check", "faq_review", "badge-check")
