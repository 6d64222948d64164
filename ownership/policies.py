"""Who sees and who changes the register (spec ownership 20)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.models import Announcement, Asset, ChangePlan, Domain, Ownership
from portal.core.policies import ALLOWED, Decision, refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from ownership.models import AnnouncementRecipient, Reference


class AssetPolicy:
    """Everybody signed in reads the whole register; leads and admins add to it and change it."""

    def visible_to(self, viewer: Any) -> QuerySet[Asset]:
        rows = Asset.objects.all()
        return rows if getattr(viewer, "is_authenticated", False) else rows.none()

    def can_write(self, person: Any, led_teams: Collection[int], held: Collection[int] = ()) -> Decision:
        """`held` are the party keys of the asset's holders."""
        is_holder = person.pk in held or any(-team in held for team in led_teams)
        if person.is_admin or led_teams or is_holder:
            return ALLOWED
        return refused("ownership.not_lead", "A team lead, an owner of the asset or an admin may change it.")

    def can_import(self, person: Any, led_teams: Collection[int]) -> Decision:
        if person.is_admin or led_teams:
            return ALLOWED
        return refused("ownership.not_importer", "A team lead or an admin may import files.")


class DomainPolicy:
    """Everybody signed in reads domains; leads and admins make them, the leading team's lead and admins change them."""

    def visible_to(self, viewer: Any) -> QuerySet[Domain]:
        rows = Domain.objects.all()
        return rows if getattr(viewer, "is_authenticated", False) else rows.none()

    def can_create(self, person: Any, led_teams: Collection[int]) -> Decision:
        if person.is_admin or led_teams:
            return ALLOWED
        return refused("ownership.not_lead", "A team lead or an admin may add a domain.")

    def can_change(self, person: Any, domain: Domain, led_teams: Collection[int]) -> Decision:
        if person.is_admin or domain.lead_team_id in led_teams:
            return ALLOWED
        return refused("ownership.not_domain_lead", "A lead of the domain's team or an admin may change it.")


class IdentityPolicy:
    """Admins decide whom a foreign name means; a domain lead does where it stands in that domain alone."""

    def can_decide(self, person: Any, led_teams: Collection[int], teams: Collection[int | None]) -> Decision:
        """`teams` lead the domains in which the name stands; None is a domain nobody leads, or none at all."""
        if person.is_admin or (teams and all(team in led_teams for team in teams)):
            return ALLOWED
        return refused("ownership.not_domain_lead", "A lead of the domain, or an admin, decides whom this name means.")


class OwnershipPolicy:
    """A person answers for themself, a lead for the team; an admin may end, never accept for others."""

    def can_answer(self, person: Any, row: Ownership, led_teams: Collection[int]) -> Decision:
        if row.person_id == person.pk or row.team_id in led_teams:
            return ALLOWED
        who = "that person" if row.person_id is not None else "a lead of that team"
        return refused("ownership.not_yours", f"Only {who} can answer this.")

    def can_propose(self, person: Any) -> Decision:
        """Everybody but auditors names an owner."""
        return refused("ownership.auditor", "An auditor reads and changes nothing.") if person.is_auditor else ALLOWED

    def can_speak_for(
        self, person: Any, person_id: int | None, team_id: int | None, led_teams: Collection[int]
    ) -> bool:
        """Whether naming this party is that party's own word."""
        return person_id == person.pk if person_id is not None else team_id in led_teams

    def can_end(self, person: Any, row: Ownership, led_teams: Collection[int]) -> Decision:
        if person.is_admin or row.person_id == person.pk or row.team_id in led_teams:
            return ALLOWED
        return refused("ownership.not_yours", "The owner, a lead of the owning team or an admin may end this.")

    def can_send(self, person: Any, led_teams: Collection[int]) -> Decision:
        """Sending a guess to the party, or dropping it, before anybody was asked."""
        if person.is_admin or led_teams:
            return ALLOWED
        return refused("ownership.not_lead", "A team lead or an admin sorts out what files guessed.")

    def can_correct(self, person: Any) -> Decision:
        if person.is_admin:
            return ALLOWED
        return refused("ownership.not_admin", "Only an admin mends the past.")


def _answers_for(person: Any, led_teams: Collection[int], own: Collection[int], held: Collection[int]) -> bool:
    """An admin, any team lead, or a holder of the asset; `own` are the party keys of the person."""
    return bool(person.is_admin or led_teams or set(own) & set(held))


class AnnouncementPolicy:
    """Everybody reads; who answers for the asset announces; only the person asked answers."""

    def visible_to(self, viewer: Any) -> QuerySet[Announcement]:
        rows = Announcement.objects.all()
        return rows if getattr(viewer, "is_authenticated", False) else rows.none()

    def can_announce(
        self, person: Any, led_teams: Collection[int], own: Collection[int], held: Collection[int]
    ) -> Decision:
        if _answers_for(person, led_teams, own, held):
            return ALLOWED
        return refused(
            "ownership.not_holder", "An owner of the asset, a team lead or an admin announces changes of it."
        )

    def can_answer(self, row: AnnouncementRecipient | None) -> Decision:
        if row is not None:
            return ALLOWED
        return refused("ownership.not_asked", "This was sent to others; only they answer it.")

    def can_reply(self, person: Any, row: Announcement) -> Decision:
        if person.is_admin or person.pk == row.author_id:
            return ALLOWED
        return refused("ownership.not_author", "The author of the announcement, or an admin, answers objections.")


