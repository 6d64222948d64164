"""Who reads, writes and checks answers (spec faq 11, security 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from portal.accounts.models import Membership
from portal.accounts.policies import standings
from portal.accounts.queries.people import local_day
from portal.core.errors import Conflict, NotAllowed, NotVisible
from portal.core.policies import ALLOWED, Decision, is_outside, refused
from requests_queue.domain.answering import EntryState, Visibility, may_verify
from requests_queue.models import CompartmentMember, FaqEntry

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Team
    from requests_queue.models import FaqAnswer


def readable_entries(user: Any, at: datetime) -> QuerySet[FaqEntry]:
    """Published and archived entries this person may read; programs never read what is for members only."""
    if not user.is_authenticated:
        return FaqEntry.objects.none()
    shown = ~Q(state=EntryState.DRAFT.value)
    return FaqEntry.objects.filter(shown & _readable(user, at))


def findable_entries(user: Any, at: datetime) -> QuerySet[FaqEntry]:
    """What search and suggestions may find: published only. The filter is part of their statement."""
    if not user.is_authenticated:
        return FaqEntry.objects.none()
    return FaqEntry.objects.filter(Q(state=EntryState.PUBLISHED.value) & _readable(user, at))


def visible_entries(user: Any, at: datetime) -> QuerySet[FaqEntry]:
    """Readable ones, and drafts of one's own teams; a draft from a private request is its members' alone."""
    if not user.is_authenticated:
        return FaqEntry.objects.none()
    drafts = Q(state=EntryState.DRAFT.value) & ~Q(visibility=Visibility.MEMBERS.value) & _of_own_team(user, at)
    own = Q(state=EntryState.DRAFT.value) & _of_members(user)
    return FaqEntry.objects.filter(~Q(state=EntryState.DRAFT.value) & _readable(user, at) | drafts | own)


def can_write(person: Any, team: Team, at: datetime) -> Decision:
    """Members of the owning team write its answers; a deputy of a member does too."""
    rows = standings(person, team, at)
    own = [row for row in rows if row.role and row.person_id == person.pk]
    lent = [row for row in rows if row.role and row.person_id != person.pk]
    if own and not person.is_auditor:
        return ALLOWED
    if lent and not person.is_auditor:
        return Decision(allowed=True, on_behalf_of=lent[0].person_id)
    return refused("faq.not_team", f"Only {team.name} writes these answers. Ask a member, or file a request.")


def can_tune(person: Any) -> Decision:
    """The bands hold for everybody, so an admin fits them again or goes back."""
    if person.is_admin:
        return ALLOWED
    return refused("faq.not_admin", "An admin fits the suggestions again.")


def can_verify(person: Any, answer: FaqAnswer, asset_owners: set[int]) -> Decision:
    """Owner, verifier and the owners of its assets; the author alone does not check one of tier 1."""
    entry = answer.entry
    judges = {pk for pk in (entry.owner_id, entry.verifier_id) if pk is not None} | asset_owners
    allowed, code = may_verify(person=person.pk, tier=entry.tier, author=answer.author_id, judges=judges)
    if allowed:
        return ALLOWED
    if code == "faq.verify_self":
        return refused(code, "An answer of tier 1 is checked by somebody else than its author.")
    return refused(code, "Its owner, its verifier or an owner of its data can check this answer.")


def require_visible(entry: FaqEntry, person: Any, at: datetime) -> None:
    """Raise `NotVisible` for an entry this person may not even know of. None is the system."""
    if person is not None and not visible_entries(person, at).filter(pk=entry.pk).exists():
        raise NotVisible


def require_write(person: Any, entry: FaqEntry, at: datetime) -> None:
    """Raise unless this person may change the entry; members of a compartment write their own."""
    if entry.visibility == Visibility.MEMBERS and _is_inside(person, entry):
        return
    decision = can_write(person, entry.team, at)
    if not decision:
        raise NotAllowed(decision.code, decision.message)


def require_open(entry: FaqEntry) -> None:
    """Raise for an entry that was put away."""
    if entry.state == EntryState.ARCHIVED:
        raise Conflict("faq.archived", "This answer was put away. Bring it back first.")


def _is_inside(person: Any, entry: FaqEntry) -> bool:
    inside = CompartmentMember.objects.filter(request=entry.created_from_id, person=person, removed_at=None)
    return entry.created_from_id is not None and inside.exists()


def _readable(user: Any, at: datetime) -> Q:
    team = Q(visibility=Visibility.TEAM.value) & _of_own_team(user, at)
    return Q(visibility=Visibility.ALL.value) | team | _of_members(user)


def _of_own_team(user: Any, at: datetime) -> Q:
    on = local_day(user, at)
    return Q(team__in=Membership.objects.filter(person=user, during__contains=on).values("team_id"))


def _of_members(user: Any) -> Q:
    if is_outside(user):
        return Q(pk__in=[])
    own = CompartmentMember.objects.filter(person=user, removed_at=None).values("request_id")
    return Q(visibility=Visibility.MEMBERS.value, created_from__in=own)
