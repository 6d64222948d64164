"""A domain gets another pattern from a day on; a leaver's handovers end; an absence says what it leaves uncovered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from ownership.models import Asset, Crossing, Domain, DomainPattern, Handoff, Ownership, Pattern
from ownership.services.handoffs import HandoffDraft, draft_handoff, offer_handoff
from ownership.services.leaving import hand_over_assets
from ownership.services.patterns import Difference, assign_pattern, copy_pattern, preview_pattern
from ownership.services.refreshing import refresh_touched
from portal.accounts.services.absences import Away, check_absence, enter_absence
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.engine.models import Notice
from tests.world import make_admin, make_person

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def held(owner: Person, name: str, kind: int, clock: MovableClock, domain: Domain | None = None, **more: Any) -> Asset:
    at = clock.now()
    thing = Asset.objects.create(
        kind=kind, slug=name, name=name, domain=domain, created_at=at, updated_at=at, attrs={}, **more
    )
    Ownership.objects.create(
        asset=thing, person=owner, duty=1, rank=1, state="accepted", valid=(at - timedelta(days=60), None),
        origin="portal", recorded_at=at,
    )  # fmt: skip
    return thing


@pytest.fixture
def shop(world: World, clock: MovableClock) -> Domain:
    """An analyst owns a metric, an analytics engineer a dataset."""
    domain = Domain.objects.create(name="Shop", slug="shop", lead_team=world.data_platform)
    held(world.bob, "churn", 30, clock, domain)
    held(make_person("ada", team=world.checkout, discipline="AE"), "orders", 20, clock, domain)
    refresh_touched(at=clock.now())
    return domain


def test_the_difference_is_shown_before_and_is_what_then_happens(
    world: World, shop: Domain, clock: MovableClock
) -> None:
    pattern = Pattern.objects.get(slug="analytics_engineer")
    at = clock.now()
    assert preview_pattern(domain=shop, pattern=pattern, since=at) == Difference(end=0, begin=1)
    assert (Crossing.objects.count(), DomainPattern.objects.count()) == (0, 0)
    assign_pattern(actor=world.alice, domain=shop, pattern=pattern, since=at, at=at)
    refresh_touched(at=clock.now())
    row = Crossing.objects.get()
    assert (row.asset.slug, row.rule.pattern, row.opened_at) == ("churn", pattern, at)


def test_what_crossed_before_a_change_stays_with_its_end(world: World, shop: Domain, clock: MovableClock) -> None:
    pattern = Pattern.objects.get(slug="analytics_engineer")
    first = clock.now()
    assign_pattern(actor=world.alice, domain=shop, pattern=pattern, since=first, at=first)
    refresh_touched(at=clock.now())
    clock.advance(days=10)
    back = clock.now()
    assign_pattern(actor=world.alice, domain=shop, pattern=Pattern.objects.get(slug="classic"), since=back, at=back)
    refresh_touched(at=clock.now())
    row = Crossing.objects.get()
    assert (row.state, row.valid.lower, row.valid.upper) == ("resolved", first, back)


def test_a_past_day_a_second_time_and_a_stranger_are_refused(world: World, shop: Domain, clock: MovableClock) -> None:
    pattern, at = Pattern.objects.get(slug="classic"), clock.now()
    with pytest.raises(DomainError) as refusal:
        assign_pattern(actor=world.alice, domain=shop, pattern=pattern, since=at - timedelta(days=1), at=at)
    with pytest.raises(NotAllowed):
        assign_pattern(actor=world.bob, domain=shop, pattern=pattern, since=at, at=at)
    assert (refusal.value.code, DomainPattern.objects.count()) == ("ownership.bad_pattern_day", 0)
    assign_pattern(actor=world.alice, domain=shop, pattern=pattern, since=at, at=at)
    with pytest.raises(Conflict):
        assign_pattern(actor=world.alice, domain=shop, pattern=pattern, since=at + timedelta(days=1), at=at)


def test_a_copy_has_the_same_cells_and_is_ones_own(clock: MovableClock) -> None:
    classic = Pattern.objects.get(slug="classic")
    made = copy_pattern(actor=make_admin(), source=classic, name="Our way", at=clock.now())
    assert (made.slug, made.copied_from, made.is_built_in) == ("our-way", classic, False)
    columns = ("discipline", "kind", "verdict", "base")
    assert set(made.rules.values_list(*columns)) == set(classic.rules.values_list(*columns))


def test_the_pages_of_patterns_show_the_table_and_the_difference(client: Client, world: World, shop: Domain) -> None:
    client.force_login(world.alice)
    assert "up 3" in client.get("/patterns/classic").content.decode()
    assert "as above it" in client.get("/patterns/").content.decode()
    page = client.get("/domains/shop/pattern?pattern=analytics_engineer").content.decode()
    assert "no crossings end, 1 begin" in page
    assert client.post("/domains/shop/pattern", {"pattern": "nothing"}).status_code == 422
    assert client.post("/domains/shop/pattern", {"pattern": "analytics_engineer"}).status_code == 303
    assert DomainPattern.objects.get().pattern.slug == "analytics_engineer"


def test_a_cell_of_a_copy_is_changed_on_the_page_and_by_the_api(client: Client, world: World, shop: Domain) -> None:
    client.force_login(world.alice)
    assert client.post("/patterns/classic", {"name": "Our way"}).status_code == 303
    cell = {"kind": "metric", "discipline": "DE", "verdict": "ok", "direction": "none", "base": "0"}
    assert client.post("/patterns/classic/cell", cell).status_code == 422
    assert client.post("/patterns/our-way/cell", cell).status_code == 303
    own = Pattern.objects.get(slug="our-way").rules.get(kind=30, discipline="DE")
    assert (own.verdict, own.base, own.is_edited) == ("ok", 0, True)
    program = APIClient()
    program.force_login(world.alice)
    wrong = program.post("/api/v1/patterns/our-way/cell", cell | {"verdict": "crossing"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "ownership.bad_cell")
    dry = program.post("/api/v1/patterns/our-way/assign", {"domain": "shop", "dry_run": True})
    assert dry.json() == {"end": 0, "begin": 0, "written": False}
    assert DomainPattern.objects.count() == 0


def test_handovers_to_and_from_a_leaver_end(world: World, clock: MovableClock) -> None:
    at = clock.now()
    for giver, taker, name in ((world.alice, world.bob, "a"), (world.bob, world.carol, "b")):
        thing = held(giver, name, 20, clock)
        draft = HandoffDraft(giver, taker, [thing.pk], at)
        offer_handoff(actor=giver, handoff=draft_handoff(actor=giver, draft=draft, at=at), at=at)
    hand_over_assets(world.bob, clock.now())
    assert set(Handoff.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert not Ownership.objects.filter(person=world.bob, state="accepted", valid__upper_inf=True).exists()


def test_an_absence_says_which_days_nobody_could_act_and_tells_the_lead_once(world: World, clock: MovableClock) -> None:
    fay = make_person("fay", team=world.data_platform, discipline="DE")
    thing = held(fay, "orders", 20, clock, tier=1)
    Ownership.objects.create(
        asset=thing, person=world.bob, duty=1, rank=2, state="accepted", valid=(clock.now(), None), origin="portal",
        recorded_at=clock.now(),
    )  # fmt: skip
    today = clock.now().date()
    away = Away(first_on=today + timedelta(days=5), last_on=today + timedelta(days=20))
    assert [
        clash for clash in check_absence(actor=fay, person=fay, away=away, at=clock.now()) if "orders" in clash.subject
    ] == []
    gone = Away(first_on=today + timedelta(days=10), last_on=today + timedelta(days=14))
    enter_absence(actor=world.bob, person=world.bob, away=gone, at=clock.now())
    (clash,) = [
        each for each in check_absence(actor=fay, person=fay, away=away, at=clock.now()) if each.subject == "orders"
    ]
    assert (clash.severity, clash.sentence.startswith("Nobody could act on orders from")) == ("bad", True)
    enter_absence(actor=fay, person=fay, away=away, at=clock.now())
    assert Notice.objects.filter(kind="ownership.uncovered", recipient=world.alice).count() == 1
