"""What becomes of a leaver's assets: what that registers with the kernel and the engine; called by `wiring`."""

from __future__ import annotations

from ownership.handlers.boundaries import RegisterSubject
from ownership.handlers.handover import ActingEnds
from ownership.models import Ownership
from ownership.services.acting import ACTING_DUE, ACTS, LEFT_OPEN, STILL_ACTS
from portal.core.registries import register_verb
from portal.engine.registries import register_deadline_kind, register_notice_kind, register_subject

_NOTICES = (
    (
        ACTS, {"leaver", "count", "assets", "until"}, "You act as owner of {count} of {leaver}",
        "{leaver} left. Until somebody is confirmed you act as owner of {assets}. Confirm or hand on by {until}.",
    ),
    (
        STILL_ACTS, {"leaver", "count", "assets", "party"}, "{party} still acts for {count} of {leaver}",
        "Ten working days ago {leaver} left, and {party} acts as owner of {assets} since. Confirm it or hand it on.",
    ),
    (
        LEFT_OPEN, {"leaver", "count", "assets"}, "No owner for {count} since {leaver} left",
        "{leaver} left, and nobody could act as owner of {assets}. Claim them or nominate somebody.",
    ),
)  # fmt: skip


def register_handover() -> None:
    """The deadline, its subject, and what people hear."""
    register_verb("ownership.handoff_passed_on", "{subject} passed to a lead: who offered it left")
    register_deadline_kind(ACTING_DUE, ActingEnds(), "highest")
    register_subject("ownership.ownership", RegisterSubject(Ownership))
    for kind, keys, title, text in _NOTICES:
        register_notice_kind(kind, "info", keys, acknowledgeable=False, title=title, text=text)
