"""What was touched within the minute and everything at night give the same rows."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from ownership.domain.crossings import find_crossings
from ownership.domain.scores import weigh
from ownership.models import Asset, BoundaryCheck, Crossing, CrossingStep, Domain, DomainPattern, Ownership, Pattern
from ownership.queries.boundary_facts import boundary_views
from ownership.queries.crossings import list_crossings
from ownership.services.evidence import Act, record_evidence
from ownership.services.refreshing import candidates, refresh_all, refresh_touched, touch_domain
from portal.accounts.models import Membership
from portal.engine.models import Deadline
from tests.world import make_person, make_team

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def asset(kind: int, name: str, at: datetime, **more: Any) -> Asset:
    return Asset.objects.create(kind=kind, slug=name, name=name, created_at=at, updated_at=at, attrs={}, **more)


def own(thing: Asset, party: Any, at: datetime) -> Ownership:
    """Ends the primary before and starts the next, as every service does."""
    standing = Ownership.objects.filter(asset=thing, duty=1, rank=1, valid__upper_inf=True).first()
    if standing is not None:
        standing.valid, standing.state = DateTimeTZRange(standing.valid.lower, at), "ended"
        standing.save(update_fields=["valid", "state"])
    who = {"team": party} if party.__class__.__name__ == "Team" else {"person": party}
    return Ownership.objects.create(
        asset=thing, duty=1, rank=1, state="accepted", valid=(at, None), origin="portal", recorded_at=at, **who
    )


def shown(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(
        (row.asset_id, row.party_key, row.rule_id, row.valid.lower, row.valid.upper or row.seen_from, str(row.score),
         row.level, row.is_owned, row.is_done)
        for row in rows
    )  # fmt: skip


def from_scratch(at: datetime) -> list[tuple[Any, ...]]:
    """Every asset by the pure rule, as if nothing had ever been stored."""
    told = []
    for view in boundary_views(Asset.objects.values_list("pk", flat=True)).values():
        for each in find_crossings(view.facts, at) if view.facts else []:
            weight = weigh(
                base=each.base, tier=view.tier, is_owned=each.is_owned, is_done=each.is_done, downstream=view.downstream
            )
            told.append((
                view.id, each.party, each.rule, each.start, each.end or each.seen_from, str(weight.score),
                weight.level, each.is_owned, each.is_done,
            ))  # fmt: skip
    return sorted(told)


@pytest.mark.parametrize("seed", [1, 2])
def test_full_and_incremental_agree_on_two_hundred_histories(world: World, clock: MovableClock, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 (a repeatable history, no secret)
    parties: list[Any] = [world.alice, world.bob, world.carol, world.data_platform, world.checkout, make_team("pair")]
    people = [party for party in parties if party.__class__.__name__ == "Person"]
    domain = Domain.objects.create(name="Shop", slug="shop")
    things = [
        asset(dice.choice([10, 20, 22, 30, 40]), f"thing-{n}", clock.now(), tier=dice.choice([None, 1, 3]),
              domain=dice.choice([None, domain]))
        for n in range(200)
    ]  # fmt: skip
    patterns = list(Pattern.objects.order_by("slug"))
    for day in range(14):
        clock.advance(days=dice.choice([1, 3, 12]))
        at = clock.now()
        for thing in dice.sample(things, 40):
            what = dice.random()
            if what < 0.4:
                own(thing, dice.choice(parties), at)
            elif what < 0.9:
                act = Act(kind=dice.choice(["commit", "review"]), ref=f"{day}-{dice.random()}", at=at)
                record_evidence(actor=None, person=dice.choice(people), assets=[thing], act=act)
            else:
                Asset.objects.filter(pk=thing.pk).update(tier=dice.choice([1, 2]), downstream_count=dice.randint(0, 60))
        if day == 5:
            DomainPattern.objects.create(domain=domain, pattern=patterns[0], valid=(at, None), recorded_at=at)
            touch_domain(domain_ids=[domain.pk], at=at)
        if day == 8:
            _becomes(world.bob, "DE", at)
        refresh_touched(at=clock.now())
    rows = Crossing.objects.exclude(state="void")
    assert shown(rows) == from_scratch(clock.now())
    assert len({row.asset_id for row in rows}) > 60
    steps = CrossingStep.objects.count()
    again = refresh_all(at=clock.now())
    assert (again.begun, again.changed, again.ended, CrossingStep.objects.count()) == (0, 0, 0, steps)
    assert set(rows.values_list("asset_id", flat=True)) <= set(candidates())


def _becomes(person: Person, discipline: str, at: datetime) -> None:
    row = Membership.objects.get(person=person)
    Membership.objects.filter(pk=row.pk).update(during=(row.during.lower, at.date()))
    Membership.objects.create(
        person=person, team=row.team, during=(at.date(), None), discipline=discipline, is_main=True
    )


def test_the_board_of_a_past_day_is_what_it_was(world: World, clock: MovableClock) -> None:
    churn, net = asset(30, "churn", clock.now(), tier=1), asset(30, "net", clock.now())
    boards = []
    for day in range(8):
        clock.advance(days=10)
        at = clock.now()
        if day == 0:
            own(churn, world.alice, at)
        if day in {1, 2}:
            for kind in ("commit", "review"):
                act = Act(kind=kind, ref=f"{kind}{day}", at=at)
                record_evidence(actor=None, person=world.alice, assets=[net, churn], act=act)
        if day == 4:
            Asset.objects.filter(pk=churn.pk).update(tier=4)
        if day == 6:
            own(churn, world.bob, at)
        at = clock.now()
        refresh_touched(at=at)
        boards.append((at, board(at)))
    assert [len(shown_then) for _, shown_then in boards] == [1, 1, 2, 2, 1, 1, 0, 0]
    assert [(at, board(at)) for at, _ in boards] == boards


def board(at: datetime) -> list[tuple[str, str, str, int]]:
    return [
        (row.asset.slug, row.state_then, row.level_then, (at - row.opened_at).days)  # type: ignore[attr-defined] # annotated
        for row in list_crossings(at).select_related("asset")
    ]


def test_a_touched_asset_is_looked_at_once_and_again_when_time_decides(world: World, clock: MovableClock) -> None:
    clock.advance(hours=1)  # the places of people are not new any more
    net = asset(30, "net", clock.now())
    at = clock.now()
    for kind, ref in (("commit", "a"), ("commit", "b"), ("review", "c")):
        record_evidence(actor=None, person=world.alice, assets=[net], act=Act(kind=kind, ref=ref, at=at))
    done = refresh_touched(at=clock.now())
    assert (done.assets, done.begun) == (1, 1)
    assert BoundaryCheck.objects.get().due_at == at + timedelta(days=30)
    assert refresh_touched(at=clock.now()).assets == 0
    clock.advance(days=31)
    refresh_touched(at=clock.now())
    row = Crossing.objects.get()
    assert (row.state, row.valid.upper) == ("resolved", at + timedelta(days=30))
    assert not Deadline.objects.filter(state="armed", subject_type="ownership.crossing").exists()


def test_a_crossing_arms_its_three_steps_and_a_new_discipline_ends_it(world: World, clock: MovableClock) -> None:
    churn = asset(30, "churn", clock.now())
    opened = clock.now()
    own(churn, world.alice, opened)
    refresh_touched(at=clock.now())
    armed = Deadline.objects.filter(state="armed", kind="ownership.crossing_step").order_by("step")
    assert [(row.step, row.due_at - opened) for row in armed] == [
        (days, timedelta(days=days)) for days in (30, 90, 180)
    ]
    clock.advance(days=2)
    _becomes(world.alice, "DA", clock.now())
    refresh_touched(at=clock.now())
    assert Crossing.objects.get().state == "resolved"
    assert list(armed.values_list("state", "step")) == []


def test_a_member_of_the_accountable_team_acts_in_its_name(world: World, clock: MovableClock) -> None:
    churn = asset(30, "churn", clock.now())
    own(churn, world.data_platform, clock.now())
    for kind, ref in (("commit", "a"), ("commit", "b"), ("review", "c")):
        act = Act(kind=kind, ref=ref, at=clock.now())
        record_evidence(actor=None, person=world.alice, assets=[churn], act=act)
    refresh_touched(at=clock.now())
    row = Crossing.objects.get()
    assert (row.team, row.person, row.is_owned, row.is_done) == (world.data_platform, None, True, True)


def test_an_import_of_ownership_touches_by_itself(world: World, clock: MovableClock) -> None:
    things = [asset(10, f"event-{n}", clock.now()) for n in range(3)]
    BoundaryCheck.objects.all().delete()
    rows = [
        Ownership(asset=thing, person=world.alice, duty=1, rank=1, state="accepted", valid=(clock.now(), None),
                  origin="import", recorded_at=clock.now())
        for thing in things
    ]  # fmt: skip
    Ownership.objects.bulk_create(rows)
    assert BoundaryCheck.objects.count() == 3
    assert refresh_touched(at=clock.now()).begun == 3
    assert make_person("eve") is not None
