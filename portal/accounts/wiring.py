"""What the room of people registers with the kernel and the engine."""

from __future__ import annotations

from portal.accounts.services.seeding import seed_accounts
from portal.core.registries import register_seed, register_verb

register_seed("accounts", 10, seed_accounts)

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
}.items():
    register_verb(f"accounts.{_verb}", _sentence)
