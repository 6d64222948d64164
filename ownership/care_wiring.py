"""What keeps ownership true: reviews, guesses, load. Called once by the room's `wiring`."""

from __future__ import annotations

from ownership.handlers.boundaries import RegisterSubject
from ownership.handlers.reviews import ReviewSteps
from ownership.models import ReviewCampaign
from ownership.panels.care import reviews_to_answer
from ownership.panels.caring import care_card
from ownership.panels.early_word import early_word
from ownership.panels.shapes import would_be_missed
from ownership.queries.loads import owned_points
from ownership.services import review_telling, reviewing
from ownership.services.inferring import run_inference
from ownership.services.risks import run_risks
from portal.core.registries import (
    register_command,
    register_list,
    register_load_column,
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

_VERBS = {
    "review_started": "{actor} started the {subject}",
    "review_closed": "the {subject} ended",
    "review_answered": "{actor} said in the review whose {subject} is",
}
_PROPOSALS = {
    "proposal_sent": "asked the party that files name for {subject}",
    "answer_undone": "took an answer about {subject} back",
}
_REVIEW = {"quarter", "count", "due"}
_NOTICES = (
    (
        review_telling.ASKED_NOTICE, "Review of {quarter}: {count}, still yours?",
        "{count} of yours show no work in 90 days, or are of tier 1. Say by {due} whether they are still yours.",
    ),
    (
        review_telling.REMINDED_NOTICE, "Review of {quarter}: {count} wait for your answer",
        "{count} still wait for a word whether they are yours. The review ends on {due}.",
    ),
    (
        review_telling.ENDED_NOTICE, "Review of {quarter} has ended: {count} without an answer",
        "{count} of your team were not confirmed by {due}. They are gaps now; a late answer closes them.",
    ),
)  # fmt: skip


def register_care() -> None:
    """Everything, in small tables."""
    for verb, words in _VERBS.items():
        register_verb(f"ownership.{verb}", words, why_no_undo="A later answer counts instead.")
    for verb, words in _PROPOSALS.items():
        register_verb(f"ownership.{verb}", f"{{actor}} {words}")
    for kind, title, text in _NOTICES:
        register_notice_kind(kind, "info", _REVIEW, acknowledgeable=False, title=title, text=text)
    register_deadline_kind(reviewing.DEADLINE, ReviewSteps(), "highest")
    register_subject("ownership.reviewcampaign", RegisterSubject(ReviewCampaign))
    register_job_kind("ownership.reviews", reviewing.run_due_review)
    register_periodic("ownership.reviews", job_kind="ownership.reviews", cron="10 4 * * *")
    register_panel("asset.detail", "care", 30, care_card, "ownership/care.html")
    register_panel("person.day", "early_word", 61, early_word, "ownership/boundaries/early_word.html")
    register_panel("person.detail", "without", 40, would_be_missed, "ownership/missed.html")
    register_load_column("owned", 40, "What they own", "points", owned_points, limit=60, action="hand assets over")
    register_need("ownership.reviews", reviews_to_answer)
    register_job_kind("ownership.inference", run_inference)
    register_periodic("ownership.inference", job_kind="ownership.inference", cron="20 3 * * *")
    register_job_kind("ownership.risks", run_risks)
    register_periodic("ownership.risks", job_kind="ownership.risks", cron="50 2 * * *")
    register_nav("risks", "At risk", "risks_list", "life-buoy", 34, group="Ownership", is_minor=True)
    register_list("risks", "At risk", "/risks/")
    register_command("risks", "What rests on too few", "risks_list", "life-buoy")
    register_nav("reviews", "Reviews", "reviews_list", "list-checks", 37, group="Ownership", is_minor=True)
    register_command("reviews", "Reviews", "reviews_list", "list-checks")
