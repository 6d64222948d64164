"""How wishes come onto the list of the next plan."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from portal.core.models import AuditEntry
from requests_queue.models import PlanCandidate, PlanItem, QuarterPlan
from requests_queue.services.candidates import nominate_candidate
from requests_queue.services.privacy import make_private
from tests.app.requests_queue.desk import TUESDAY, filed

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_request_becomes_a_candidate_of_the_next_quarter(world: World) -> None:
    request = filed(world, decision_served="Which carrier to drop")
    candidate = nominate_candidate(actor=world.alice, request=request, at=TUESDAY)
    assert candidate is not None
    assert (candidate.plan.quarter_start, candidate.plan.state) == (date(2027, 1, 1), "draft")
    assert (candidate.title, candidate.why, candidate.sponsor) == (request.title, "Which carrier to drop", world.bob)
    assert (candidate.source_type, candidate.source_id) == ("request", request.pk)


def test_the_same_request_is_one_candidate(world: World) -> None:
    request = filed(world)
    first = nominate_candidate(actor=world.alice, request=request, at=TUESDAY)
    assert nominate_candidate(actor=world.alice, request=request, at=TUESDAY) == first
    assert AuditEntry.objects.filter(verb="requests.candidate_nominated").count() == 1


def test_an_estimated_wish_is_the_last_line_and_one_without_waits_beside_the_list(world: World) -> None:
    estimated, plain = filed(world, title="Rebuild the funnel"), filed(world, title="Something else")
    estimated.estimate_minutes = 900
    nominate_candidate(actor=world.alice, request=estimated, at=TUESDAY)
    nominate_candidate(actor=world.alice, request=plain, at=TUESDAY)
    assert list(PlanItem.objects.exclude(rank=None).values_list("rank", "title", "minutes")) == [
        (1, "Rebuild the funnel", 900)
    ]


def test_a_locked_plan_sends_the_wish_to_the_quarter_after(world: World) -> None:
    first = nominate_candidate(actor=world.alice, request=filed(world), at=TUESDAY)
    assert first is not None
    QuarterPlan.objects.filter(pk=first.plan_id).update(state="locked", locked_at=TUESDAY)
    second = nominate_candidate(actor=world.alice, request=filed(world, title="Another one"), at=TUESDAY)
    assert second is not None
    assert second.plan.quarter_start == date(2027, 4, 1)


def test_a_private_request_never_stands_in_a_plan(world: World) -> None:
    request = filed(world)
    private = make_private(
        actor=world.bob, request=request, people=[world.alice], reason="a legal matter", at=TUESDAY
    )  # fmt: skip
    assert nominate_candidate(actor=world.alice, request=private, at=TUESDAY) is None
    assert (PlanCandidate.objects.count(), QuarterPlan.objects.count()) == (0, 0)
