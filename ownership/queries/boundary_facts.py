"""What decides about crossings, over all time, for many assets in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ownership.domain.crossings import AssetFacts, Rule
from ownership.domain.patterns import CLASSIC, MIXED, cell_kind
from ownership.domain.shadow import ACTS, Event
from ownership.domain.states import PRIMARY, Duty, State
from ownership.domain.timelines import EARLIEST, LATEST, Stretch, always, overlaid, value_at
from ownership.models import Asset, CrossingRule, Domain, DomainPattern, Evidence, Ownership, Pattern
from portal.accounts.models import Membership, Team

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HELD = (State.ACCEPTED.value, State.ENDED.value)
MOST_DEEP = 20


@dataclass(frozen=True)
class AssetView:
    """An asset with the facts of its boundary; `facts` is None for a retired one."""

    id: int
    tier: int | None
    downstream: int
    facts: AssetFacts | None


@dataclass(frozen=True)
class Place:
    """A membership in instants: the person's own local days."""

    person_id: int
    team_id: int
    discipline: str
    share: int
    is_main: bool
    start: datetime
    end: datetime


def boundary_views(asset_ids: Iterable[int]) -> dict[int, AssetView]:
    """Every asset of the ids with its facts; 8 queries whatever their number."""
    assets = {asset.pk: asset for asset in Asset.objects.filter(pk__in=list(asset_ids)).select_related("documents")}
    tenures, acts = _tenures(assets), _acts(assets)
    parties = {stretch.value for each in tenures.values() for stretch in each}
    people = {party for party in parties if party > 0} | {act.party for each in acts.values() for act in each}
    places = _places(people, {-party for party in parties if party < 0})
    members: dict[tuple[int, int], list[Place]] = defaultdict(list)
    for place in places:
        members[place.person_id, place.team_id].append(place)
    crafts = _crafts(parties | people, places)
    patterns, rules = _patterns(), _rules()
    views = {}
    for pk, asset in assets.items():
        kind = cell_kind(asset.kind, asset.documents.kind if asset.documents else None)
        facts = AssetFacts(
            tenures=tenures[pk],
            crafts=crafts,
            patterns=patterns[asset.domain_id],
            rules=rules[kind],
            acts=_in_whose_name(acts[pk], tenures[pk], members),
        )
        views[pk] = AssetView(pk, asset.tier, asset.downstream_count, None if asset.retired_at else facts)
    return views


def _tenures(assets: Mapping[int, Asset]) -> dict[int, list[Stretch[int]]]:
    rows = Ownership.objects.filter(
        asset_id__in=assets, duty=Duty.TECHNICAL, rank=PRIMARY, state__in=HELD
    )  # fmt: skip
    found: dict[int, list[Stretch[int]]] = defaultdict(list)
    for asset_id, party, valid in rows.order_by("valid").values_list("asset_id", "party_key", "valid"):
        found[asset_id].append(Stretch(valid.lower or EARLIEST, valid.upper or LATEST, party))
    return found


def _acts(assets: Mapping[int, Asset]) -> dict[int, list[Event]]:
    rows = Evidence.objects.filter(asset_id__in=assets, kind__in=ACTS).order_by("at", "pk")
    found: dict[int, list[Event]] = defaultdict(list)
    for asset_id, person, kind, at, ref in rows.values_list("asset_id", "person_id", "kind", "at", "ref"):
        found[asset_id].append(Event(person, kind, at, ref))
    return found


def _places(people: set[int], teams: set[int]) -> list[Place]:
    rows = Membership.objects.filter(person_id__in=people) | Membership.objects.filter(team_id__in=teams)
    columns = ("person_id", "team_id", "discipline", "fte_percent", "is_main", "during", "person__zone")
    return [
        Place(person, team, craft, share, is_main, _midnight(during.lower, zone), _midnight(during.upper, zone))
        for person, team, craft, share, is_main, during, zone in rows.distinct().values_list(*columns)
    ]


def _midnight(day: date | None, zone: str) -> datetime:
    """The first instant of the person's local day; an open end is for ever."""
    return LATEST if day is None else datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _crafts(parties: set[int], places: Sequence[Place]) -> dict[int, list[Stretch[str]]]:
    """A person's discipline by the main place; a team's own one, else that of more than half of its members."""
    crafts: dict[int, list[Stretch[str]]] = {party: [] for party in parties}
    for place in sorted(places, key=lambda place: place.start):
        if place.is_main and place.person_id in crafts:
            crafts[place.person_id].append(Stretch(place.start, place.end, place.discipline))
    teams = {-party for party in parties if party < 0}
    for pk, own in Team.objects.filter(pk__in=teams).values_list("pk", "discipline"):
        crafts[-pk] = always(own) if own else team_crafts([place for place in places if place.team_id == pk])
    return crafts


def team_crafts(places: Sequence[Place]) -> list[Stretch[str]]:
    """The discipline of more than half of the members by share, over time; else `mixed`."""
    instants = sorted({instant for place in places for instant in (place.start, place.end)})
    return [
        Stretch(start, end, _majority([place for place in places if place.start <= start < place.end]))
        for start, end in pairwise(instants)
    ]


def _majority(present: Iterable[Place]) -> str:
    shares: Counter[str] = Counter()
    for place in present:
        shares[place.discipline] += place.share
    if not shares:
        return ""
    craft, share = shares.most_common(1)[0]
    return craft if 2 * share > shares.total() else MIXED


def _in_whose_name(
    acts: Sequence[Event], tenures: Sequence[Stretch[int]], members: Mapping[tuple[int, int], Sequence[Place]]
) -> list[Event]:
    """What a member of the accountable team does is done in the team's name."""
    told = []
    for act in acts:
        accountable = value_at(tenures, act.at) or 0
        places = members.get((act.party, -accountable), ()) if accountable < 0 else ()
        is_member = any(place.start <= act.at < place.end for place in places)
        told.append(Event(accountable, act.kind, act.at, act.ref) if is_member else act)
    return told


def _patterns() -> defaultdict[int | None, list[Stretch[int]]]:
    """Of each domain its pattern over time: its own, else that of the nearest domain above, else `classic`."""
    standard = always(Pattern.objects.values_list("pk", flat=True).get(slug=CLASSIC))
    own: dict[int, list[Stretch[int]]] = defaultdict(list)
    for domain, pattern, valid in DomainPattern.objects.order_by("valid").values_list(
        "domain_id", "pattern_id", "valid"
    ):
        own[domain].append(Stretch(valid.lower or EARLIEST, valid.upper or LATEST, pattern))
    above = dict(Domain.objects.values_list("pk", "parent_id"))
    found: defaultdict[int | None, list[Stretch[int]]] = defaultdict(lambda: standard)
    for domain in above:
        timeline = standard
        for each in reversed(_up_from(domain, above)):
            timeline = overlaid(timeline, own[each])
        found[domain] = timeline
    return found


def _up_from(domain: int, above: Mapping[int, int | None]) -> list[int]:
    """The domain and those above it, nearest first."""
    chain = [domain]
    while (step := above.get(chain[-1])) is not None and len(chain) < MOST_DEEP:
        chain.append(step)
    return chain


def _rules() -> dict[int, dict[tuple[int, str], Rule]]:
    """By kind: the cell of each (pattern, discipline)."""
    found: dict[int, dict[tuple[int, str], Rule]] = defaultdict(dict)
    rows: Any = CrossingRule.objects.values_list("pk", "pattern_id", "discipline", "kind", "verdict", "base")
    for pk, pattern, discipline, kind, verdict, base in rows:
        found[kind][pattern, discipline] = Rule(pk, verdict, base)
    return found
