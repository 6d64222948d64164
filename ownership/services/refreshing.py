"""Working out crossings again: what was touched within the minute, everything at night, with one result."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from ownership.domain.crossing_states import RESOLVED, VOID
from ownership.domain.crossings import find_crossings, next_change
from ownership.domain.scores import weigh
from ownership.domain.states import PRIMARY, Duty
from ownership.models import Asset, BoundaryCheck, Crossing, CrossingStep, Evidence, Ownership
from ownership.queries.boundary_facts import AssetView, boundary_views
from ownership.services.crossing_steps import arm_steps, cancel_steps
from ownership.services.gaps import refresh_gaps
from ownership.services.risks import refresh_asset_risks
from portal.accounts.models import Membership
from portal.core import clock
from portal.core.models import RowChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ownership.domain.crossings import Found

CHUNK = 1000
MOST_A_MINUTE = 5000
KEPT = timedelta(days=365)
OVERLAP = timedelta(minutes=10)
LOCK = 7_210_001
DOWNSTREAM = """
    WITH step AS MATERIALIZED (SELECT DISTINCT src_id, dst_id FROM ownership_edge WHERE closed_at IS NULL),
    fan AS (SELECT src_id, count(*) AS near FROM step GROUP BY src_id),
    reach AS (
        SELECT fan.src_id, CASE WHEN fan.near > 100 THEN fan.near ELSE (
            SELECT count(DISTINCT below.id) FROM (
                SELECT one.dst_id AS id FROM step AS one WHERE one.src_id = fan.src_id
                UNION SELECT two.dst_id FROM step AS one JOIN step AS two ON two.src_id = one.dst_id
                    WHERE one.src_id = fan.src_id
            ) AS below WHERE below.id <> fan.src_id) END AS total FROM fan)
    UPDATE ownership_asset AS asset SET downstream_count = coalesce(reach.total, 0)
    FROM ownership_asset AS same LEFT JOIN reach ON reach.src_id = same.id
    WHERE same.id = asset.id AND asset.downstream_count <> coalesce(reach.total, 0)
"""
MEMBERSHIPS, TEAMS = "accounts_membership", "accounts_team"


@dataclass
class Refreshed:
    """How many assets were looked at, and how many crossings began, changed or ended."""

    assets: int = 0
    begun: int = 0
    changed: int = 0
    ended: int = 0


def refresh_touched(*, at: datetime) -> Refreshed:
    """The assets on the list that are due, at most 5,000; also those of people and teams whose places changed.

    Each chunk is a transaction under one lock, so that two refreshes never meet. Repeating changes nothing.
    """
    touch_moved_people(at=at)
    due = BoundaryCheck.objects.filter(due_at__lte=at).order_by("due_at", "asset_id")
    ids = list(due.values_list("asset_id", flat=True)[:MOST_A_MINUTE])
    done = refresh_assets(asset_ids=ids, at=at)
    refresh_gaps(asset_ids=ids, at=at)
    refresh_asset_risks(asset_ids=ids, at=at)
    return done


def refresh_all(*, at: datetime) -> Refreshed:
    """Crossings wherever one could be, gaps of every live asset."""
    done = refresh_assets(asset_ids=candidates(), at=at)
    refresh_gaps(asset_ids=list(Asset.objects.filter(retired_at=None).values_list("pk", flat=True)), at=at)
    return done


def run_touched(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The job of each minute."""
    del args, progress
    return asdict(refresh_touched(at=clock.now()))


