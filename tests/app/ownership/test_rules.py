"""The rules of crossings and gaps, each with the example of the spec, from stored facts to stored rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ownership.models import Asset, Claim, Crossing, Domain, DomainPattern, Edge, Gap, Ownership, Pattern
from ownership.services.claims import resolve_claims
from ownership.services.evidence import Act, record_evidence
from ownership.services.owning import Nomination, propose_owner
from ownership.services.refreshing import refresh_all
from portal.core.models import ImportSource
from tests.world import BEFORE, make_person, make_team

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
METRIC, PIPELINE, DATASET, LOGGING, DOCUMENT = 30, 22, 20, 10, 50


def asset(name: str, kind: int, at: datetime, **more: Any) -> Asset:
    return Asset.objects.create(kind=kind, slug=name, name=name, created_at=at, updated_at=at, attrs={}, **more)


def own(thing: Asset, party: Any, at: datetime, rank: int = 1) -> Ownership:
    who = {"team": party} if party.__class__.__name__ == "Team" else {"person": party}
    return Ownership.objects.create(
        asset=thing, duty=1, rank=rank, state="accepted", valid=(at, None), origin="portal", recorded_at=at, **who
    )


def did(person: Person, thing: Asset, at: datetime, *kinds: str) -> None:
    for n, kind in enumerate(kinds):
        act = Act(kind, f"{thing.slug} {kind} {n}", at - timedelta(days=n))
        record_evidence(actor=None, person=person, assets=[thing], act=act)


def claim(thing: Asset, person: Person, importer: str, basis: str, at: datetime) -> Claim:
    source, _ = ImportSource.objects.get_or_create(
        importer=importer, scope="t", defaults={"name": importer, "precedence": 40, "created_at": at}
    )
    return Claim.objects.create(
        asset=thing, source=source, raw=person.email or person.handle, person=person, duty=1, rank=1, basis=basis,
        confidence="0.60", first_seen=at, last_seen=at, outcome="proposed",
    )  # fmt: skip


def labels() -> list[str]:
    return list(Crossing.objects.order_by("pk").values_list("rule__label", flat=True))


def test_a_data_engineer_who_owns_and_works_on_net_revenue_is_critical(world: World, clock: MovableClock) -> None:
    """3 × tier 1.5 × evidence 1.2 × reach 1.12 = 6.05."""  # noqa: RUF002 (sign)
    at = clock.now()
    metric = asset("net_revenue", METRIC, at, tier=1, downstream_count=12)
    own(metric, world.alice, at - timedelta(days=5))
    did(world.alice, metric, at, "commit", "commit", "review")
    refresh_all(at=at)
    row = Crossing.objects.get()
    assert (str(row.score), row.level, row.is_owned, row.is_done) == ("6.05", "critical", True, True)
    assert row.opened_at == at - timedelta(days=5)


def test_what_a_scheduler_only_implies_is_a_proposal_and_no_crossing(world: World, clock: MovableClock) -> None:
    """Airflow's owner of a pipeline, carried over to the metric it writes, is inferred: nobody crosses anything."""
    at = clock.now()
    metric = asset("churn", METRIC, at, tier=1)
    claim(metric, world.alice, "airflow", "inferred", at)
    resolve_claims(actor=None, asset_ids=[metric.pk], known_since=at, at=at)
    refresh_all(at=at)
    assert Ownership.objects.get().state == "proposed"
    assert Crossing.objects.count() == 0


def test_what_a_file_declares_is_enough_for_a_crossing(world: World, clock: MovableClock) -> None:
    at = clock.now()
    metric = asset("churn", METRIC, at, tier=1)
    claim(metric, world.alice, "dbt", "declared", at)
    resolve_claims(actor=None, asset_ids=[metric.pk], known_since=at, at=at)
    refresh_all(at=at)
    row = Crossing.objects.get()
    assert (row.is_owned, row.is_done) == (True, False)


@pytest.mark.parametrize(
    ("kinds", "count"),
    [
        (("commit",), 0), (("commit", "commit", "commit"), 0), (("commit", "review"), 0),
        (("commit", "commit", "review"), 1), (("commit", "page_acked", "question_answered"), 1),
    ],
)  # fmt: skip
def test_without_an_owner_two_independent_kinds_of_work_are_needed(
    world: World, clock: MovableClock, kinds: tuple[str, ...], count: int
) -> None:
    metric = asset("churn", METRIC, clock.now())
    did(world.alice, metric, clock.now(), *kinds)
    refresh_all(at=clock.now())
    assert Crossing.objects.count() == count


def test_a_backup_never_crosses(world: World, clock: MovableClock) -> None:
    at = clock.now()
    metric = asset("churn", METRIC, at)
    own(metric, world.bob, at)
    own(metric, world.alice, at, rank=2)
    refresh_all(at=at)
    assert Crossing.objects.count() == 0


