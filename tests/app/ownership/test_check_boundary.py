"""What a request asks of a team that is another's job (spec ownership 16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ownership.models import Asset, CrossingRule, Domain, DomainPattern, Edge, Gap, Pattern
from ownership.queries.expected import check_boundary, nearest_owning_team
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.gaps import raise_gap, refresh_gaps
from ownership.services.owning import Nomination, propose_owner
from ownership.services.seeding import seed_patterns
from portal.core.models import ImportSource
from portal.core.registries import reopened
from portal.engine.models import EngineEvent
from portal.engine.registries import register_event_handler
from tests.world import make_person, make_team

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def made(actor: Person, clock: MovableClock, kind: str, name: str, owner: Person | None = None) -> Asset:
    asset = create_asset(actor=actor, draft=AssetDraft(kind=kind, name=name), at=clock.now())
    if owner is not None:
        propose_owner(actor=owner, asset=asset, nomination=Nomination(person=owner), at=clock.now())
    return asset


def joined(src: Asset, dst: Asset, clock: MovableClock) -> None:
    source, _ = ImportSource.objects.get_or_create(
        importer="manual", defaults={"name": "by hand", "created_at": clock.now()}
    )
    at = clock.now()
    Edge.objects.create(src=src, dst=dst, kind=1, source=source, first_seen=at, last_seen=at)


def test_asking_data_engineering_to_change_logging_names_the_emitting_team(world: World, clock: MovableClock) -> None:
    clicks = made(world.alice, clock, "logging_event", "web.clicks", world.alice)
    signups = made(world.alice, clock, "export", "identity.signups", world.carol)
    orders = made(world.alice, clock, "dataset", "fct_orders", world.alice)
    joined(clicks, orders, clock)
    joined(signups, orders, clock)
    joined(signups, clicks, clock)
    with CaptureQueriesContext(connection) as asked:
        found = check_boundary(
            kind="change", asset_ids=[clicks.pk, orders.pk], team=world.data_platform, at=clock.now()
        )
    assert len(asked) <= 3
    assert [(each.asset.slug, each.label, each.remedy, each.level) for each in found if each.asset] == [
        ("web.clicks", "too far upstream", "Ask the emitting team to take it.", "low")
    ]
    assert found[0].expected_team is not None
    assert (found[0].expected_team.slug, found[0].accountable and found[0].accountable.slug) == ("checkout", "alice")
    assert found[0].sentence == "web.clicks: too far upstream. Ask the emitting team to take it."


def test_a_team_asked_for_its_own_work_gives_no_finding(world: World, clock: MovableClock) -> None:
    orders = made(world.alice, clock, "dataset", "fct_orders")
    for kind in ("change", "backfill", "data_issue"):
        assert check_boundary(kind=kind, asset_ids=[orders.pk], team=world.data_platform, at=clock.now()) == []
    for kind in ("extract", "access", "nothing known"):
        assert check_boundary(kind=kind, asset_ids=[orders.pk], team=world.checkout, at=clock.now()) == []


def test_a_question_and_a_metric_are_judged_by_what_is_asked(world: World, clock: MovableClock) -> None:
    orders = made(world.alice, clock, "dataset", "fct_orders")
    at = clock.now()
    assert [
        (kind, ids, [each.label for each in check_boundary(kind=kind, asset_ids=ids, team=team, at=at)])
        for kind, ids, team in (
            ("question", [], world.data_platform),
            ("question", [orders.pk], world.data_platform),
            ("question", [], world.analytics),
            ("metric", [orders.pk], world.data_platform),
        )
    ] == [
        ("question", [], ["a business question belongs with the analysts"]),
        ("question", [orders.pk], ["a business question belongs with the analysts"]),
        ("question", [], []),
        ("metric", [orders.pk], ["the definition belongs with the analysts"]),
    ]


def test_a_team_of_mixed_or_unknown_craft_is_not_judged(world: World, clock: MovableClock) -> None:
    clicks = made(world.alice, clock, "logging_event", "web.clicks")
    pair = make_team("pair")
    for handle, craft in (("eve", "DE"), ("fay", "SE")):
        make_person(handle, team=pair, discipline=craft)
    assert check_boundary(kind="change", asset_ids=[clicks.pk], team=pair, at=clock.now()) == []
    assert check_boundary(kind="change", asset_ids=[clicks.pk], team=make_team("empty"), at=clock.now()) == []


def test_the_pattern_of_the_nearest_domain_above_counts(world: World, clock: MovableClock) -> None:
    above = Domain.objects.create(name="Company", slug="company", lead_team=world.analytics)
    below = Domain.objects.create(name="Shop", slug="shop", parent=above, lead_team=world.checkout)
    churn = made(world.alice, clock, "metric", "churn")
    Asset.objects.filter(pk=churn.pk).update(domain=below)
    at = clock.now()
    assert check_boundary(kind="change", asset_ids=[churn.pk], team=world.analytics, at=at) == []
    pattern = Pattern.objects.get(slug="analytics_engineer")
    DomainPattern.objects.create(domain=above, pattern=pattern, valid=(at, None), recorded_at=at)
    found = check_boundary(kind="change", asset_ids=[churn.pk], team=world.analytics, at=at)
    assert [(each.label, each.expected_team and each.expected_team.slug) for each in found] == [
        ("the model belongs with analytics engineering", "checkout")
    ]
    found_team = nearest_owning_team(churn, at)
    assert found_team == world.checkout
    assert nearest_owning_team(made(world.alice, clock, "metric", "margin"), at) is None


def test_seeding_again_keeps_an_edited_cell(world: World) -> None:
    del world
    CrossingRule.objects.filter(pattern__slug="classic", discipline="DE", kind=30).update(
        verdict="ok", direction="none", base=0, is_edited=True
    )
    before = list(CrossingRule.objects.order_by("pk").values())
    seed_patterns()
    assert list(CrossingRule.objects.order_by("pk").values()) == before


def test_a_gap_is_open_once_and_other_rooms_hear_of_it_once(world: World, clock: MovableClock) -> None:
    asset = made(world.alice, clock, "dataset", "fct_orders")
    with reopened():
        register_event_handler("ownership.gap_opened", "listener", lambda **_: None)
        for _ in range(2):
            raise_gap(actor=world.alice, asset=asset, kind="no_document", detail={"by": "alice"}, at=clock.now())
        assert list(Gap.objects.values_list("kind", "detail")) == [("no_document", {"by": "alice"})]
        for _ in range(2):
            refresh_gaps(asset_ids=[asset.pk], at=clock.now())
    kinds = Gap.objects.order_by("pk").values_list("kind", flat=True)
    assert "no_owner" in kinds
    events = EngineEvent.objects.filter(topic="ownership.gap_opened").order_by("pk")
    told = events.values_list("subject_id", "payload__asset", "payload__kind")
    assert list(told) == [(asset.pk, asset.pk, kind) for kind in kinds]
