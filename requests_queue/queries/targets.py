"""What a request names, looked up as its author may see it: teams, assets, people, other requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.models import Ownership
from ownership.queries.assets import assets_by_slug
from portal.accounts.models import Person, Team
from portal.accounts.queries.teams import main_team
from portal.core.errors import DomainError
from requests_queue.domain.states import OPEN
from requests_queue.policies import exempt_kinds, taking_teams, visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.db.models import QuerySet

    from ownership.models import Asset
    from requests_queue.models import DataRequest, ExemptKind

OPEN_STATES = sorted(OPEN)
LIKE_THIS = 5
LEAST_WORDS = 5


def assets_called(slugs: Sequence[str], viewer: Any) -> list[Asset]:
    """The assets of these slugs in order; raises `DomainError` naming the first that is not there."""
    found = assets_by_slug(slugs, viewer)
    for slug in slugs:
        if slug not in found:
            raise DomainError("requests.unknown_asset", f"There is no asset called {slug[:80]!r}.", "assets")
    return [found[slug] for slug in dict.fromkeys(slugs)]


def retired_called(slugs: Sequence[str], viewer: Any) -> tuple[Asset, ...]:
    """The pipelines that a line of a plan retires; raises `DomainError` naming `retires`."""
    try:
        return tuple(assets_called(slugs, viewer))
    except DomainError as error:
        raise DomainError(error.code, error.message, "retires") from None


def team_called(slug: str, assets: Sequence[Asset], on: date) -> Team:
    """The team of this slug, else the one that owns the first asset; raises `DomainError` naming `team`."""
    if slug:
        team = taking_teams().filter(slug=slug).first()
        if team is None:
            raise DomainError("requests.unknown_team", f"No team called {slug[:60]!r} takes requests.", "team")
        return team
    team = owning_team(assets, on)
    if team is None:
        raise DomainError("requests.no_team", "Say which team, or choose an asset that a team owns.", "team")
    return team


def team_upstream(slug: str) -> Team:
    """A team that can be asked upstream, whether it takes requests or not; raises `DomainError` naming `upstream`."""
    found = Team.objects.filter(slug=slug, archived_at=None, is_system=False).first()
    if found is None:
        raise DomainError("requests.unknown_team", f"There is no team called {slug[:60]!r}.", "upstream")
    return found


def owning_team(assets: Sequence[Asset], on: date) -> Team | None:
    """The accountable team of the first asset that has one, or its owner's main team."""
    rows = Ownership.objects.filter(
        asset__in=[asset.pk for asset in assets], state="accepted", valid__upper_inf=True
    ).select_related("team", "person")
    by_asset: dict[int, list[Ownership]] = {}
    for row in rows.order_by("duty", "rank"):
        by_asset.setdefault(row.asset_id, []).append(row)
    owners = [row for asset in assets for row in by_asset.get(asset.pk, [])]
    for row in owners:
        team = row.team or (main_team(row.person, on) if row.person else None)
        if team is not None and taking_teams().filter(pk=team.pk).exists():
            return team
    return None


def person_called(handle: str, field: str) -> Person:
    """An active person by handle; raises `DomainError` naming the field."""
    found = Person.objects.filter(handle=handle, state="active").first()
    if found is None:
        raise DomainError("requests.unknown_person", f"Nobody here is called {handle[:40]!r}.", field)
    return found


def request_called(number: str, viewer: Any, field: str = "survivor") -> DataRequest:
    """The visible request of this number; raises `DomainError` naming the field, alike for private and unknown ones."""
    found = visible_to(viewer).filter(number=number.strip().upper()[:16]).first()
    if found is None:
        raise DomainError("requests.unknown_request", "There is no such request.", field)
    return found


def exempt_kind_called(slug: str) -> ExemptKind | None:
    """The kind of exempt work of this slug, None for none; raises `DomainError` naming `exemption`."""
    if not slug:
        return None
    found = exempt_kinds().filter(slug=slug).first()
    if found is None:
        raise DomainError("requests.unknown_exemption", f"There is no exempt kind {slug[:40]!r}.", "exemption")
    return found


def people_called(text: str, field: str) -> list[Person]:
    """The people of "@one, @two"; raises `DomainError` naming the field."""
    handles = text.replace(",", " ").replace("@", " ").split()
    return [person_called(handle, field) for handle in handles]


def open_like(title: str, assets: Sequence[Asset], viewer: Any) -> QuerySet[DataRequest]:
    """Open requests with a similar title, from five words on, or about the same assets; at most five."""
    rows = visible_to(viewer).filter(state__in=OPEN_STATES).select_related("team", "requester")
    words = title.split()
    if len(words) >= LEAST_WORDS:
        return rows.filter(title__trigram_word_similar=title[:200]).order_by("-filed_at")[:LIKE_THIS]
    if assets:
        about = [asset.pk for asset in assets]
        return rows.filter(assets__asset__in=about).distinct().order_by("-filed_at")[:LIKE_THIS]
    return rows.none()
