"""A dataset leaves as an open data contract, and comes back without a change."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from django.test import Client

from ownership.domain.contracts import contract
from ownership.importers.facts import AssetFact
from ownership.models import Asset, Ownership
from ownership.queries.contracts import dataset_of
from ownership.services.owning import Nomination, propose_owner
from portal.core.services.imports import FileToImport, plan_import
from tests.app.ownership.importing import applied_file, facts_of
from tests.app.ownership.samples import ODCS, SAMPLES

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_contract_that_was_exported_comes_back_without_a_change(world: World, clock: MovableClock) -> None:
    applied_file("odcs", ODCS, clock.now())
    browser = Client()
    browser.force_login(world.alice)
    answer = browser.get("/assets/orders/contract.yaml")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/yaml; charset=utf-8")
    told = yaml.safe_load(answer.content)
    assert (told["apiVersion"], told["id"], told["schema"][0]["name"]) == ("v3.1.0", "orders", "orders")
    assert [(each["username"].partition("@")[0], each["dateIn"][:10]) for each in told["team"]["members"]] == [
        ("alice", "2014-08-02"), ("bob", "2014-10-01"), ("carol", "2019-03-14"), ("dave", "2021-04-01"),
    ]  # fmt: skip
    file = FileToImport("odcs", io.BytesIO(answer.content), "orders.odcs.yaml", force=True)
    run = plan_import(actor=None, given=file, at=clock.now())
    assert (run.state, run.plan["changes"], run.counts["issues_by_level"]) == ("planned", 0, {})


def test_any_dataset_is_exported_with_its_dated_owners(world: World, clock: MovableClock) -> None:
    at = clock.now()
    applied_file("csv", SAMPLES["csv"], at)
    asset = Asset.objects.filter(kind=20).order_by("pk")[0]
    row = propose_owner(actor=world.bob, asset=asset, nomination=Nomination(person=world.bob, rank=2), at=at)
    held: Any = Ownership.objects.get(pk=row.pk)
    told = contract(dataset_of(asset))
    assert (told["id"], told["schema"][0]["name"]) == (str(asset.public_id), asset.name)
    assert told["team"]["members"][-1] == {
        "username": "bob@example.com", "role": "backup maintainer", "dateIn": held.valid.lower.isoformat(),
    }  # fmt: skip
    facts, issues = facts_of("odcs", json.dumps(told))
    assert (issues.by_level(), sum(isinstance(fact, AssetFact) for fact in facts)) == ({}, 1)