class PlanPolicy:
    """Everybody reads; who answers for the asset plans; the plan's owner works; a reference is its party's."""

    def visible_to(self, viewer: Any) -> QuerySet[ChangePlan]:
        rows = ChangePlan.objects.all()
        return rows if getattr(viewer, "is_authenticated", False) else rows.none()

    def can_start(
        self, person: Any, led_teams: Collection[int], own: Collection[int], held: Collection[int]
    ) -> Decision:
        if _answers_for(person, led_teams, own, held):
            return ALLOWED
        return refused("ownership.not_holder", "An owner of the asset, a team lead or an admin plans its changes.")

    def can_work(self, person: Any, plan: ChangePlan, own: Collection[int], held: Collection[int]) -> Decision:
        if person.is_admin or person.pk == plan.owner_id or set(own) & set(held):
            return ALLOWED
        return refused("ownership.not_planner", "The owner of the plan or of the table, or an admin, works on it.")

    def can_move(self, person: Any, row: Reference, own: Collection[int], led_people: Collection[int]) -> Decision:
        """`led_people` are the people whom the person leads."""
        if self.can_waive(person, row, own, led_people) or person.pk == row.plan.owner_id:
            return ALLOWED
        return refused("ownership.not_referrer", "Its owner, their lead or the plan's owner says that it has moved.")

    def can_waive(self, person: Any, row: Reference, own: Collection[int], led_people: Collection[int]) -> Decision:
        party = row.person_id if row.person_id is not None else -(row.team_id or 0)
        if person.is_admin or (party and party in own) or row.person_id in led_people:
            return ALLOWED
        return refused("ownership.not_referrer", "Only the owner of the reference, or their lead, waives it.")


class BoundaryPolicy:
    """Everybody sees what crosses between which teams; people are named to members and leads of both alone."""

    def can_decide(
        self, person: Any, team_ids: Collection[int], domain_lead: int | None, led_teams: Collection[int]
    ) -> Decision:
        """Talk, accept, dismiss, propose a handover: a lead of either team, the domain's lead, an admin."""
        if person.is_admin or domain_lead in led_teams or not set(team_ids).isdisjoint(led_teams):
            return ALLOWED
        return refused("ownership.not_lead", "A lead of one of the two teams, the domain's lead or an admin may.")

    def can_see_names(self, person: Any, team_ids: Collection[int], own_teams: Collection[int]) -> bool:
        """Whether the viewer belongs to one of the two teams."""
        return not set(team_ids).isdisjoint(own_teams) and bool(person.is_authenticated)


class CarePolicy:
    """What was done is told to all; who in fact takes care of it, to both parties and those who lead them."""

    def can_see_names(
        self, person: Any, people: Collection[int], teams: Collection[int], led_teams: Collection[int]
    ) -> bool:
        """`people` are both parties, or the members of a team that answers; `teams` are those of both."""
        return person.pk in people or not set(teams).isdisjoint(led_teams)


class ShapePolicy:
    """Figures of a team are for its members, admins and auditors; who would be missed, for them and their leads."""

    def can_run_bus_test(self, person: Any, whom: Any, *, leads: bool) -> Decision:
        """`leads`: whether the one who looks leads a team of the person it is about."""
        if person.pk == whom.pk or person.is_admin or leads:
            return ALLOWED
        return refused("ownership.not_lead", "The person, who leads them, or an admin may look.")

    def can_see(self, person: Any, team: Any, own_teams: Collection[int]) -> Decision:
        if team.pk in own_teams or person.is_admin or person.is_auditor:
            return ALLOWED
        return refused("ownership.not_member", "A member of the team, an admin or an auditor may look.")

    def can_suggest(self, person: Any, team: Any, led_teams: Collection[int]) -> Decision:
        if person.is_admin or team.pk in led_teams:
            return ALLOWED
        return refused("ownership.not_lead", "A lead of the team or an admin asks its people.")


class HandoffPolicy:
    """The accountable party or its lead offers; the recipient, or the lead of the recipient team, decides."""

    def can_offer(
        self,
        person: Any,
        party: int,
        leads: Collection[int],
        domains: Collection[int | None] = (),
        led_teams: Collection[int] = (),
    ) -> Decision:
        """`party` is a person's id or minus a team's; `leads` are those who may speak for it.

        `domains` are the teams that lead the domains of all the assets, None where nobody does.
        """
        leads_domains = bool(domains) and all(team in led_teams for team in domains)
        if person.is_admin or leads_domains or person.pk in {party, *leads}:
            return ALLOWED
        return refused("ownership.not_giver", "The owner, a lead of theirs, the domain's lead or an admin offers it.")

    def can_decide(self, person: Any, party: int, leads: Collection[int]) -> Decision:
        if person.pk == party or (party < 0 and person.pk in leads):
            return ALLOWED
        who = "that person" if party > 0 else "a lead of that team"
        return refused("ownership.not_recipient", f"Only {who} can say yes or no.")


class SourcePolicy:
    """Everybody reads which sources there are; how much each counts is for admins."""

    def can_set(self, person: Any) -> Decision:
        if getattr(person, "is_admin", False):
            return ALLOWED
        return refused("ownership.not_admin", "Only an admin says how much a source counts.")


class ReviewPolicy:
    """The portal starts reviews by itself; an admin may start one early. Lines are answered as ownership is."""

    def can_start(self, person: Any) -> Decision:
        if person.is_admin:
            return ALLOWED
        return refused("ownership.not_admin", "Only an admin starts a review early.")


assets = AssetPolicy()
handoffs = HandoffPolicy()
domains = DomainPolicy()
identities = IdentityPolicy()
boundaries = BoundaryPolicy()
care = CarePolicy()
ownerships = OwnershipPolicy()
announcements = AnnouncementPolicy()
plans = PlanPolicy()
reviews = ReviewPolicy()
sources = SourcePolicy()
shapes = ShapePolicy()
