"""What the room of people registers with the kernel and the engine."""

from __future__ import annotations

from portal.accounts.handlers import DIGEST, EXPIRY, FollowDigest, TokenExpiry
from portal.accounts.queries.finding import find_people, find_teams, is_somebody_away, who_leads
from portal.accounts.queries.routing import PeopleRouter
from portal.accounts.services.leaving import JOB, run_deactivation
from portal.accounts.services.letting_go import leaving_step
from portal.accounts.services.placing import KIND as PLACE_ME
from portal.accounts.services.seeding import seed_accounts
from portal.core.registries import (
    contribute,
    register_command,
    register_intent,
    register_nav,
    register_search_source,
    register_seed,
    register_verb,
)
from portal.engine.registries import register_deadline_kind, register_job_kind, register_notice_kind, register_router

register_seed("accounts", 10, seed_accounts)
register_router(PeopleRouter())
contribute("person.leaving", leaving_step)
register_job_kind(JOB, run_deactivation)

register_deadline_kind(EXPIRY, TokenExpiry(), "collapse")
register_deadline_kind(DIGEST, FollowDigest(), "collapse")
register_notice_kind(
    EXPIRY,
    "warn",
    ["name", "left"],
    acknowledgeable=False,
    title="The token {name} ends in {left}",
    text="Rotate it: the new one has the same rights, and the old one stays valid for 24 hours.",
)
register_notice_kind(
    PLACE_ME,
    "info",
    ["name", "team"],
    acknowledgeable=False,
    title="{name} says: I am in {team}",
    text="Add {name} on the page of the team, or leave it.",
)
register_notice_kind(
    DIGEST, "info", ["count", "lines"], acknowledgeable=False, title="{count} in what you follow", text="{lines}"
)

register_nav("teams", "Teams", "teams_list", "users", 80, group="Team", shortcut="g t")
register_nav("people", "People", "people_list", "user-round", 85, group="Team")
register_search_source("people", 40, find_people)
register_search_source("teams", 45, find_teams)
register_intent("lead", (r"who leads (?P<team>.+?)\??",), who_leads)
register_intent("away", (r"is (?P<name>.+?) away\??", r"where is (?P<name>.+?)\??"), is_somebody_away)
register_command("away", "I am away", "me_away", "plane")
register_command("tokens", "Tokens of my programs", "me_tokens", "key-round")

for _verb, _sentence in {
    "person_created": "{actor} made the account {subject}",
    "profile_changed": "{actor} changed the profile of {subject}",
    "flags_changed": "{actor} changed the role of {subject}",
    "team_created": "{actor} made the team {subject}",
    "team_changed": "{actor} changed the team {subject}",
    "team_archived": "{actor} archived the team {subject}",
    "member_added": "{actor} added {subject}",
    "membership_changed": "{actor} changed the place of {subject}",
    "membership_ended": "{actor} ended the place of {subject}",
    "person_left": "{actor} ended the account of {subject}",
    "person_deactivated": "The account of {subject} is closed",
    "leaver_swept": "What {subject} held is with others, or ended",
    "person_reactivated": "{actor} opened the account of {subject} again",
    "grant_given": "{actor} gave {subject}",
    "grant_revoked": "{actor} took back {subject}",
    "deputy_named": "{actor} named a deputy: {subject}",
    "deputy_ended": "{actor} ended a deputyship: {subject}",
    "absence_entered": "{actor} entered an absence: {subject}",
    "absence_cancelled": "{actor} cancelled an absence: {subject}",
    "method_added": "{actor} added a way to be reached",
    "method_verified": "{actor} verified a way to be reached",
    "method_removed": "{actor} removed a way to be reached",
    "rules_set": "{actor} set the rules of {subject}",
    "endpoint_created": "{actor} made the endpoint {subject}",
    "endpoint_changed": "{actor} changed the endpoint {subject}",
    "endpoint_removed": "{actor} removed the endpoint {subject}",
    "endpoint_rotated": "{actor} rotated the secret of {subject}",
    "identity_settled": "{actor} said who {subject} is",
    "identity_rejected": "{actor} said who {subject} is not",
    "team_asked": "{actor} asked to be in {subject}",
    "person_invited": "{actor} invited {subject}",
    "company_connected": "{actor} connected the company account of {subject}",
    "company_disconnected": "{actor} disconnected the company account of {subject}",
    "sign_in_failed": "A wrong password was given for {subject}",
    "token_issued": "{actor} made the token {subject}",
    "token_rotated": "{actor} rotated the token {subject}",
    "token_revoked": "{actor} revoked the token {subject}",
}.items():
    register_verb(f"accounts.{_verb}", _sentence)
