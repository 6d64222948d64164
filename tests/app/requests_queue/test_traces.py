"""Who answers questions and writes answers speaks for who takes care of the asset (spec ownership 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ownership.models import Evidence
from requests_queue.services.concluding import answer_request
from requests_queue.services.privacy import make_private
from requests_queue.services.triage import claim_for_triage
from requests_queue.services.working import resolve_request
from tests.app.requests_queue.desk import TUESDAY, filed, started
from tests.app.requests_queue.library import SQL, published, shop_assets

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db


def acts(kind: str) -> list[tuple[int, int]]:
    return list(Evidence.objects.filter(kind=kind).order_by("pk").values_list("asset_id", "person_id"))


def test_an_answer_and_a_result_are_acts_of_who_gave_them(world: World) -> None:
    thing = next(iter(shop_assets(world).values()))
    asked = filed(world, assets=[thing])
    claim_for_triage(actor=world.alice, request=asked, at=TUESDAY)
    answer_request(actor=world.alice, request=asked, body="Refunds are left out.", at=TUESDAY)
    done = started(world, title="Sum the refunds by week", assets=[thing])
    resolve_request(actor=world.alice, request=done, result="The table is there.", at=TUESDAY)
    assert acts("question_answered") == [(thing.pk, world.alice.pk)] * 2


def test_a_private_request_leaves_no_trace_outside_it(world: World) -> None:
    thing = next(iter(shop_assets(world).values()))
    asked = filed(world, assets=[thing])
    claim_for_triage(actor=world.alice, request=asked, at=TUESDAY)
    make_private(actor=world.alice, request=asked, people=[], reason="An investigation begins.", at=TUESDAY)
    answer_request(actor=world.alice, request=asked, body="Refunds are left out.", at=TUESDAY)
    assert acts("question_answered") == []


def test_whoever_writes_an_answer_acted_on_what_it_rests_on(world: World) -> None:
    shop_assets(world)
    entry = published(world, "Why is net GMV lower than in finance?", answer={"sql": SQL})
    assert entry.current is not None
    resting = sorted(entry.current.dependencies.values_list("asset_id", flat=True))
    assert resting
    assert sorted(asset for asset, _ in acts("faq_authored")) == resting
