"""The sentence of each audited act of people and teams, with its inverse, or why there is none (spec site 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.accounts.services import undoing
from portal.core.registries import register_verb

if TYPE_CHECKING:
    from collections.abc import Callable

INVERSES: dict[str, tuple[str, Callable[..., object]]] = {
    "profile_changed": ("{actor} changed the profile of {subject}", undoing.undo_profile),
    "team_created": ("{actor} made the team {subject}", undoing.undo_team_created),
    "team_changed": ("{actor} changed the team {subject}", undoing.undo_team),
    "organization_changed": ("{actor} changed the settings of {subject}", undoing.undo_organization),
    "fallback_changed": ("{actor} changed who hears what nobody else can be told", undoing.undo_fallback),
    "member_added": ("{actor} added {subject}", undoing.undo_place),
    "membership_changed": ("{actor} changed the place of {subject}", undoing.undo_place_change),
    "membership_ended": ("{actor} ended the place of {subject}", undoing.undo_place_end),
    "grant_given": ("{actor} gave {subject}", undoing.undo_grant),
    "grant_revoked": ("{actor} took back {subject}", undoing.undo_grant_end),
    "deputy_named": ("{actor} named a deputy: {subject}", undoing.undo_deputy),
    "absence_entered": ("{actor} entered an absence: {subject}", undoing.undo_absence),
}
FINAL = {
    "person_created": (
        "{actor} made the account {subject}",
        "Close the account instead; a handle is never used twice.",
    ),
    "flags_changed": (
        "{actor} changed the role of {subject}",
        "Roles are given and taken on purpose, each with a reason.",
    ),
    "team_archived": ("{actor} archived the team {subject}", "Its programs have lost their tokens. Make a new team."),
    "person_left": (
        "{actor} ended the account of {subject}",
        "Sessions and tokens have ended. Open the account again.",
    ),
    "person_deactivated": ("The account of {subject} is closed", "Open the account again."),
    "leaver_swept": (
        "What {subject} held is with others, or ended",
        "What others hold now is theirs. Open the account again.",
    ),
    "person_reactivated": ("{actor} opened the account of {subject} again", "Close the account again."),
    "deputy_ended": ("{actor} ended a deputyship: {subject}", "Name the deputy again."),
    "absence_cancelled": (
        "{actor} cancelled an absence: {subject}",
        "Enter it again: what it leaves uncovered may be different now.",
    ),
    "method_added": ("{actor} added a way to be reached", "Remove it where you added it."),
    "method_verified": ("{actor} verified a way to be reached", "What was proved stays proved."),
    "method_removed": ("{actor} removed a way to be reached", "Add it again and verify it."),
    "hours_published": ("{actor} changed the hours of {subject}", "Write the hours before again, or take the team's."),
    "rules_set": ("{actor} set the rules of {subject}", "Set the rules again."),
    "endpoint_created": ("{actor} made the endpoint {subject}", "Remove the endpoint on its page."),
    "endpoint_changed": ("{actor} changed the endpoint {subject}", "An old address is kept nowhere. Change it again."),
    "endpoint_off": ("{subject} was switched off: it kept failing", "Mend the other side, then switch it on."),
    "endpoint_removed": ("{actor} removed the endpoint {subject}", "Its address and secret are gone. Make a new one."),
    "endpoint_rotated": ("{actor} rotated the secret of {subject}", "The old secret is gone."),
    "factor_reset_asked": ("{actor} says that {subject} lost the second factor", "End it on its page."),
    "factor_reset_approved": ("{actor} agreed to take off the second factor of {subject}", "A new one is set up."),
    "factor_reset_refused": ("{actor} took no second factor off {subject}", "It can be asked again."),
    "holidays_confirmed": ("{actor} confirmed {subject}", "Confirm the year again; days that are over stay."),
    "holidays_followed": ("{actor} said whose public holidays {subject} keeps", "Say it again where it was said."),
    "absence_moved": ("{actor} moved an absence: {subject}", "Move it back: what it leaves uncovered may differ now."),
    "absence_read": ("A calendar says {subject}", "Change it in the calendar it comes from."),
    "feed_connected": ("{actor} connected a calendar of absences", "Disconnect it where you connected it."),
    "feed_disconnected": ("{actor} disconnected a calendar of absences", "Its address is kept nowhere."),
    "proposal_accepted": ("{actor} accepted {subject}", "Take the person out of the team."),
    "proposal_declined": ("{actor} declined {subject}", "Add the person to the team."),
    "person_anonymized": ("{actor} made a leaver nameless", "The name is kept nowhere."),
    "identity_settled": ("{actor} said who {subject} is", "Decide it anew on the page of unknown names."),
    "identity_rejected": ("{actor} said who {subject} is not", "Decide it anew on the page of unknown names."),
    "view_saved": ("{actor} kept the view {subject}", "Forget it on the page of kept views."),
    "view_forgotten": ("{actor} forgot the view {subject}", "Keep the address again."),
    "team_asked": ("{actor} asked to be in {subject}", "Asking is no change yet."),
    "person_invited": ("{actor} invited {subject}", "The mail has left the house."),
    "company_connected": (
        "{actor} connected the company account of {subject}",
        "Disconnect it on the page of sessions.",
    ),
    "company_disconnected": ("{actor} disconnected the company account of {subject}", "Connect it again."),
    "sessions_ended": ("{actor} ended sign-ins of {subject}", "Sign in again."),
    "door_changed": ("{actor} changed how {subject} signs in", "Change it again where it was changed."),
    "sign_in_failed": ("A wrong password was given for {subject}", "A try stays a try."),
    "token_issued": ("{actor} made the token {subject}", "Revoke it."),
    "token_rotated": ("{actor} rotated the token {subject}", "The old one ends by itself."),
    "token_revoked": ("{actor} revoked the token {subject}", "Make a new one."),
}


def register_verbs() -> None:
    """Called once, by `wiring`."""
    for verb, (sentence, undo) in INVERSES.items():
        register_verb(f"accounts.{verb}", sentence, undo=undo)
    for verb, (sentence, why) in FINAL.items():
        register_verb(f"accounts.{verb}", sentence, why_no_undo=why)
