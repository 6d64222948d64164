"""Who takes pages and ends incidents speaks for who takes care of the asset (spec ownership 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from oncall.models import Incident, IncidentEvent
from oncall.services.incidents import acknowledge_incident, add_note, correct_kind, resolve_incident
from ownership.models import Evidence
from portal.core.models import AuditEntry
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


def test_a_private_alert_joins_no_incident_and_no_alert_joins_its_own(house: House) -> None:
    open_one = breaks(house, "growth_agg", key="seen").incident
    secret = breaks(house, "growth_agg", key="hidden", title="Zeppelin", is_private=True).incident
    again = breaks(house, "growth_agg", key="seen too").incident
    assert (open_one, secret) == (again, Incident.objects.get(is_private=True))
    assert not IncidentEvent.objects.filter(incident=open_one, data__icontains="zeppelin").exists()


def test_every_act_on_a_private_incident_is_audited_in_its_compartment(house: House) -> None:
    incident = breaks(house, "growth_agg", is_private=True).incident
    assert incident is not None
    acknowledge_incident(actor=house.ines, incident=incident, at=NIGHT)
    add_note(actor=house.ines, incident=incident, text="Zeppelin", at=NIGHT)
    correct_kind(actor=house.ines, incident=incident, failure_kind="late", at=NIGHT)
    rows = AuditEntry.objects.filter(object_type="oncall.incident", object_id=str(incident.pk))
    assert set(rows.values_list("compartment", flat=True)) == {incident.number}
