"""Owner texts nobody is known by, and whom they may mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Min, OuterRef, Subquery

from ownership.domain.identities import Candidate, Suggestion, suggest
from ownership.domain.states import Outcome
from ownership.models import Claim, Domain
from ownership.policies import assets as policy
from portal.accounts.models import IdentityAlias, Team
from portal.accounts.queries.people import active_people, identity_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

MOST_CANDIDATES = 5000


@dataclass(frozen=True)
class Waiting:
    """One owner text with the number of assets it stands on, and up to three suggestions."""

    id: int
    raw: str
    asset_count: int
    sources: str
    suggestions: Sequence[Suggestion]


def unknown_names(viewer: Any) -> QuerySet[Claim]:
    """One claim for each unresolved owner text, with `asset_count`; the text on most assets first."""
    rows = _unresolved().filter(asset__in=policy.visible_to(viewer).filter(retired_at=None))
    first = rows.values("raw").annotate(first=Min("pk")).values("first")
    counted = rows.filter(raw=OuterRef("raw")).values("raw").annotate(n=Count("asset", distinct=True)).values("n")
    picked = Claim.objects.filter(pk__in=first).annotate(asset_count=Subquery(counted[:1]))
    return picked.select_related("source").order_by("-asset_count", "-pk")


def waiting_names(claims: Iterable[Claim]) -> list[Waiting]:
    """The rows of the queue with their suggestions, in 3 queries."""
    picked: list[Any] = list(claims)
    candidates = _candidates() if picked else []
    rejected = _rejected({identity_key(claim.raw) for claim in picked})
    suggested = _suggested({identity_key(claim.raw) for claim in picked}, {each.key: each for each in candidates})
    return [
        Waiting(
            id=claim.pk,
            raw=claim.raw,
            asset_count=claim.asset_count,
            sources=claim.source.name,
            suggestions=_together(
                suggested.get(identity_key(claim.raw), []),
                suggest(claim.raw, candidates, rejected=rejected.get(identity_key(claim.raw), ())),
            ),
        )
        for claim in picked
    ]


def domain_teams_behind(raw: str) -> set[int | None]:
    """The leading teams of the domains in which the text stands unresolved; None where no domain says."""
    rows = _unresolved().filter(raw=raw).order_by()
    return set(rows.values_list("asset__domain__lead_team", flat=True).distinct())


def known_nobodies() -> list[IdentityAlias]:
    """Names people decided to mean nobody, newest first."""
    rows = IdentityAlias.objects.filter(is_nobody=True, state="confirmed")
    return list(rows.select_related("decided_by").order_by("-decided_at")[:100])


def domain_count() -> int:
    """How many domains there are: with none, only admins decide."""
    return Domain.objects.count()


def _unresolved() -> QuerySet[Claim]:
    return Claim.objects.filter(outcome=Outcome.UNRESOLVED.value, closed_at=None, person=None, team=None)


def _candidates() -> list[Candidate]:
    people = active_people().order_by("pk").values_list("pk", "name", "handle", "email")[:MOST_CANDIDATES]
    teams = Team.objects.filter(archived_at=None, is_system=False).values_list("pk", "name", "slug")
    found = [Candidate(pk, name, handle, email or "") for pk, name, handle, email in people]
    return found + [Candidate(-pk, name, slug) for pk, name, slug in teams]


def _rejected(keys: set[str]) -> dict[str, set[int]]:
    return {key: set(parties) for key, parties in _aliases(keys, "rejected").items()}


def _suggested(keys: set[str], candidates: dict[int, Candidate]) -> dict[str, list[Suggestion]]:
    """What files said about people: an Amundsen or Backstage user with a login, a tracking of mail addresses."""
    return {
        key: [Suggestion(candidates[party], 0.95, "a file says so") for party in parties if party in candidates]
        for key, parties in _aliases(keys, "suggested").items()
    }


def _aliases(keys: set[str], state: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    rows = IdentityAlias.objects.filter(key__in=keys, state=state).values_list("key", "person_id", "team_id")
    for key, person_id, team_id in rows:
        found.setdefault(key, []).append(person_id if person_id is not None else -(team_id or 0))
    return found


def _together(told: list[Suggestion], guessed: list[Suggestion]) -> list[Suggestion]:
    known = {each.candidate.key for each in told}
    return (told + [each for each in guessed if each.candidate.key not in known])[:3]
