"""`/handoffs/new`: a filter resolves to names on screen first; what is written there is handed over, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from ownership.domain.handoffs import MOST_ITEMS
from ownership.filters import AssetFilter
from ownership.forms import HandoffForm, in_zone, party_called
from ownership.models import Asset, Crossing
from ownership.queries.assets import listed_assets
from ownership.queries.expected import expected_teams
from ownership.queries.handoffs import held_among
from ownership.services.handoffs import HandoffDraft, draft_handoff
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.web.filtering import ensure_valid
from portal.core.web.presentation import count_words
from portal.core.web.shell import Shell
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CRUMBS = (("Handovers", "/handoffs/"),)


@dataclass(frozen=True)
class Matching:
    """What a filter of the register found, and which of it the giver holds."""

    giver: str
    total: int
    slugs: tuple[str, ...]

    @property
    def words(self) -> str:
        """Such as "108 of 108 matching assets are with maeve"."""
        found = count_words(self.total, "matching asset")
        is_one = len(self.slugs) == 1
        less = f" At most {MOST_ITEMS:,} go in one handover." if len(self.slugs) == MOST_ITEMS else ""
        if not self.total:
            return "Nothing in the register matches."
        if not self.slugs:
            return f"None of {found} is with {self.giver}."
        return f"{len(self.slugs):,} of {found} {'is' if is_one else 'are'} with {self.giver}.{less}"


class HandoffNewView(DomainFormMixin):
    """By hand, from a crossing, from a review, or from the filtered register."""

    page_title = "New handover"
    nav_key = "handoffs"
    crumbs = CRUMBS
    template_name = "ownership/boundaries/handoff_new.html"
    form_class = HandoffForm
    matching: Matching | None = None

    def get_initial(self) -> dict[str, Any]:
        given = self.request.GET
        crossing = given.get("crossing", "")
        if crossing.isascii() and crossing.isdecimal() and len(crossing) <= 18:  # noqa: PLR2004 (digits of a bigint)
            return _from_crossing(int(crossing), clock.now())
        viewer = getattr(self.request.user, "handle", "")
        giver = given.get("owner") or given.get("team") or viewer
        slugs = given.getlist("asset")
        if given and not slugs:
            self.matching = _matching(given, giver, self.request.user)
            slugs = list(self.matching.slugs)
        return {"giver": giver, "taker": given.get("taker", ""), "assets": "\n".join(slugs)}

    def perform(self, form: Any, at: datetime) -> str:
        data, actor = form.cleaned_data, self.request.user
        assets = dict(Asset.objects.filter(slug__in=data["assets"]).values_list("slug", "pk"))
        unknown = [slug for slug in data["assets"] if slug not in assets]
        if unknown:
            raise DomainError("ownership.unknown_asset", f"There is no asset {unknown[0][:80]}.", "assets")
        begins = data["effective_at"].replace(tzinfo=None) if data["effective_at"] else None
        draft = HandoffDraft(
            giver=data["giver"], taker=data["taker"], asset_ids=list(assets.values()),
            effective_at=in_zone(begins, Shell(self.request).zone) or at, shadow_days=data["shadow_days"] or 0,
            reason=data["reason"], note=data["note"],
            crossing_ids=[data["crossing"]] if data["crossing"] else [],
        )  # fmt: skip
        handoff = draft_handoff(actor=actor, draft=draft, at=at)  # type: ignore[arg-type] # signed in
        messages.success(self.request, "Written down. Look at it, then offer it.")
        return reverse("handoffs_detail", args=[handoff.code])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"matching": self.matching.words if self.matching else ""}


def _matching(given: Mapping[str, str], giver: str, viewer: Any) -> Matching:
    """The filters of the asset list, read as that list reads them."""
    chosen = AssetFilter(given, queryset=listed_assets(viewer))
    ensure_valid(chosen)
    party = party_called(giver.strip().lstrip("@").lower())
    held = held_among(chosen.qs, party).values_list("slug", flat=True)[:MOST_ITEMS] if party else ()
    return Matching(giver, chosen.qs.count(), tuple(held))


def _from_crossing(pk: int, at: datetime) -> dict[str, Any]:
    """The party that does the work gives the asset to the team that is expected to own it."""
    row = Crossing.objects.filter(pk=pk).select_related("asset", "person", "team").first()
    if row is None:
        return {}
    expected = expected_teams([row.asset_id], at).get(row.asset_id)
    giver = row.person.handle if row.person else row.team.slug if row.team else ""
    taker = expected.slug if expected and expected.slug != giver else ""
    return {"giver": giver, "taker": taker, "assets": row.asset.slug, "crossing": row.pk}
