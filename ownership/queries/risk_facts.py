"""What decides about findings, for many assets in a fixed number of queries; and those that are open."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from ownership.domain.load import uncovered
from ownership.domain.risks import AHEAD, LATELY, ON_PEOPLE, SHADOW, BackupView, RiskFacts, of_load, person_islands
from ownership.domain.shadow import ACTS
from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Asset, Evidence, Ownership, Risk
from ownership.queries.backing import backup_states
from ownership.queries.care import care_of
from ownership.queries.loads import loads_at
from ownership.queries.owners import current_owners
from ownership.queries.parties import teams_led_by
from portal.accounts.models import Membership
from portal.accounts.queries.people import absences_during
from portal.accounts.queries.teams import memberships_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from ownership.domain.parties import Owners
    from ownership.domain.risks import Risk as Finding
    from ownership.domain.timelines import Span


def risk_facts(asset_ids: Sequence[int], at: datetime) -> list[RiskFacts]:
    """The facts of every live asset of the ids; 7 queries whatever their number."""
    assets = Asset.objects.filter(retired_at=None).in_bulk(list(asset_ids))
    care, owners = care_of(assets, at), current_owners(assets)
    states, acts = backup_states(owners, at), _acts(assets, at)
    away = _away(owners.values(), at)
    found = []
    for pk, asset in assets.items():
        held, shadow = owners[pk], care[pk].shadow
        backups = [BackupView(backup.party.key, states[backup.id]) for backup in held.backups]
        found.append(
            RiskFacts(
                asset=pk,
                tier=asset.tier,
                downstream=asset.downstream_count,
                accountable=held.primary.party.key if held.primary else 0,
                acts=acts[pk],
                backups=backups,
                shadow=(shadow.party, shadow.events) if shadow else None,
                alone=_alone(held, states, away),
            )
        )
    return found


def risks_of_people(at: datetime) -> list[Finding]:
    """Overload of anybody, and people alone in an embedded team; 3 queries."""
    overload = [risk for person, load in loads_at(at).items() for risk in of_load(person, load)]
    places = memberships_on(at.date()).filter(is_main=True, team__model="embedded", team__archived_at=None)
    return [*overload, *person_islands(places.values_list("person_id", "team_id", "discipline"))]


def risk_candidates(at: datetime) -> list[int]:
    """Ids of assets with a backup, with traces of work, with an owner in person, or with an open finding."""
    query = """
        SELECT asset_id FROM ownership_ownership WHERE duty = 1 AND state = 'accepted' AND upper_inf(valid)
            AND (rank > 1 OR person_id IN (
                SELECT person_id FROM accounts_absence WHERE cancelled_at IS NULL
                AND (upper_inf(during) OR upper(during) > %s)))
        UNION SELECT asset_id FROM ownership_evidence
        UNION SELECT asset_id FROM ownership_risk WHERE upper_inf(valid) AND asset_id IS NOT NULL
        ORDER BY 1
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [at])
        return [row[0] for row in cursor.fetchall()]


def open_risks(viewer: Any, at: datetime) -> QuerySet[Risk]:
    """What stands open and the viewer may see: of assets everybody, of people those people and who leads them.

    Who looks after an asset in another's place is told to both and to their leads.
    """
    rows = Risk.objects.filter(valid__upper_inf=True).filter(Q(asset=None) | Q(asset__retired_at=None))
    if not getattr(viewer, "is_authenticated", False):
        return rows.none()
    led = teams_led_by(viewer, at)
    theirs = Membership.objects.filter(team__in=led, during__contains=at.date()).values("person")
    personal = Q(person=viewer) | Q(person__in=theirs) | Q(team__in=led)
    answers = Ownership.objects.filter(
        Q(person=viewer) | Q(person__in=theirs) | Q(team__in=led), asset=OuterRef("asset"), duty=Duty.TECHNICAL,
        rank=PRIMARY, state=State.ACCEPTED.value, valid__upper_inf=True,
    )  # fmt: skip
    shown = ~Q(kind__in=[*ON_PEOPLE, SHADOW]) | personal | Q(Exists(answers), kind=SHADOW)
    return rows.filter(shown).select_related("asset__domain", "person", "team")


def _acts(asset_ids: Iterable[int], at: datetime) -> dict[int, list[tuple[int, datetime]]]:
    rows = Evidence.objects.filter(asset__in=list(asset_ids), kind__in=ACTS, at__gt=at - LATELY, at__lte=at)
    found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for asset, person, when in rows.order_by("pk").values_list("asset_id", "person_id", "at"):
        found[asset].append((person, when))
    return found


def _away(owners: Iterable[Owners], at: datetime) -> dict[int, list[Span]]:
    people = {held.party.person_id for each in owners for held in each.holders if held.party.person_id}
    found: dict[int, list[Span]] = defaultdict(list)
    for absence in absences_during(people, at, at + AHEAD):
        start, end = absence.during.lower or at, absence.during.upper or at + AHEAD
        found[absence.person_id].append((max(start, at), min(end, at + AHEAD)))
    return found


def _alone(owners: Owners, states: Mapping[int, str], away: Mapping[int, Sequence[Span]]) -> list[Span]:
    """When the primary is away and no real backup is there."""
    person = owners.primary.party.person_id if owners.primary else None
    real = [backup.party.person_id or 0 for backup in owners.backups if states[backup.id] == "real"]
    gone = [away.get(backup, ()) for backup in real]
    return [alone for span in away.get(person or 0, ()) for alone in uncovered(span, gone)]
