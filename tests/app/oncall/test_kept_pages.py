"""Doors with samples and a test, checks with snippets, and quiet times that are ended by hand."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.domain.precheck_snippets import snippets_of
from oncall.domain.samples import KEY, samples_of
from oncall.domain.signals import PARSERS, parse
from oncall.models import Alert, Expectation, Incident, Integration, MaintenanceWindow, Silence
from oncall.services.checking import Checking, create_precheck, record_check
from oncall.services.expecting import create_expectation
from oncall.services.integrations import create_integration
from oncall.services.quiet import create_silence
from oncall.services.runbooks import draft_runbook, publish_runbook
from portal.engine.models import EngineInbound, Job, Notice
from portal.engine.services.working import run_job
from tests.app.oncall.house import NIGHT, WAKE, House, breaks

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(person: Person, url: str) -> str:
    answer = browser(person).get(url)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("kind", sorted(PARSERS))
def test_the_samples_of_a_door_fire_and_resolve_one_alert(kind: str) -> None:
    fires, over = (parse(kind, sample.body, {})[0] for sample in samples_of(kind, "growth_daily"))
    assert (fires.status, over.status) == ("firing", "resolved")
    assert fires.dedup_key == over.dedup_key
    assert "growth_daily" in fires.names


@pytest.mark.parametrize("kind", ["alertmanager", "airflow", "pagerduty"])
def test_what_the_page_says_to_send_opens_an_incident(house: House, clock: MovableClock, kind: str) -> None:
    clock.set(NIGHT)
    door, secret = create_integration(actor=house.jonas, team=house.core, kind=kind, slug="the-door", at=NIGHT)
    page = text(house.bea, f"/integrations/{door.slug}")
    path = "/api/v1/v2/enqueue" if kind == "pagerduty" else f"/api/v1/inbound/{kind}/the-door"
    assert f"http://testserver{path}" in page
    assert secret not in page
    body = json.loads(json.dumps(samples_of(kind, "growth_daily")[0].body).replace(KEY, secret))
    sent = Client().post(path, body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"})
    assert sent.status_code == 202
    run_job(job_id=Job.objects.get(kind="oncall.receive_alert").pk)
    assert Incident.objects.get().root_asset == house.assets["growth_daily"]


def test_a_test_says_what_would_happen_and_does_nothing(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    door, _ = create_integration(actor=house.jonas, team=house.core, kind="generic", slug="the-door", at=NIGHT)
    url = f"/integrations/{door.slug}/do/try"
    body = json.dumps(samples_of("generic", "growth_daily")[0].body)
    answer = browser(house.jonas).post(url, {"body": body})
    assert answer.status_code == 200
    assert "An incident of growth_daily that pages at once." in answer.content.decode()
    unknown = browser(house.jonas).post(url, {"body": json.dumps(samples_of("generic", "nothing")[0].body)})
    assert "No asset is called so" in unknown.content.decode()
    for wrong, words in (("{", "This is no JSON"), ('{"status": "firing"}', "dedup_key: the key is needed")):
        refused = browser(house.jonas).post(url, {"body": wrong})
        assert (refused.status_code, words in refused.content.decode()) == (422, True)
    assert browser(house.bea).post(url, {"body": body}).status_code == 403
    told = browser(house.jonas).post(
        "/api/v1/integrations/the-door/test/", {"body": json.loads(body)}, content_type="application/json"
    ).json()  # fmt: skip
    assert [(row["asset"], row["status"]) for row in told["signals"]] == [("growth_daily", "firing")]
    assert (Alert.objects.count(), EngineInbound.objects.count()) == (0, 0)
    assert not Notice.objects.filter(kind="oncall.page").exists()


def test_a_door_is_renamed_rekeyed_and_closed_on_its_page(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    door, _ = create_integration(actor=house.jonas, team=house.core, kind="airflow", slug="the-door", at=NIGHT)
    before = door.token_hash
    jonas = browser(house.jonas)
    url = f"/integrations/{door.slug}/do"
    assert jonas.post(f"{url}/mapping", {"mapping": '{"assets": {"dag": "growth_daily"}}'}).status_code == 303
    assert jonas.post(f"{url}/mapping", {"mapping": '{"assets": 3}'}).status_code == 422
    assert jonas.post(f"{url}/rotate").status_code == 303
    assert jonas.post(f"{url}/close").status_code == 303
    door.refresh_from_db()
    assert (door.mapping, door.is_active) == ({"assets": {"dag": "growth_daily"}}, False)
    assert door.token_hash != before
    assert browser(house.bea).post(f"{url}/open").status_code == 403
    assert Integration.objects.get().is_active is False
    assert jonas.post(f"{url}/open").status_code == 303
    assert Integration.objects.get().is_active is True


def test_a_silence_is_ended_on_its_page_and_what_fires_makes_its_incident(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    create_silence(actor=house.ruth, team=house.core, matcher={"asset": "growth_daily"}, until=NIGHT + DAY,
                   reason="a move", at=NIGHT)  # fmt: skip
    breaks(house, "growth_daily")
    silence = Silence.objects.get()
    url = f"/silences/{silence.pk}"
    assert "Quiet now" in text(house.bea, "/silences/?asset=growth_daily&standing=live")
    assert "a move" not in text(house.bea, "/silences/?standing=over")
    assert "End it now" not in text(house.bea, url)
    assert browser(house.bea).post(url).status_code == 403
    assert not Incident.objects.exists()
    assert browser(house.jonas).post(url).status_code == 303
    assert Incident.objects.get().root_asset == house.assets["growth_daily"]
    assert "End it now" not in text(house.jonas, url)
    found = browser(house.bea).get("/api/v1/silences/?standing=over").json()
    assert [row["id"] for row in found["results"]] == [silence.pk]


def test_maintenance_is_planned_listed_and_ended(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    form = {"team": "core-data", "assets": "growth_daily", "start": "2027-02-04T01:00", "end": "2027-02-04T03:00",
            "reason": "a larger disk"}  # fmt: skip
    assert browser(house.jonas).post("/maintenance/", form).status_code == 303
    window = MaintenanceWindow.objects.get()
    assert "To come" in text(house.bea, f"/maintenance/{window.pk}")
    answer: Any = browser(house.bea).get("/maintenance/export.csv?asset=growth_daily")
    assert b"core-data,growth_daily" in b"".join(answer.streaming_content)
    assert browser(house.jonas).post(f"/maintenance/{window.pk}").status_code == 303
    assert "Over" in text(house.bea, f"/maintenance/{window.pk}")


def test_an_expectation_is_paused_and_expected_again(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    made, _ = create_expectation(actor=house.jonas, asset=house.assets["growth_daily"], zone="UTC", at=NIGHT,
                                 rule={"kind": "daily", "hours": 4})  # fmt: skip
    url = f"/expectations/{made.pk}"
    assert browser(house.bea).post(url).status_code == 403
    assert browser(house.jonas).post(url).status_code == 303
    assert Expectation.objects.get().is_paused is True
    assert "growth_daily" in text(house.bea, "/expectations/?is_paused=true")
    assert "never beaten" not in text(house.bea, "/expectations/?is_paused=false")
    assert browser(house.jonas).post(url).status_code == 303
    assert Expectation.objects.get().is_paused is False


def test_a_check_is_added_answers_and_shows_how_to_ask(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    form = {"consumer": "growth_daily", "upstream": "identity.signup_export", "kind": "row_count",
            "on_unreachable": "closed"}  # fmt: skip
    assert browser(house.bea).post("/prechecks/", form).status_code == 403
    assert browser(house.jonas).post("/prechecks/", form).status_code == 303
    check = house.assets["growth_daily"].pre_checks.get()
    record_check(actor=house.jonas, pre_check=check, ok=False, detail="no rows", at=NIGHT)
    page = text(house.bea, f"/prechecks/{check.pk}")
    assert "/api/v1/prechecks/growth_daily/evaluate/" in page
    assert "no rows" in page
    assert "growth_daily" in text(house.bea, "/prechecks/?last_ok=false")
    found = browser(house.bea).get("/api/v1/prechecks/?last_ok=true").json()
    assert found["results"] == []


def test_without_an_answer_the_snippet_follows_what_was_agreed(house: House) -> None:
    made = create_precheck(
        actor=house.jonas, at=NIGHT,
        checking=Checking(house.assets["identity.signup_export"], house.assets["growth_daily"], "freshness", {}),
    )  # fmt: skip
    opened, closed = (dict(snippets_of("https://here/x", way)) for way in (made.on_unreachable, "closed"))
    assert ("|| exit 0" in opened["Shell"], "|| exit 1" in closed["Shell"]) == (True, True)
    assert ("return True" in opened["Airflow"], "return False" in closed["Airflow"]) == (True, True)
    assert "-m 2" in opened["dbt"]


def test_runbooks_are_filtered_and_downloaded_by_page_and_api(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    for name in ("growth_daily", "growth_agg"):
        draft = draft_runbook(actor=house.ines, asset=house.assets[name], team=None, at=NIGHT)
        if name == "growth_agg":
            publish_runbook(actor=house.ines, runbook=draft.runbook, at=NIGHT)
    page = text(house.bea, "/runbooks/?state=draft")
    assert ("Runbook of growth_daily" in page, "Runbook of growth_agg" in page) == (True, False)
    answer: Any = browser(house.bea).get("/runbooks/export.csv?asset=growth_agg")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert [line.split(",")[2:6] for line in lines[1:]] == [["growth_agg", "", "1", "5"]]
    found = browser(house.bea).get("/api/v1/runbooks/?state=published").json()["results"]
    assert [row["asset"] for row in found] == ["growth_agg"]
    assert "data-copy=" in text(house.bea, "/runbooks/growth_agg")


def sent(door: Integration, secret: str, dag: str, day: str) -> None:
    body = {"dag_id": dag, "task_id": "load", "logical_date": day, "state": "failed"}
    path = f"/api/v1/inbound/airflow/{door.slug}"
    answer = Client().post(path, body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 202
    run_job(job_id=Job.objects.filter(kind="oncall.receive_alert", state="queued").latest("pk").pk)


def test_a_name_that_no_asset_has_is_proposed_one_and_later_messages_find_it(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    door, secret = create_integration(actor=house.jonas, team=house.core, kind="airflow", slug="the-door", at=NIGHT)
    sent(door, secret, "prod.Growth-Daily_dag", "2027-02-03")
    lost = Incident.objects.get()
    assert (lost.root_asset, lost.team) == (None, house.core)
    assert "which asset is it?" in text(house.jonas, lost.get_absolute_url())
    told = browser(house.bea).get("/api/v1/integrations/the-door/unknown/").json()["names"]
    slug = house.assets["growth_daily"].slug
    assert [(row["name"], row["times"], row["proposed"]) for row in told] == [("prod.Growth-Daily_dag", 1, slug)]
    assert "Yes, it is this one" in text(house.jonas, "/integrations/the-door")
    assert "Yes, it is this one" not in text(house.bea, "/integrations/the-door")
    url, form = "/integrations/the-door/do/name", {"name": "prod.Growth-Daily_dag", "asset": slug}
    assert browser(house.bea).post(url, form).status_code == 403
    assert browser(house.jonas).post(url, form | {"asset": "nothing"}).status_code == 422
    assert browser(house.jonas).post(url, form).status_code == 303
    door.refresh_from_db()
    assert door.mapping == {"assets": {"prod.Growth-Daily_dag": slug}}
    assert browser(house.bea).get("/api/v1/integrations/the-door/unknown/").json() == {"names": []}
    clock.set(NIGHT + DAY)
    sent(door, secret, "prod.Growth-Daily_dag", "2027-02-04")
    assert Alert.objects.latest("pk").asset == house.assets["growth_daily"]


def test_the_page_of_a_silence_lists_what_it_keeps_quiet(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    matcher = {"asset": house.assets["growth_daily"].slug}
    row = create_silence(
        actor=house.jonas, team=house.core, matcher=matcher, until=NIGHT + DAY, reason="Known", at=NIGHT
    )
    assert "Nothing fires under it now." in text(house.bea, f"/silences/{row.pk}")
    breaks(house, "growth_daily", title="The load has no rows")
    assert "The load has no rows" in text(house.bea, f"/silences/{row.pk}")
    assert not Incident.objects.exists()
