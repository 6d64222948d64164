"""What a team carries and what its plan should look at, read from incidents, ownership and logged time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from oncall.services.incidents import acknowledge_incident, resolve_incident
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.owning import Nomination, propose_owner
from ownership.services.refreshing import refresh_assets
from portal.core.domain.quarter import quarter_called
from requests_queue.models import PlanCandidate
from requests_queue.queries.upkeep import upkeep_of
from requests_queue.queries.worked import oncall_past, upkeep_history
from requests_queue.services.candidates import estimate_candidate
from requests_queue.services.plan_finding import gather_for_open_plans, gather_found
from requests_queue.services.plan_life import ship_line
from requests_queue.services.plan_locking import LockChoices, lock_plan
from requests_queue.services.plan_opening import draft_plan
from tests.app.oncall.house import House, breaks, make_house
from tests.world import BEFORE

if TYPE_CHECKING:
    from requests_queue.models import QuarterPlan

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def house(db: None) -> House:
    return make_house()


def broken(house: House, asset: str, at: datetime, minutes: int, cause: str = "fixed_cause") -> None:
    """Something broke and somebody was awake for so long."""
    incident = breaks(house, asset, at=at, key=f"{asset} {at}").incident
    assert incident is not None
    acknowledge_incident(actor=house.jonas, incident=incident, at=at + timedelta(minutes=5))
    resolve_incident(actor=house.jonas, incident=incident, cause=cause, at=at + timedelta(minutes=5 + minutes))


def drafted(house: House) -> QuarterPlan:
    return draft_plan(actor=house.ruth, team=house.core, quarter=quarter_called("2027q1"), at=NOW)


def test_two_quarters_of_incidents_replace_the_default_of_the_tier(house: House) -> None:
    asset = house.assets["growth_agg"]
    broken(house, "growth_agg", datetime(2026, 5, 5, 9, tzinfo=UTC), 300)
    assert upkeep_history({asset.pk}, NOW) == {asset.pk: (300,)}
    broken(house, "growth_agg", datetime(2026, 8, 5, 9, tzinfo=UTC), 200)
    shares = {share.pipeline.key: share for share in upkeep_of(house.core, quarter_called("2027q1"), NOW).shares}
    assert (shares[asset.pk].rate.minutes, shares[asset.pk].rate.is_measured) == (200, True)
    other = shares[house.assets["growth_daily"].pk]
    assert (other.rate.minutes, other.rate.is_measured) == (720, False)


def test_private_incidents_are_in_no_rate_of_a_pipeline(house: House) -> None:
    for month in (5, 8):
        broken(house, "growth_agg", datetime(2026, month, 5, 9, tzinfo=UTC), 300)
    house.rota.incidents.update(is_private=True)
    assert upkeep_history({house.assets["growth_agg"].pk}, NOW) == {}


def test_the_load_of_a_week_on_call_is_the_middle_of_the_last_eight(house: House) -> None:
    assert oncall_past(house.core, NOW).minutes == ()
    for weeks, minutes in ((10, 400), (3, 90), (2, 30), (1, 60)):
        broken(house, "growth_agg", NOW - weeks * 7 * DAY + DAY, minutes)
    past = oncall_past(house.core, NOW)
    assert past.minutes == (0, 0, 0, 0, 0, 90, 30, 60)
    upkeep = upkeep_of(house.core, quarter_called("2027q1"), NOW)
    assert (upkeep.weeks, upkeep.week_minutes, upkeep.oncall) == (13, 0, 0)


def test_what_crosses_for_ninety_days_stands_beside_the_list_once(house: House) -> None:
    draft = AssetDraft(kind="logging_event", name="checkout_clicked", tier=2)
    asset = create_asset(actor=house.ruth, draft=draft, at=BEFORE)
    propose_owner(actor=house.ruth, asset=asset, nomination=Nomination(person=house.ruth), at=BEFORE)
    refresh_assets(asset_ids=[asset.pk], at=NOW)
    plan = drafted(house)
    for _ in range(2):
        gather_found(actor=None, team=house.core, at=NOW)
    found = PlanCandidate.objects.get(source_type="boundary")
    assert (found.plan, found.sponsor, found.estimate_minutes) == (plan, None, None)
    assert found.title == "Find who should own what crosses"
    assert list(found.assets.all()) == [asset]
    assert not plan.items.filter(candidate=found).exists()


def test_an_asset_that_breaks_often_is_proposed_with_newer_figures_each_night(house: House) -> None:
    drafted(house)
    for days in (30, 20, 10):
        broken(house, "growth_agg", NOW - days * DAY, 10)
    gather_for_open_plans(at=NOW)
    first = PlanCandidate.objects.get(source_type="incident")
    assert (first.title, first.why) == ("No more failures: growth_agg", "3 incidents in 90 days.")
    broken(house, "growth_agg", NOW - DAY, 10)
    gather_for_open_plans(at=NOW)
    first.refresh_from_db()
    assert first.why == "4 incidents in 90 days."


def test_a_private_incident_is_proposed_to_nobody(house: House) -> None:
    drafted(house)
    for days in (30, 20, 10):
        broken(house, "growth_agg", NOW - days * DAY, 10)
    house.rota.incidents.update(is_private=True)
    gather_found(actor=None, team=house.core, at=NOW)
    assert not PlanCandidate.objects.exists()


def test_what_a_plan_refused_is_not_proposed_to_the_next(house: House) -> None:
    plan = drafted(house)
    for days in (30, 20, 10):
        broken(house, "growth_agg", NOW - days * DAY, 10)
    gather_found(actor=None, team=house.core, at=NOW)
    refused = PlanCandidate.objects.get()
    choices = LockChoices(refusals={refused.pk: "The job is replaced in spring."})
    lock_plan(actor=house.ruth, plan=plan, choices=choices, at=NOW)
    gather_found(actor=None, team=house.core, at=NOW + DAY)
    assert PlanCandidate.objects.get().status == "not_taken"


def test_what_is_in_work_is_proposed_again_only_after_it_shipped(house: House) -> None:
    plan = drafted(house)
    for days in (30, 20, 10):
        broken(house, "growth_agg", NOW - days * DAY, 10)
    gather_found(actor=None, team=house.core, at=NOW)
    item = estimate_candidate(actor=house.ruth, candidate=PlanCandidate.objects.get(), minutes=480, at=NOW)
    lock_plan(actor=house.ruth, plan=plan, at=NOW)
    gather_found(actor=None, team=house.core, at=NOW + DAY)
    assert PlanCandidate.objects.count() == 1
    ship_line(actor=house.ruth, item=item, result="A new job.", at=NOW + DAY)
    gather_found(actor=None, team=house.core, at=NOW + 2 * DAY)
    assert PlanCandidate.objects.count() == 1
    for days in (3, 4, 5):
        broken(house, "growth_agg", NOW + days * DAY, 10)
    gather_found(actor=None, team=house.core, at=NOW + 6 * DAY)
    assert PlanCandidate.objects.filter(source_type="incident").count() == 2
