"""Domains, owner conflicts and unknown names as CSV."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ownership.models import Claim
from ownership.services.domains import DomainDraft, create_domain
from tests.app.ownership.test_rules import asset, claim, own
from tests.world import make_admin

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def lines(client: Client, url: str) -> list[str]:
    response: Any = client.get(url)
    return b"".join(response.streaming_content).decode().splitlines()


def test_lists_around_the_register_come_as_files(client: Client, world: World, clock: MovableClock) -> None:
    at = clock.now() - timedelta(days=1)
    create_domain(actor=make_admin(), draft=DomainDraft("Sales", lead_team=world.checkout), at=at)
    orders, refunds = asset("orders", 20, at), asset("refunds", 20, at)
    own(orders, world.alice, at)
    says = claim(orders, world.bob, "dbt", "declared", at)
    Claim.objects.filter(pk=says.pk).update(outcome="conflict")
    unknown = claim(refunds, world.bob, "dbt", "declared", at)
    Claim.objects.filter(pk=unknown.pk).update(outcome="unresolved", raw="bob@elsewhere.org", person=None)
    client.force_login(world.dave)
    assert lines(client, "/domains/export.csv")[1:] == ["sales,Sales,,checkout,,0"]
    (conflict,) = lines(client, "/conflicts/export.csv")[1:]
    assert conflict.startswith("orders,technical,alice,dbt,bob,bob@example.com,")
    assert lines(client, "/identities/export.csv")[1:] == ["bob@elsewhere.org,1,dbt,bob"]
    for page, file in (("domains", "domains"), ("conflicts", "conflicts"), ("identities", "identities")):
        assert f'href="/{file}/export.csv"' in client.get(f"/{page}/").content.decode()
