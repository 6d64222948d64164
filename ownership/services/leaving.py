"""What becomes of a leaver's assets: the nearest backup acts, else the leaver's team (spec ownership 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from ownership.domain.states import PRIMARY, EndReason, Origin, Outcome, State
from ownership.models import Asset, Claim, Ownership
from ownership.services.acting import arrange_acting, tell_left_open
from ownership.services.passing_on import (
    duties_of,
    handoffs_from,
    handoffs_to,
    pass_on_duties,
    settle_handovers,
)
from ownership.services.ranges import close_rows, start_after
from ownership.services.review_passing import pass_on_lines
from ownership.services.telling import tell_owner_changed
from portal.accounts.domain.clashes import LeavingStep
from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import Membership
from portal.accounts.queries.people import away_among
from portal.accounts.queries.teams import admins, responsible_leads
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    team, lead = _last_team(person), _lead(person, at)
    primaries = [row for row in _open(Q(person=person)) if row.rank == PRIMARY]
    inherited = len(_heirs(primaries, at))
    behind = len(primaries) - inherited
    to_lead = f"pass to {lead.name}" if lead else "end"
    counts = (
        (inherited, "asset duties pass to the first backup who is there, who acts until somebody is confirmed"),
        (behind, f"asset duties pass to {team.name}, which acts until somebody is confirmed" if team
         else "asset duties are left without an owner"),
        (_open(Q(person=person), rank__gt=PRIMARY).count(), "asset duties lose a backup"),
        (_proposals(person).count(), "asset duties are no longer offered to them"),
        (handoffs_to(person).count(), "handovers to them end"),
        (handoffs_from(person).count(), f"handovers that they offered {to_lead}"),
        (duties_of(person), "references, plans and announcements pass to who answers for the asset then"),
    )  # fmt: skip
    return [f"{count} {words}." for count, words in counts if count]


@transaction.atomic
def hand_over_assets(person: Person, at: datetime) -> None:
    """Ends every open row of the person, lets an heir act, passes on what waited. Repeating changes nothing.

    Locks the assets in id order. Each heir is told once and asked to confirm or hand on within 10 working days; the
    next import finds nobody behind the person's name any more.
    """
    ids = list(_open(Q(person=person)).values_list("asset_id", flat=True))
    assets = {
        asset.pk: asset
        for asset in Asset.objects.select_for_update(of=("self",))
        .select_related("domain__lead_team").filter(pk__in=ids).order_by("pk")
    }  # fmt: skip
    team, lead = _last_team(person), _lead(person, at)
    rows = list(_open(Q(person=person), asset_id__in=assets))
    heirs = _heirs([row for row in rows if row.rank == PRIMARY], at)
    acting, alone = [], []
    for row in rows:
        made = _end_one(assets[row.asset_id], row, heirs.get((row.asset_id, row.duty)), team, at)
        if made is not None:
            acting.append(made)
        elif row.rank == PRIMARY:
            row.asset = assets[row.asset_id]
            alone.append(row)
    pass_on_lines(asset_ids=ids)
    arrange_acting(leaver=person, rows=acting, at=at)
    tell_left_open(leaver=person, rows=alone, at=at)
    settle_handovers(person=person, lead=lead, at=at)
    _withdraw_what_was_asked(person, pass_on_duties(person=person, fallback=lead, at=at), at)


def _withdraw_what_was_asked(person: Person, passed_on: int, at: datetime) -> None:
    asked = _proposals(person).update(state=State.DECLINED.value, end_reason=EndReason.LEFT.value)
    said = Claim.objects.filter(person=person, closed_at=None)
    unknown = said.exclude(outcome=Outcome.MUTED.value).update(person=None, outcome=Outcome.UNRESOLVED.value)
    if asked or unknown or passed_on:
        after = {"proposals_withdrawn": asked, "claims_unresolved": unknown, "passed_on": passed_on}
        record_audit(actor=None, verb="ownership.leaver_swept", subject=person, after=after, at=at)


def held_by_the_inactive(at: datetime) -> int:
    """Accepted open rows that name somebody whose account has ended: there must be none."""
    del at
    return _open(Q(person__state=PersonState.INACTIVE)).count()


def _end_one(asset: Asset, row: Ownership, heir: Ownership | None, team: Team | None, at: datetime) -> Any:
    """One duty of one asset; a party holds one rank of a duty, so there is one row. Returns the row of who acts."""
    ending = [row] if heir is None else [row, heir]
    start = start_after([each.valid.lower for each in ending], at)
    close_rows([row.pk], EndReason.LEFT, start)
    acting = _acting(row, heir, team, start, at)
    if heir is not None:
        close_rows([heir.pk], EndReason.HANDOFF, start)
    if acting is not None:
        acting.asset = asset
        acting.save(force_insert=True)
    after = {"acting": None if acting is None else _party(acting), "duty": row.duty, "rank": row.rank}
    before = {"party": _party(row), "duty": row.duty, "rank": row.rank}
    record_audit(actor=None, verb="ownership.owner_left", subject=asset, before=before, after=after, at=at)
    if row.rank == PRIMARY:
        tell_owner_changed(asset, row.duty, _party(row), after["acting"], at)
    return acting


def _acting(row: Ownership, heir: Ownership | None, team: Team | None, start: datetime, at: datetime) -> Any:
    """The row of who acts, not saved yet; None for a backup, and where nobody is left."""
    if row.rank != PRIMARY or (heir is None and team is None):
        return None
    return Ownership(
        asset_id=row.asset_id,
        person=heir.person if heir else None,
        team=heir.team if heir else team,
        duty=row.duty,
        rank=PRIMARY,
        state=State.ACCEPTED.value,
        valid=(start, None),
        origin=Origin.SWEEP.value,
        acting=True,
        recorded_at=at,
    )


def _heirs(rows: Sequence[Ownership], at: datetime) -> dict[tuple[int, int], Ownership]:
    """By asset and duty the nearest backup who has an account, or is a team, and is not away now; 2 queries."""
    others = _open(PRESENT, asset_id__in=[row.asset_id for row in rows], rank__gt=PRIMARY)
    backups = list(others.select_related("person", "team").order_by("rank"))
    away = away_among([row.person_id for row in backups if row.person_id is not None], at)
    found: dict[tuple[int, int], Ownership] = {}
    for row in backups:
        if row.person_id not in away:
            found.setdefault((row.asset_id, row.duty), row)
    wanted = {(row.asset_id, row.duty) for row in rows}
    return {key: row for key, row in found.items() if key in wanted}


def _lead(person: Person, at: datetime) -> Person | None:
    """Who speaks for the leaver: a lead of the last team, else upwards, else an admin; never the leaver."""
    team = _last_team(person)
    leads = responsible_leads(team, at.date()) if team else admins()
    return next((lead for lead in leads if lead.pk != person.pk), None)


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
