"""What becomes of a leaver's assets: the nearest backup acts, else the leaver's team (spec ownership 11)."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from ownership.domain.handoffs import DRAFT, OFFERED, WITHDRAWN
from ownership.domain.states import PRIMARY, EndReason, Origin, Outcome, State
from ownership.models import Asset, Claim, Handoff, Ownership
from ownership.services.handoffs import end_unfinished
from ownership.services.ranges import close_rows, start_after
from ownership.services.telling import tell_owner_changed
from portal.accounts.domain.clashes import LeavingStep
from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import Membership
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Person, Team

ORDER = 40
PRESENT = Q(person__state=PersonState.ACTIVE) | Q(team__archived_at=None, team__isnull=False)


def leaving_step() -> LeavingStep:
    """The contribution to `person.leaving`."""
    return LeavingStep("ownership.assets", ORDER, preview_leaving, hand_over_assets)


def preview_leaving(person: Person, at: datetime) -> list[str]:
    """What `hand_over_assets` will do, in sentences; writes nothing."""
    del at
    team = _last_team(person)
    primaries = [row for row in _open(Q(person=person)) if row.rank == PRIMARY]
    heirs = [_heir(row) for row in primaries]
    behind = len(heirs) - sum(heir is not None for heir in heirs)
    counts = (
        (len(heirs) - behind, "pass to the first backup, who acts until somebody is confirmed"),
        (
            behind,
            f"pass to {team.name}, which acts until somebody is confirmed" if team else "are left without an owner",
        ),
        (_open(Q(person=person), rank__gt=PRIMARY).count(), "lose a backup"),
        (_proposals(person).count(), "are no longer offered to them"),
    )
    return [f"{count} asset duties {words}." for count, words in counts if count]


@transaction.atomic
def hand_over_assets(person: Person, at: datetime) -> None:
    """Ends every open row of the person, lets an heir act, withdraws what was asked. Repeating changes nothing.

    Locks the assets in id order. The next import finds nobody behind the person's name any more.
    """
    ids = list(_open(Q(person=person)).values_list("asset_id", flat=True))
    assets = {asset.pk: asset for asset in Asset.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    team = _last_team(person)
    rows = _open(Q(person=person), asset_id__in=assets)
    for (asset_id, _), held in groupby(rows, key=lambda row: (row.asset_id, row.duty)):
        _end_one(assets[asset_id], next(held), team, at)
    _settle_handovers(person, at)
    asked = _proposals(person).update(state=State.DECLINED.value, end_reason=EndReason.LEFT.value)
    said = Claim.objects.filter(person=person, closed_at=None)
    unknown = said.exclude(outcome=Outcome.MUTED.value).update(person=None, outcome=Outcome.UNRESOLVED.value)
    if asked or unknown:
        after = {"proposals_withdrawn": asked, "claims_unresolved": unknown}
        record_audit(actor=None, verb="ownership.leaver_swept", subject=person, after=after, at=at)


def _settle_handovers(person: Person, at: datetime) -> None:
    """Offers to the person end; what the person offered ends too, since the heir who acts holds it now."""
    open_ones = Handoff.objects.select_for_update().filter(state__in=[OFFERED, DRAFT])
    for handoff in open_ones.filter(Q(to_person=person) | Q(from_person=person)).order_by("pk"):
        end_unfinished(handoff=handoff, state=WITHDRAWN, actor=None, at=at)
        record_audit(actor=None, verb="ownership.handoff_withdrawn", subject=handoff, reason="left", at=at)


def held_by_the_inactive(at: datetime) -> int:
    """Accepted open rows that name somebody whose account has ended: there must be none."""
    del at
    return _open(Q(person__state=PersonState.INACTIVE)).count()


def _end_one(asset: Asset, row: Ownership, team: Team | None, at: datetime) -> None:
    """One duty of one asset; a party holds one rank of a duty, so there is one row."""
    heir = _heir(row) if row.rank == PRIMARY else None
    ending = [row] if heir is None else [row, heir]
    start = start_after([each.valid.lower for each in ending], at)
    close_rows([row.pk], EndReason.LEFT, start)
    acting = _acting(row, heir, team, start, at)
    if heir is not None:
        close_rows([heir.pk], EndReason.HANDOFF, start)
    if acting is not None:
        acting.save(force_insert=True)
    after = {"acting": None if acting is None else _party(acting), "duty": row.duty, "rank": row.rank}
    before = {"party": _party(row), "duty": row.duty, "rank": row.rank}
    record_audit(actor=None, verb="ownership.owner_left", subject=asset, before=before, after=after, at=at)
    if row.rank == PRIMARY:
        tell_owner_changed(asset, row.duty, _party(row), after["acting"], at)


def _acting(row: Ownership, heir: Ownership | None, team: Team | None, start: datetime, at: datetime) -> Any:
    """The row of who acts, not saved yet; None for a backup, and where nobody is left."""
    if row.rank != PRIMARY or (heir is None and team is None):
        return None
    return Ownership(
        asset_id=row.asset_id,
        person_id=heir.person_id if heir else None,
        team_id=heir.team_id if heir else getattr(team, "pk", None),
        duty=row.duty,
        rank=PRIMARY,
        state=State.ACCEPTED.value,
        valid=(start, None),
        origin=Origin.SWEEP.value,
        acting=True,
        recorded_at=at,
    )


def _heir(row: Ownership) -> Ownership | None:
    """The nearest backup of the duty who is there."""
    others = _open(PRESENT, asset_id=row.asset_id, duty=row.duty, rank__gt=row.rank)
    return others.order_by("rank").first()


def _open(which: Q, **more: Any) -> QuerySet[Ownership]:
    rows = Ownership.objects.filter(which, state=State.ACCEPTED.value, valid__upper_inf=True, **more)
    return rows.order_by("asset_id", "duty")


def _proposals(person: Person) -> QuerySet[Ownership]:
    return Ownership.objects.filter(person=person, state=State.PROPOSED.value)


def _last_team(person: Person) -> Team | None:
    """The main team, ended by now or not, that others still work in."""
    rows = Membership.objects.filter(person=person, is_main=True, team__archived_at=None, team__is_system=False)
    place = rows.select_related("team").order_by("-during").first()
    return place.team if place else None


def _party(row: Ownership) -> int:
    return row.person_id if row.person_id is not None else -(row.team_id or 0)