def run_all(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The job of the night: how far each asset reaches, then everything."""
    del args, progress
    count_downstream()
    return asdict(refresh_all(at=clock.now()))


def count_downstream() -> int:
    """How many assets stand within two steps below each one, up to 10,000; returns how many counts changed."""
    with connection.cursor() as cursor:
        cursor.execute(DOWNSTREAM)
        return int(cursor.rowcount)


def refresh_assets(*, asset_ids: Sequence[int], at: datetime) -> Refreshed:
    """Work out the crossings of these assets and write what differs."""
    total = Refreshed()
    for start in range(0, len(asset_ids), CHUNK):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            _refresh(list(asset_ids[start : start + CHUNK]), total, at)
    return total


def candidates() -> list[int]:
    """Ids of the assets whose primary ever had a craft that some cell calls a crossing, or with acts, or open rows."""
    query = """
        SELECT owner.asset_id FROM ownership_ownership AS owner
            JOIN ownership_asset AS asset ON asset.id = owner.asset_id
            LEFT JOIN accounts_membership AS member ON member.person_id = owner.person_id AND member.is_main
            LEFT JOIN accounts_team AS team ON team.id = owner.team_id
        WHERE owner.duty = 1 AND owner.rank = 1 AND owner.state IN ('accepted', 'ended') AND (
            (team.discipline = '') OR asset.kind = 50 OR asset.kind >= 100 OR EXISTS (
                SELECT 1 FROM ownership_crossingrule AS rule WHERE rule.verdict = 'crossing'
                AND rule.kind = asset.kind AND rule.discipline = coalesce(member.discipline, team.discipline)))
        UNION SELECT asset_id FROM ownership_evidence
        UNION SELECT asset_id FROM ownership_crossing WHERE upper_inf(valid)
        ORDER BY 1
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def touch(*, asset_ids: Iterable[int], at: datetime) -> None:
    """Put assets on the list; one that is due earlier stays so."""
    rows = [BoundaryCheck(asset_id=asset_id, due_at=at) for asset_id in set(asset_ids)]
    BoundaryCheck.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["asset"], update_fields=["due_at"], batch_size=5000
    )


def touch_domain(*, domain_ids: Iterable[int], at: datetime) -> None:
    """Every live asset of these domains."""
    touch(asset_ids=Asset.objects.filter(domain_id__in=domain_ids).values_list("pk", flat=True), at=at)


def touch_moved_people(*, at: datetime) -> None:
    """Assets of people and teams whose row changed lately; a margin covers transactions that commit late."""
    recent = RowChange.objects.filter(at__gt=at - OVERLAP, table_name__in=[MEMBERSHIPS, TEAMS])
    keys: dict[str, set[str]] = {MEMBERSHIPS: set(), TEAMS: set()}
    for table, key in recent.values_list("table_name", "row_key"):
        keys[table].add(key)
    if not (keys[MEMBERSHIPS] or keys[TEAMS]):
        return
    places = Membership.objects.filter(pk__in=keys[MEMBERSHIPS])
    people = set(places.values_list("person_id", flat=True))
    teams = set(places.values_list("team_id", flat=True)) | {int(key) for key in keys[TEAMS]}
    owned = Ownership.objects.filter(Q(person_id__in=people) | Q(team_id__in=teams), duty=Duty.TECHNICAL, rank=PRIMARY)
    acted = Evidence.objects.filter(person_id__in=people)
    touched = {*owned.values_list("asset_id", flat=True), *acted.values_list("asset_id", flat=True)}
    touch(asset_ids=touched, at=at)


def _refresh(asset_ids: list[int], total: Refreshed, at: datetime) -> None:
    # Off the list first: a change that commits from here on puts its asset back.
    BoundaryCheck.objects.filter(asset_id__in=asset_ids, due_at__lte=at).delete()
    views = boundary_views(asset_ids)
    standing: dict[int, list[Crossing]] = {}
    since = DateTimeTZRange(at - KEPT, None)
    for row in Crossing.objects.filter(asset_id__in=asset_ids, valid__overlap=since).order_by("pk"):
        standing.setdefault(row.asset_id, []).append(row)
    writes = _Writes(at)
    for asset_id, view in views.items():
        found = find_crossings(view.facts, at) if view.facts is not None else []
        _compare(view, standing.get(asset_id, []), [each for each in found if _is_recent(each, at)], writes)
    writes.save(total)
    _plan_checks(views, at)
    total.assets += len(views)


def _is_recent(found: Found, at: datetime) -> bool:
    return found.end is None or found.end > at - KEPT


