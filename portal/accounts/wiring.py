"""What the room of people registers with the kernel and the engine."""

from __future__ import annotations

from portal.accounts.handlers import DIGEST, EXPIRY, FollowDigest, TokenExpiry
from portal.accounts.queries.factors import resets_to_approve
from portal.accounts.queries.finding import find_people, find_teams, is_somebody_away, who_leads
from portal.accounts.queries.proposals import proposals_to_decide
from portal.accounts.queries.routing import PeopleRouter
from portal.accounts.queries.sole_rights import absence_step
from portal.accounts.services.absence_feeds import JOB as FEEDS
from portal.accounts.services.absence_feeds import read_absence_feeds
from portal.accounts.services.endpoint_watch import FAILING, OFF, WATCH_JOB, run_endpoint_watch
from portal.accounts.services.factors import ASKED, RESET
from portal.accounts.services.holidays import RECOMPOSE, recompose_hours
from portal.accounts.services.leaving import JOB, run_deactivation
from portal.accounts.services.letting_go import leaving_step
from portal.accounts.services.placing import KIND as PLACE_ME
from portal.accounts.services.seeding import seed_accounts
from portal.accounts.wiring_verbs import register_verbs
from portal.core.registries import (
    contribute,
    register_append_only,
    register_command,
    register_intent,
    register_nav,
    register_need,
    register_search_source,
    register_seed,
)
from portal.engine.registries import (
    register_deadline_kind,
    register_job_kind,
    register_notice_kind,
    register_periodic,
    register_router,
)

register_seed("accounts", 10, seed_accounts)
register_router(PeopleRouter())
contribute("person.leaving", leaving_step)
contribute("person.absence", absence_step)
register_need("accounts.proposals", proposals_to_decide)
register_need("accounts.factors", resets_to_approve)
register_job_kind(FEEDS, read_absence_feeds)
register_periodic(FEEDS, job_kind=FEEDS, every_seconds=3600)
register_job_kind(RECOMPOSE, recompose_hours)
register_periodic(RECOMPOSE, job_kind=RECOMPOSE, cron="20 2 * * *")
register_job_kind(JOB, run_deactivation)

register_job_kind(WATCH_JOB, run_endpoint_watch)
register_periodic(WATCH_JOB, job_kind=WATCH_JOB, every_seconds=900)

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
    ASKED,
    "warn",
    ["name", "admin"],
    acknowledgeable=False,
    title="{admin} says: {name} lost the second factor",
    text="Another admin has to agree within a day. If {name} did not ask for this, end it.",
)
register_notice_kind(
    RESET,
    "warn",
    ["name", "admin"],
    acknowledgeable=False,
    title="Two admins took off the second factor of {name}",
    text="Every sign-in has ended. Sign in with the password, set up a new one. If you did not ask, tell an admin.",
)
register_notice_kind(
    FAILING,
    "warn",
    ["name", "reason"],
    acknowledgeable=False,
    title="The endpoint {name} has failed for a day",
    text="Last answer: {reason} It is switched off after five days without a success.",
)
register_notice_kind(
    OFF,
    "warn",
    ["name", "reason"],
    acknowledgeable=False,
    title="The endpoint {name} is switched off",
    text="{reason} Mend the other side, then switch it on and send again what was missed.",
)
register_notice_kind(
    DIGEST, "info", ["count", "lines"], acknowledgeable=False, title="{count} in what you follow", text="{lines}"
)

register_nav("teams", "Teams", "teams_list", "users", 80, group="Team", shortcut="g t")
register_nav("people", "People", "people_list", "user-round", 85, group="Team", is_minor=True)
register_search_source("people", 40, find_people)
register_search_source("teams", 45, find_teams)
register_intent("lead", (r"who leads (?P<team>.+?)\??",), who_leads)
register_intent("away", (r"is (?P<name>.+?) away\??", r"where is (?P<name>.+?)\??"), is_somebody_away)
register_command("away", "I am away", "me_away", "plane")
register_command("views", "Kept views of lists", "me_views", "pin")
register_command("tokens", "Tokens of my programs", "me_tokens", "key-round")

register_append_only("accounts_holidayset")
register_command("holidays", "Public holidays", "holidays_list", "calendar")
register_command("settings", "Settings of the house", "settings", "settings", lambda viewer: bool(viewer.is_admin))

register_verbs()
