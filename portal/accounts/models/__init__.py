"""Tables of the room."""

from __future__ import annotations

from portal.accounts.models.absences import Absence, AbsenceFeed
from portal.accounts.models.doors import ApiToken, IdentityAlias, Invitation
from portal.accounts.models.factors import FactorReset
from portal.accounts.models.holidays import HolidayFollower, HolidaySet
from portal.accounts.models.leaving import Deactivation, DeactivationStep, TeamProposal
from portal.accounts.models.people import Organization, Person
from portal.accounts.models.reach import ContactMethod, Endpoint, FallbackRecipient, Follow, NotificationRule
from portal.accounts.models.teams import Deputy, Grant, Membership, Team

__all__ = [
    "Absence",
    "AbsenceFeed",
    "ApiToken",
    "ContactMethod",
    "Deactivation",
    "DeactivationStep",
    "Deputy",
    "Endpoint",
    "FactorReset",
    "FallbackRecipient",
    "Follow",
    "Grant",
    "HolidayFollower",
    "HolidaySet",
    "IdentityAlias",
    "Invitation",
    "Membership",
    "NotificationRule",
    "Organization",
    "Person",
    "Team",
    "TeamProposal",
]
