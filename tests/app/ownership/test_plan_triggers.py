"""What is below a rebuilt table runs in order; a failure holds only what needs it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ownership.domain.plans import PlanKind
from ownership.models import AssetStatus, ChangePlan, PlanTrigger
from ownership.services.owning import Nomination, propose_owner
from ownership.services.planning import PlanDraft, start_plan
from ownership.services.triggers import (
    finish_trigger,
    follow_runs,
    held_by,
    key_of,
    send_ready,
    send_trigger,
    set_pipeline_trigger,
)
from portal.accounts.services.endpoints import NewEndpoint, create_endpoint
from portal.core.errors import Conflict
from portal.engine.models import Delivery, Notice
from tests.app.ownership.graphs import make_graph

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def diamond(world: World, clock: MovableClock) -> ChangePlan:
    """Base feeds left and right, both feed end; right also feeds lone."""
    clock.set(AT)
    pairs = [("base", "left"), ("base", "right"), ("left", "end"), ("right", "end"), ("right", "lone")]
    assets = make_graph(pairs, at=AT)
    propose_owner(actor=world.alice, asset=assets["base"], nomination=Nomination(person=world.alice), at=AT)
    wish = NewEndpoint("runner", "webhook", "https://runner.example.com/api/v1/dags/daily/dagRuns")
    endpoint, _ = create_endpoint(actor=world.alice, team=world.data_platform, wish=wish, at=AT)
    for name in ("left", "right", "end", "lone"):
        set_pipeline_trigger(
            actor=world.alice, pipeline=assets[name], kind="airflow2", endpoint=endpoint, job=name,
            authorization="Bearer x", at=AT,
        )  # fmt: skip
    return start_plan(actor=world.alice, draft=PlanDraft(assets["base"], PlanKind.SMALL, "rebuild"), at=AT)


def runs(row: ChangePlan) -> dict[str, str]:
    return dict(row.triggers.order_by("n").values_list("asset__name", "state"))


def trigger(row: ChangePlan, name: str) -> PlanTrigger:
    return PlanTrigger.objects.get(plan=row, asset__name=name)


def test_what_is_below_runs_in_the_order_of_the_data(diamond: ChangePlan, alice: Person) -> None:
    assert list(runs(diamond)) == ["left", "right", "end", "lone"]
    with pytest.raises(Conflict, match="has not run yet"):
        send_trigger(actor=alice, row=trigger(diamond, "end"), at=AT)
    assert send_ready(actor=alice, plan=diamond, at=AT) == 2
    assert runs(diamond) == {"left": "sent", "right": "sent", "end": "todo", "lone": "todo"}
    finish_trigger(actor=alice, row=trigger(diamond, "right"), ran=True, at=AT)
    assert runs(diamond) == {"left": "sent", "right": "done", "end": "todo", "lone": "sent"}


def test_a_failure_holds_only_what_needs_it_and_a_repeat_has_the_same_key(diamond: ChangePlan, alice: Person) -> None:
    send_ready(actor=alice, plan=diamond, at=AT)
    finish_trigger(actor=alice, row=trigger(diamond, "left"), ran=False, at=AT)
    finish_trigger(actor=alice, row=trigger(diamond, "right"), ran=True, at=AT)
    left, end = trigger(diamond, "left"), trigger(diamond, "end")
    assert held_by(diamond) == {end.asset_id: left.asset_id}
    assert runs(diamond)["lone"] == "sent"
    send_trigger(actor=alice, row=left, at=AT + DAY)
    sent = Notice.objects.filter(context__asset="left").order_by("created_at")
    assert [notice.context["key"] for notice in sent] == [key_of(left)] * 2
    assert {notice.context["body"]["dag_run_id"] for notice in sent} == {key_of(left)}
    assert Delivery.objects.filter(notice__in=sent, channel="call").count() == 2


def test_the_end_of_a_run_after_the_sending_marks_it_done(diamond: ChangePlan, alice: Person) -> None:
    left = trigger(diamond, "left")
    AssetStatus.objects.create(asset=left.asset, what="last_run", value="complete", at=AT - DAY)
    send_ready(actor=alice, plan=diamond, at=AT)
    assert follow_runs(at=AT) == {"done": 0, "failed": 0}
    AssetStatus.objects.filter(asset=left.asset).update(value="COMPLETE", at=AT + DAY)
    assert follow_runs(at=AT + DAY) == {"done": 1, "failed": 0}
    assert runs(diamond)["left"] == "done"
