"""Who takes pages and ends incidents speaks for who takes care of the asset (spec ownership 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from oncall.services.incidents import acknowledge_incident, resolve_incident
from ownership.models import Evidence
from tests.app.oncall.house import NIGHT, breaks

if TYPE_CHECKING:
    from tests.app.oncall.house import House

pytestmark = pytest.mark.django_db


def test_a_page_taken_and_an_incident_solved_are_acts_on_its_asset(house: House) -> None:
    incident = breaks(house, "growth_agg").incident
    assert incident is not None
    for _ in range(2):
        acknowledge_incident(actor=house.ines, incident=incident, at=NIGHT)
    resolve_incident(actor=house.jonas, incident=incident, cause="fixed_cause", at=NIGHT)
    acts = Evidence.objects.filter(kind__in=["page_acked", "incident_resolved"]).order_by("pk")
    assert list(acts.values_list("asset", "person", "kind", "url")) == [
        (house.assets["growth_agg"].pk, house.ines.pk, "page_acked", ""),
        (house.assets["growth_agg"].pk, house.jonas.pk, "incident_resolved", ""),
    ]


def test_a_private_incident_leaves_no_trace_outside_it(house: House) -> None:
    incident = breaks(house, "growth_agg", is_private=True).incident
    assert incident is not None
    acknowledge_incident(actor=house.ines, incident=incident, at=NIGHT)
    assert not Evidence.objects.filter(kind="page_acked").exists()
