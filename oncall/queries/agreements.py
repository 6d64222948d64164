"""Agreements as lists and pages read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import FilteredRelation, OuterRef, Prefetch, Q, Subquery

from oncall.domain.agreements import AgreementState
from oncall.models import Agreement, AgreementVersion
from oncall.policies import agreements_visible_to
from portal.accounts.models import Membership
from portal.accounts.queries.people import local_day

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

SOON_DAYS = 30
PARTED = "team archived"


@dataclass(frozen=True)
class Standing:
    """What an agreement is today: its version in force, its draft, and one word about both."""

    active: AgreementVersion | None
    draft: AgreementVersion | None
    word: str


def listed_agreements(viewer: Any) -> QuerySet[Agreement]:
    """Agreements with asset, team and versions; two queries whatever the number."""
    versions = AgreementVersion.objects.select_related("owner_signed_by", "downstream_signed_by").order_by("-number")
    active = AgreementVersion.objects.filter(agreement=OuterRef("pk"), state=AgreementState.ACTIVE)
    drafts = AgreementVersion.objects.filter(agreement=OuterRef("pk"), state=AgreementState.DRAFT)
    rows = agreements_visible_to(viewer).select_related("asset", "downstream_team")
    return rows.annotate(
        live_class=Subquery(active.values("night_class")[:1]), live_until=Subquery(active.values("expires_on")[:1]),
        draft_number=Subquery(drafts.values("number")[:1]),
    ).prefetch_related(Prefetch("versions", versions))  # fmt: skip


def standing_of(agreement: Agreement, on: date) -> Standing:
    """The word: agreed, ends soon, waits for a signature, not agreed, team archived. Reads the prefetched versions."""
    versions = list(agreement.versions.all())
    active = next((row for row in versions if row.state == AgreementState.ACTIVE), None)
    draft = next((row for row in versions if row.state == AgreementState.DRAFT), None)
    return _of_today(agreement, active, draft, on)


def _of_today(
    agreement: Agreement, active: AgreementVersion | None, draft: AgreementVersion | None, on: date
) -> Standing:
    if agreement.downstream_team.archived_at is not None:
        return Standing(None, None, PARTED)
    if active is None or active.expires_on is None or active.expires_on < on:
        return Standing(None, draft, "waits for a signature" if draft else "not agreed")
    left = (active.expires_on - on).days
    return Standing(active, draft, "ends soon" if left <= SOON_DAYS else "agreed")


def to_sign(person: Any, at: datetime) -> list[AgreementVersion]:
    """Drafts whose downstream lead this person is and whose owner has signed, the oldest first."""
    led = Membership.objects.filter(person=person, role="lead", during__contains=local_day(person, at))
    rows = AgreementVersion.objects.filter(
        Q(owner_signed_at__isnull=False), state=AgreementState.DRAFT,
        agreement__downstream_team__in=led.values("team"),
    )  # fmt: skip
    return list(rows.select_related("agreement__asset", "agreement__downstream_team").order_by("drafted_at")[:20])


def awaiting_owner(asset_ids: list[int]) -> list[AgreementVersion]:
    """Drafts on these assets that their owner has not signed."""
    rows = AgreementVersion.objects.filter(
        state=AgreementState.DRAFT,
        owner_signed_at=None,
        agreement__asset__in=asset_ids,
        agreement__downstream_team__archived_at=None,
    )
    return list(rows.select_related("agreement__asset", "agreement__downstream_team").order_by("drafted_at")[:20])


@dataclass(frozen=True)
class OfAsset:
    """An agreement of an asset with the version that was signed, in force or run out, and how it stands today."""

    agreement: Agreement
    signed: AgreementVersion | None
    standing: Standing


def agreements_of_asset(asset_id: int, viewer: Any, on: date) -> list[OfAsset]:
    """The agreements of one asset, by team; one query."""
    rows: Any = agreements_visible_to(viewer).filter(asset_id=asset_id).annotate(
        signed=FilteredRelation("versions", condition=Q(versions__state=AgreementState.ACTIVE)),
        drafted=FilteredRelation("versions", condition=Q(versions__state=AgreementState.DRAFT)),
    )  # fmt: skip
    found = rows.select_related("downstream_team", "signed", "drafted").order_by("downstream_team__name", "pk")
    return [_of_asset(row, on) for row in found]


def _of_asset(row: Any, on: date) -> OfAsset:
    """A relation that found nothing leaves no attribute."""
    signed, drafted = getattr(row, "signed", None), getattr(row, "drafted", None)
    return OfAsset(row, signed, _of_today(row, signed, drafted, on))
