"""Every kind of asset has a page, a list, search, an API and an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ownership.domain.kinds import ZONES, Kind, KindRefused, all_kinds, register_kind
from ownership.models import Asset
from tests.app.ownership.manifests import applied, manifest, node

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

KINDS = [pytest.param(kind, id=kind.name) for kind in all_kinds()]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_page_list_search_and_api(kind: Kind, world: World, clock: MovableClock) -> None:
    api, browser = APIClient(), Client()
    api.force_authenticate(world.alice)
    browser.force_login(world.alice)
    name = f"Quokka {kind.label}"
    given = {"kind": kind.name, "name": name, "tier": 2}
    made = api.post("/api/v1/assets", given, format="json")
    assert (made.status_code, made.json()["kind"]) == (201, kind.name)
    slug = made.json()["slug"]
    assert kind.label in browser.get(f"/assets/{slug}").content.decode()
    assert [row.title for row in browser.get(f"/assets/?kind={kind.name}").context["rows"]] == [name]
    assert name in browser.get("/search?q=quokka").content.decode()
    listed = api.get(f"/api/v1/assets?kind={kind.name}").json()["results"]
    assert [asset["slug"] for asset in listed] == [slug]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_comes_out_of_a_file(kind: Kind, clock: MovableClock) -> None:
    applied(manifest(node("model.shop.thing", meta={"headwater": {"kind": kind.name}})), clock.now())
    assert Asset.objects.get().kind == kind.code


def test_a_kind_stands_in_a_zone_once() -> None:
    assert all(kind.zone in ZONES for kind in all_kinds())
    with pytest.raises(KindRefused, match="registered twice"):
        register_kind(20, "another", zone=1, box="pipeline")
    with pytest.raises(KindRefused, match="unknown zone"):
        register_kind(101, "elsewhere", zone=7, box="pipeline")