def test_who_has_no_discipline_and_a_mixed_team_cross_nothing(world: World, clock: MovableClock) -> None:
    at = clock.now()
    mixed = make_team("growth")
    make_person("gina", team=mixed, discipline="DE")
    make_person("hugo", team=mixed, discipline="SE")
    own(asset("a", METRIC, at), world.dave, at)
    own(asset("b", METRIC, at), mixed, at)
    refresh_all(at=at)
    assert Crossing.objects.count() == 0


def test_an_analytics_engineer_crosses_by_the_pattern_of_the_domain(world: World, clock: MovableClock) -> None:
    """Classic asks about the role; in the other pattern datasets and metrics are theirs, logging and dashboards not."""
    at = clock.now()
    ae = make_person("ana", team=make_team("modelling", discipline="AE"), discipline="AE")
    shop = Domain.objects.create(name="Shop", slug="shop")
    things = {kind: asset(f"k{kind}", kind, at, domain=shop) for kind in (LOGGING, PIPELINE, DATASET, METRIC, 40)}
    for thing in things.values():
        own(thing, ae, at)
    refresh_all(at=at)
    assert {row.asset.kind for row in Crossing.objects.select_related("asset")} == {LOGGING}
    DomainPattern.objects.create(
        domain=shop, pattern=Pattern.objects.get(slug="analytics_engineer"), valid=(BEFORE, None), recorded_at=at
    )
    refresh_all(at=at)
    standing = Crossing.objects.filter(valid__upper_inf=True).select_related("asset")
    assert {row.asset.kind for row in standing} == {LOGGING, 40}


def test_a_document_follows_what_it_documents(world: World, clock: MovableClock) -> None:
    at = clock.now()
    metric = asset("churn", METRIC, at)
    own(metric, world.bob, at)
    own(asset("page", DOCUMENT, at, documents=metric), world.alice, at)
    refresh_all(at=at)
    assert Crossing.objects.get().asset.slug == "page"


def test_a_team_of_engineers_with_data_analysts_logging_reads_upstream(world: World, clock: MovableClock) -> None:
    own(asset("clicks", LOGGING, clock.now()), world.alice, clock.now())
    refresh_all(at=clock.now())
    assert labels() == ["too far upstream"]


def gaps(thing: Asset) -> list[str]:
    return sorted(Gap.objects.filter(asset=thing, valid__upper_inf=True).values_list("kind", flat=True))


def test_a_team_without_members_is_a_gap(world: World, clock: MovableClock) -> None:
    thing = asset("a", DATASET, clock.now(), tier=3)
    own(thing, make_team("empty", discipline="DE"), clock.now())
    refresh_all(at=clock.now())
    assert gaps(thing) == ["empty_team"]


def test_a_proposal_is_a_gap_after_ten_working_days(world: World, clock: MovableClock) -> None:
    """Asked on Monday 2026-03-02 at 10:00; on Monday 2026-03-16 at 10:01 ten working days are over."""
    asked = datetime.fromisoformat("2026-03-02T10:00:00+00:00")
    thing = asset("a", DATASET, asked, tier=3)
    propose_owner(actor=world.alice, asset=thing, nomination=Nomination(person=world.bob), at=asked)
    refresh_all(at=datetime.fromisoformat("2026-03-16T09:59:00+00:00"))
    assert gaps(thing) == ["no_owner"]
    refresh_all(at=datetime.fromisoformat("2026-03-16T10:01:00+00:00"))
    assert gaps(thing) == ["no_owner", "not_accepted"]
    assert Gap.objects.get(kind="not_accepted").detail == {"asked": ["Bob Example"]}


def test_a_pipeline_and_its_dataset_with_two_teams_are_a_split_owner(world: World, clock: MovableClock) -> None:
    at = clock.now()
    pipe, table = asset("pipe", PIPELINE, at, tier=3), asset("table", DATASET, at, tier=3)
    source = ImportSource.objects.create(importer="manual", scope="t", name="t", created_at=at)
    Edge.objects.create(src=pipe, dst=table, kind=1, source=source, first_seen=at, last_seen=at, attrs={})
    own(pipe, world.alice, at)
    own(table, world.carol, at)
    refresh_all(at=at)
    assert (gaps(pipe), gaps(table)) == (["split_owner"], [])
    assert Gap.objects.get(kind="split_owner").detail == {"other_team": "Checkout"}


def test_nobody_on_purpose_is_no_gap_until_its_day(world: World, clock: MovableClock) -> None:
    at = clock.now()
    until = at.date() + timedelta(days=30)
    thing = asset("a", DATASET, at, tier=3, unowned_until=until, unowned_reason="retires soon")
    refresh_all(at=at)
    assert gaps(thing) == []
    refresh_all(at=at + timedelta(days=31))
    assert gaps(thing) == ["no_owner"]
