"""The pages of a night: four taps without script, the signed link, and what each role may do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.models import AgreementVersion, Incident, Runbook, RunbookUse, UpstreamTicket
from oncall.services.runbooks import draft_runbook, publish_runbook
from oncall.services.tickets import Asking, open_upstream_ticket
from oncall.web.tickets import guest_url
from portal.engine.models import Delivery, Notice
from portal.engine.services.wording import acknowledge_url
from tests.app.oncall.house import NIGHT, UNTIL_HALF_PAST_SIX, WAKE, House, breaks, pages, tick

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def paged(house: House, clock: MovableClock) -> Incident:
    """Growth daily broke at night, and its readers want to be woken for it."""
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily", failure_kind="missing_data", upstream_asset=house.assets["identity.signup_export"])
    tick(clock, NIGHT)
    return Incident.objects.get()


def link(incident: Incident, handle: str = "jonas") -> str:
    delivery = Delivery.objects.filter(
        notice__subject_id=incident.pk, notice__kind="oncall.page", notice__recipient__handle=handle
    ).first()
    assert delivery is not None
    return acknowledge_url(delivery.pk).partition("/a/")[2]


def test_the_page_says_who_is_next_and_four_taps_need_no_script(house: House, clock: MovableClock) -> None:
    incident = paged(house, clock)
    page = browser(house.jonas).get(incident.get_absolute_url()).content.decode()
    assert "Maeve Example at 03:20" in page
    for verb in ("sleep", "acknowledge", "ticket", "wake"):
        assert f'action="/incidents/{incident.number}/do/{verb}"' in page
    answer = browser(house.jonas).post(f"/incidents/{incident.number}/do/acknowledge")
    assert (answer.status_code, Incident.objects.get().state) == (303, "acknowledged")
    again = browser(house.maeve).post(f"/incidents/{incident.number}/do/acknowledge")
    assert (again.status_code, Incident.objects.get().acknowledged_by) == (303, house.jonas)


def test_somebody_outside_reads_and_cannot_tap(house: House, clock: MovableClock) -> None:
    incident = paged(house, clock)
    client = browser(house.bea)
    assert "/do/sleep" not in client.get(incident.get_absolute_url()).content.decode()
    assert client.post(f"/incidents/{incident.number}/do/sleep").status_code == 403
    assert Incident.objects.get().state == "triggered"


def test_the_signed_link_opens_the_card_and_looking_changes_nothing(house: House, clock: MovableClock) -> None:
    incident = paged(house, clock)
    token = link(incident)
    stranger = Client()
    assert stranger.get(f"/a/{token}")["Location"] == f"/n/{token}"
    for method in (stranger.get, stranger.head):
        assert method(f"/n/{token}").status_code == 200
    assert Incident.objects.get().version == incident.version
    assert stranger.post(f"/n/{token}", {"verb": "resolve"}).status_code == 404
    assert stranger.post(f"/n/{token}", {"verb": "sleep"}).status_code == 303
    slept = Incident.objects.get()
    assert (slept.state, slept.acknowledged_by) == ("asleep", house.jonas)
    assert UpstreamTicket.objects.get().team == house.identity


def test_after_a_day_the_link_opens_nothing(house: House, clock: MovableClock) -> None:
    token = link(paged(house, clock))
    clock.set(NIGHT + timedelta(hours=24, minutes=1))
    assert Client().get(f"/n/{token}").status_code == 404
    assert Client().post(f"/n/{token}", {"verb": "acknowledge"}).status_code == 404


def test_a_private_incident_is_behind_the_sign_in_and_in_no_message(house: House, clock: MovableClock) -> None:
    breaks(house, "growth_agg", title="Zeppelin", is_private=True)
    tick(clock, NIGHT)
    incident = Incident.objects.get()
    assert Client().get(f"/n/{link(incident)}").status_code == 404
    assert browser(house.bea).get(incident.get_absolute_url()).status_code == 404
    assert "Zeppelin" not in str(list(Notice.objects.values_list("context", flat=True)))


def test_steps_are_ticked_and_the_second_tick_is_one_act(house: House, clock: MovableClock) -> None:
    incident = paged(house, clock)
    draft_runbook(actor=house.ines, asset=house.assets["growth_daily"], team=None, at=NIGHT)
    publish_runbook(actor=house.ines, runbook=Runbook.objects.get(), at=NIGHT)
    client = browser(house.jonas)
    page = client.get(incident.get_absolute_url()).content.decode()
    assert "Find the owner upstream and send the ticket" in page
    form = {"issue": "1", "step": "0", "outcome": "worked", "form_key": "one-form-key"}
    for _ in range(2):
        assert client.post(f"/incidents/{incident.number}/do/step", form).status_code == 303
    assert RunbookUse.objects.get().outcome == "worked"


def test_the_list_is_filtered_downloaded_and_empty_in_words(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    client = browser(house.jonas)
    assert "Nothing is broken" in client.get("/incidents/").content.decode()
    incident = paged(house, clock)
    assert incident.number in client.get("/incidents/?state=open&kind=missing_data").content.decode()
    assert incident.number not in client.get("/incidents/?state=closed").content.decode()
    lines = b"".join(client.get("/incidents/export.csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]  # a stream
    assert lines[1].startswith(f"{incident.number},growth_daily failed,triggered,missing_data")


def test_a_person_reports_and_the_second_report_joins(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    client = browser(house.bea)
    form = {"asset": "growth_daily", "title": "The figures are empty", "failure_kind": "unknown"}
    first = client.post("/incidents/new", form)
    second = client.post("/incidents/new", form | {"title": "Still empty"})
    assert first["Location"] == second["Location"] == Incident.objects.get().get_absolute_url()
    assert client.post("/incidents/new", form | {"asset": "nothing"}).status_code == 422
    assert pages() == []


def test_an_agreement_is_proposed_and_signed_on_its_page(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    lead, reader = browser(house.ruth), browser(house.bea)
    made = reader.post("/agreements/new", {"asset": "growth_daily", "team": "investor-relations"})
    url = made["Location"]
    text = {"night_class": "wait_until", "until_time": "06:30", "page_from": "07:00", "page_to": "22:00",
            "exceptions": "2027-03-01 2027-03-05 wake", "tell": "investor-relations 60"}  # fmt: skip
    assert lead.post(f"{url}/do/draft", text | {"exceptions": "soon"}).status_code == 422
    assert lead.post(f"{url}/do/draft", text).status_code == 303
    version = AgreementVersion.objects.get()
    sign = {"text_sha256": version.text_sha256}
    assert reader.post(f"{url}/do/sign", sign).status_code == 422
    assert "Sign for Core Data" in lead.get(url).content.decode()
    assert lead.post(f"{url}/do/sign", sign).status_code == 303
    assert "Read and sign" in reader.get("/").content.decode()
    assert reader.post(f"{url}/do/sign", sign).status_code == 303
    assert "Wait until 06:30" in reader.get(url).content.decode()
    assert "Agreed" in reader.get("/assets/growth_daily").content.decode()


def test_the_api_acts_once_for_one_key_and_names_the_state_on_a_conflict(house: House, clock: MovableClock) -> None:
    incident = paged(house, clock)
    client = browser(house.jonas)
    path = f"/api/v1/incidents/{incident.number}"
    headers = {"Idempotency-Key": "tap-1"}
    bodies = [client.post(f"{path}/sleep/", {}, content_type="application/json", headers=headers) for _ in range(2)]
    assert [body.status_code for body in bodies] == [200, 200]
    assert bodies[0].json() == bodies[1].json()
    assert bodies[0].json()["state"] == "asleep"
    resolved = client.post(f"{path}/resolve", {"cause": "fixed_cause"}, content_type="application/json")
    assert resolved.json()["state"] == "resolved"
    late = client.post(f"{path}/escalate", {}, content_type="application/json")
    assert (late.status_code, late.json()["code"]) == (409, "oncall.bad_transition")
    events: Any = client.get(f"{path}/events/").json()
    assert [row["kind"] for row in events["results"]][:2] == ["opened", "paged"]


def test_an_engineer_without_account_answers_by_link(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    asking = Asking("missing_data", "Signups are missing", house.assets["identity.signup_export"],
                    asking_team=house.core, evidence={"check": "partition_exists"})  # fmt: skip
    ticket = open_upstream_ticket(actor=house.jonas, asking=asking, at=NIGHT)
    path = "/t/" + guest_url(ticket).partition("/t/")[2]
    guest = Client()
    assert "Signups are missing" in guest.get(path).content.decode()
    assert guest.post(path, {"said_by": "", "text": "done"}).status_code == 422
    assert guest.post(path[:-3] + "xyz", {"said_by": "Nadia", "text": "A late job", "move": "fixed"}).status_code == 404
    assert guest.post(path, {"said_by": "Nadia", "text": "A late job", "move": "fixed"}).status_code == 303
    ticket.refresh_from_db()
    assert (ticket.state, ticket.cause) == ("fixed", "A late job")
    assert ticket.events.order_by("-seq")[0].said_by == "Nadia"
    assert guest.get(path[:-3] + "xyz").status_code == 404


def test_what_if_it_breaks_says_what_then_happens_and_writes_nothing(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT - timedelta(days=1))
    clock.set(NIGHT)
    before = Notice.objects.count(), Incident.objects.count()
    page = browser(house.bea).get("/oncall/dry-run?asset=growth_daily&at=2027-02-03T03:05").content.decode()
    assert "It waits until today 06:30, then pages." in page
    assert "Jonas Example" in page
    assert (Notice.objects.count(), Incident.objects.count()) == before
