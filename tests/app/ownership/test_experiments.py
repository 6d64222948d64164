"""Experiments: their days and their decision, said on the page and by the API; ended ones leave the lists."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from rest_framework.test import APIClient

from ownership.domain.experiments import Experiment, experiment_of
from ownership.models import Asset, Ownership
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.experiments import describe_experiment, retire_experiments
from ownership.services.owning import Nomination, propose_owner
from portal.core.models import AuditEntry

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
RAN = Experiment(date(2026, 1, 5), date(2026, 2, 1), "Ship the short form")


@pytest.fixture
def trial(world: World, clock: MovableClock) -> Asset:
    clock.set(AT)
    asset = create_asset(actor=world.alice, draft=AssetDraft("experiment", "short_form"), at=AT)
    propose_owner(actor=world.alice, asset=asset, nomination=Nomination(person=world.alice), at=AT)
    return asset


def test_the_page_and_the_api_say_when_it_runs_and_what_was_decided(trial: Asset, world: World, client: Client) -> None:
    client.force_login(world.alice)
    told = {"starts_on": "2026-01-05", "ends_on": "2026-02-01", "decision": "Ship the short form"}
    assert client.post("/assets/short_form/experiment", told).status_code == 303
    trial.refresh_from_db()
    assert experiment_of(trial.attrs) == RAN
    page = client.get("/assets/short_form").content.decode()
    assert "Ship the short form" in page
    api = APIClient()
    api.force_authenticate(world.alice)
    assert api.get("/api/v1/assets/short_form").json()["attrs"]["experiment"] == told
    wrong = api.post("/api/v1/assets/short_form/experiment", {**told, "ends_on": "2026-01-04"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "ownership.bad_range")
    trial.refresh_from_db()
    assert experiment_of(trial.attrs) == RAN


def test_ninety_days_after_its_end_it_retires_once(trial: Asset, world: World) -> None:
    describe_experiment(actor=world.alice, asset=trial, told=RAN, at=AT)
    end = datetime(2026, 5, 2, 3, tzinfo=UTC)
    assert retire_experiments(at=end) == 0
    assert retire_experiments(at=end + timedelta(days=1)) == 1
    assert retire_experiments(at=end + timedelta(days=1)) == 0
    trial.refresh_from_db()
    assert trial.lifecycle == "retired"
    assert Ownership.objects.get(asset=trial).end_reason == "retired"
    assert AuditEntry.objects.filter(verb="ownership.asset_ended", actor=None).count() == 1


def test_another_kind_has_no_days(trial: Asset, world: World) -> None:
    Asset.objects.filter(pk=trial.pk).update(kind=20)
    api = APIClient()
    api.force_authenticate(world.alice)
    refused = api.post("/api/v1/assets/short_form/experiment", {"decision": "x"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "ownership.not_experiment")
