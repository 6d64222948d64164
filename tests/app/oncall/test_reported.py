"""A report of wrong data joins the incident of its asset, or opens one (spec additions, On-call)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.models import Alert, Incident, MaintenanceWindow
from oncall.services.quiet import Window, create_maintenance
from portal.accounts.models import Follow
from portal.core.errors import Conflict, DomainError
from portal.core.models import AuditEntry
from requests_queue.models import DataRequest, ExemptKind
from requests_queue.services.broken import report_broken
from requests_queue.services.filing import Filing, file_request
from tests.app.oncall.house import NIGHT, WAKE, House, breaks, pages, tick

if TYPE_CHECKING:
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
TITLE = "The growth board shows zero for Portugal"


def issue(house: House, *, asset: str = "growth_agg", kind: str = "data_issue", **facts: Any) -> DataRequest:
    """Bea, who reads the board, says that it is wrong."""
    about = [house.assets[asset]] if asset else []
    filing = Filing(kind, TITLE, house.core, assets=about, **facts)
    return file_request(actor=house.bea, filing=filing, at=NIGHT + MINUTE)


def joined(request: DataRequest) -> list[str]:
    rows = request.events.filter(kind="incident").order_by("seq")
    return [row.data["incident"] for row in rows]


def seen(person: Any, path: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get(path).content.decode()


def test_wrong_data_of_a_broken_asset_joins_its_incident_and_wakes_nobody_again(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_agg", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_agg")
    tick(clock, NIGHT + MINUTE)
    request = issue(house)
    incident = Incident.objects.get()
    assert joined(request) == [incident.number]
    line = incident.events.get(kind="reported")
    assert (line.actor, line.data["request"]) == (house.bea, request.number)
    assert Follow.objects.filter(person=house.bea, subject_type="oncall.incident", subject_id=incident.pk).exists()
    tick(clock, NIGHT + 2 * MINUTE)
    assert (pages(), Alert.objects.count()) == ([("02:06", "jonas")], 1)
    about = seen(house.bea, f"/requests/{request.number}")
    assert f'part of <a class="link" href="/incidents/{incident.number}">' in about
    assert f"stands behind it with a request: {request.number} {TITLE}" in seen(
        house.jonas, f"/incidents/{incident.number}"
    )


def test_a_report_downstream_of_what_broke_joins_by_its_own_asset_alone(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT + MINUTE)
    breaks(house, "growth_daily")
    assert joined(issue(house, asset="growth_board")) == []
    assert joined(issue(house, asset="growth_daily")) == [Incident.objects.get().number]


@pytest.mark.parametrize("kind", ["question", "change"])
def test_other_kinds_join_nothing(house: House, clock: MovableClock, kind: str) -> None:
    clock.set(NIGHT + MINUTE)
    breaks(house, "growth_agg")
    assert joined(issue(house, kind=kind)) == []


def test_nothing_private_crosses_in_either_direction(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT + MINUTE)
    breaks(house, "growth_agg", is_private=True)
    assert joined(issue(house)) == []
    Incident.objects.update(is_private=False)
    kind = ExemptKind.objects.filter(is_private=True).first() or ExemptKind.objects.create(
        name="Law", slug="law", is_private=True
    )
    secret = issue(house, exemption=kind, people=[house.jonas])
    assert (secret.is_private, joined(secret)) == (True, [])
    with pytest.raises(Conflict):
        report_broken(actor=house.bea, request=secret, at=NIGHT + MINUTE)
    assert not Incident.objects.get().events.filter(kind="reported").exists()


def test_a_private_incident_is_not_joined_by_its_own_people_either(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT + MINUTE)
    breaks(house, "growth_agg", is_private=True)
    request = file_request(
        actor=house.jonas, filing=Filing("data_issue", TITLE, house.core, assets=[house.assets["growth_agg"]]),
        at=NIGHT + MINUTE,
    )  # fmt: skip
    assert joined(request) == []
    report_broken(actor=house.jonas, request=request, at=NIGHT + 2 * MINUTE)
    assert Incident.objects.count() == 2
    assert joined(request) == [Incident.objects.get(is_private=False).number]


def test_where_nothing_is_open_the_page_offers_an_incident_judged_by_agreement(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_agg", WAKE, at=NIGHT - timedelta(days=1))
    clock.set(NIGHT + MINUTE)
    request = issue(house)
    client = Client()
    client.force_login(house.bea)
    path = f"/requests/{request.number}"
    assert "Open an incident" in client.get(path).content.decode()
    assert client.post(f"{path}/do/incident", {"version": request.version}).status_code == 303
    incident = Incident.objects.get()
    assert (incident.title, incident.root_asset, incident.opened_by) == (TITLE, house.assets["growth_agg"], house.bea)
    assert joined(request) == [incident.number]
    assert AuditEntry.objects.filter(verb="requests.incident_opened").count() == 1
    tick(clock, NIGHT + 2 * MINUTE)
    assert pages() == [("02:07", "jonas")]
    page = client.get(path).content.decode()
    assert ("Open an incident" in page, f"/incidents/{incident.number}" in page) == (False, True)
    report_broken(actor=house.bea, request=request, at=NIGHT + 3 * MINUTE)
    assert (Incident.objects.count(), joined(request)) == (1, [incident.number])


def test_without_an_asset_or_in_maintenance_nothing_is_opened_and_the_refusal_says_why(
    house: House, clock: MovableClock
) -> None:
    clock.set(NIGHT + MINUTE)
    bare = issue(house, asset="")
    assert "Open an incident" not in seen(house.bea, f"/requests/{bare.number}")
    with pytest.raises(DomainError) as refused:
        report_broken(actor=house.bea, request=bare, at=NIGHT + MINUTE)
    assert (refused.value.code, refused.value.field) == ("requests.no_asset", "assets")
    window = Window(NIGHT, NIGHT + timedelta(hours=2), [house.assets["growth_agg"]])
    create_maintenance(actor=house.jonas, team=house.core, window=window, reason="An upgrade", at=NIGHT)
    with pytest.raises(Conflict) as quiet:
        report_broken(actor=house.bea, request=issue(house), at=NIGHT + MINUTE)
    assert quiet.value.code == "oncall.kept_quiet"
    assert (Incident.objects.count(), MaintenanceWindow.objects.count()) == (0, 1)