def _compare(view: AssetView, standing: list[Crossing], found: list[Found], writes: _Writes) -> None:
    """Rows of the same party and rule that overlap are the same crossing; what no fact supports any more is void."""
    left = list(standing)
    for each in found:
        same = next((row for row in left if _is_same(row, each)), None)
        if same is None:
            writes.begin(view, each)
        else:
            left.remove(same)
            writes.change(same, view, each)
    for row in left:
        writes.end(row, view)


def _is_same(row: Crossing, found: Found) -> bool:
    if (row.party_key, row.rule_id) != (found.party, found.rule):
        return False
    upper = row.valid.upper
    return (upper is None or found.start <= upper) and (found.end is None or row.opened_at <= found.end)


class _Writes:
    """What one chunk has to write, in a few statements."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.new: list[Crossing] = []
        self.changed: list[Crossing] = []
        self.ended: list[Crossing] = []
        self.logged: list[Crossing] = []

    def begin(self, view: AssetView, found: Found) -> None:
        row = Crossing(
            asset_id=view.id,
            person_id=found.party if found.party > 0 else None,
            team_id=-found.party if found.party < 0 else None,
            rule_id=found.rule,
            **_facts(view, found),
        )
        row.state = RESOLVED if found.end is not None else row.state
        self.new.append(row)

    def change(self, row: Crossing, view: AssetView, found: Found) -> None:
        facts = _facts(view, found)
        if row.opened_at < self.at - KEPT:  # its first acts may be pruned already
            facts["valid"] = DateTimeTZRange(row.valid.lower, found.end)
        before = {name: getattr(row, name) for name in facts}
        was_open = row.valid.upper is None
        state = RESOLVED if found.end is not None else "open" if row.state == RESOLVED else row.state
        if before == facts and state == row.state:
            return
        for name, value in facts.items():
            setattr(row, name, value)
        told = state != row.state or before["level"] != row.level
        row.state = state
        self.changed.append(row)
        if told:
            self.logged.append(row)
        if was_open and found.end is not None:
            self.ended.append(row)

    def end(self, row: Crossing, view: AssetView) -> None:
        """A retired asset ends its crossings now; a span without facts never was."""
        row.state = RESOLVED if view.facts is None else VOID
        if view.facts is not None:
            row.valid = DateTimeTZRange(empty=True)
        elif row.valid.upper is None:
            row.valid = DateTimeTZRange(row.valid.lower, self.at)
        else:
            return
        self.changed.append(row)
        self.logged.append(row)
        self.ended.append(row)

    def save(self, total: Refreshed) -> None:
        Crossing.objects.bulk_update(self.changed, [*FACTS, "state"], batch_size=CHUNK)
        Crossing.objects.bulk_create(self.new)
        CrossingStep.objects.bulk_create(
            CrossingStep(crossing=row, at=self.at, state=row.state, level=row.level, score=row.score)
            for row in [*self.new, *self.logged]
        )
        arm_steps(crossings=[row for row in self.new if row.valid.upper is None], at=self.at)
        cancel_steps(crossings=self.ended, at=self.at)
        total.begun += len(self.new)
        total.changed += len(self.changed) - len(self.ended)
        total.ended += len(self.ended)


FACTS = ("valid", "seen_from", "level", "score", "weight", "is_owned", "is_done", "last_evidence_at")


def _facts(view: AssetView, found: Found) -> dict[str, Any]:
    weight = weigh(
        base=found.base, tier=view.tier, is_owned=found.is_owned, is_done=found.is_done, downstream=view.downstream
    )
    return {
        "valid": DateTimeTZRange(found.start, found.end),
        "seen_from": found.seen_from,
        "level": weight.level,
        "score": weight.score,
        "weight": weight.words,
        "is_owned": found.is_owned,
        "is_done": found.is_done,
        "last_evidence_at": found.last_act_at,
    }


def _plan_checks(views: Mapping[int, AssetView], at: datetime) -> None:
    """Assets that time alone will change come back on their day."""
    coming = {view.id: next_change(view.facts, at) for view in views.values() if view.facts is not None}
    again = [BoundaryCheck(asset_id=pk, due_at=due) for pk, due in coming.items() if due is not None]
    BoundaryCheck.objects.bulk_create(again, ignore_conflicts=True)
