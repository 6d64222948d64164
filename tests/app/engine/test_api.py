"""The engine's API: notices one may see, deliveries with their tries, handles for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from portal.core.models import AuditEntry
from portal.engine.models import Delivery, EngineControl, Notice
from portal.engine.services.delivering import deliver
from portal.engine.services.ticking import tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.engine.models import Deadline
    from tests.app.engine.house import House

pytestmark = pytest.mark.django_db
REASON = {"reason": "drill in the staging house"}


@pytest.fixture
def page(house: House, arm: Callable[..., Deadline]) -> Notice:
    arm()
    tick(component="engine")
    deliver(delivery_ids=[])
    return Notice.objects.get(kind="house.page")


def _as(person: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def test_the_list_filters_by_state_and_subject(house: House, page: Notice) -> None:
    client = _as(house.alice)
    found = client.get("/api/v1/notices/?state=open&subject=house.thing.1").json()
    assert [row["id"] for row in found["results"]] == [str(page.pk)]
    assert client.get("/api/v1/notices/?subject=house.thing.2").json()["results"] == []


def test_another_persons_private_notice_is_not_there(house: House, page: Notice) -> None:
    Notice.objects.filter(pk=page.pk).update(is_private=True)
    assert _as(house.bob).get(f"/api/v1/notices/{page.pk}/").status_code == 404


def test_acknowledging_twice_answers_the_same(house: House, page: Notice) -> None:
    client = _as(house.alice)
    first = client.post(f"/api/v1/notices/{page.pk}/acknowledge/")
    second = client.post(f"/api/v1/notices/{page.pk}/acknowledge/")
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert (first.json()["state"], first.json()["acknowledged_via"]) == ("acknowledged", "api")


def test_a_delivery_shows_its_tries_and_masks_the_address(house: House, page: Notice) -> None:
    row = page.deliveries.get(channel="phone")
    shown = _as(house.bob).get(f"/api/v1/deliveries/{row.pk}/").json()
    assert [one["phase"] for one in shown["tries"]] == ["claimed", "result"]
    assert shown["address"] == "ph***"


def test_only_admins_pause_and_the_reason_is_kept(house: House) -> None:
    assert _as(house.bob).post("/api/v1/engine/pause/", REASON, format="json").status_code == 403
    assert not EngineControl.objects.get().is_paused
    house.bob.is_admin = True
    house.bob.save()
    assert _as(house.bob).post("/api/v1/engine/pause/", {"reason": "short"}, format="json").status_code == 422
    assert _as(house.bob).post("/api/v1/engine/pause/", REASON, format="json").json()["is_paused"] is True
    assert _as(house.bob).post("/api/v1/engine/resume/", REASON, format="json").json()["is_paused"] is False
    assert list(AuditEntry.objects.filter(verb__startswith="engine.").values_list("verb", "reason")) == [
        ("engine.paused", REASON["reason"]), ("engine.resumed", REASON["reason"]),
    ]  # fmt: skip


def test_requeueing_makes_a_new_delivery_with_a_new_key(house: House, page: Notice) -> None:
    house.bob.is_admin = True
    house.bob.save()
    old = page.deliveries.get(channel="phone")
    answer = _as(house.bob).post(f"/api/v1/deliveries/{old.pk}/requeue/", REASON, format="json")
    assert answer.status_code == 201
    fresh = Delivery.objects.get(pk=answer.json()["id"])
    assert (fresh.repeat_no, fresh.state, fresh.pk != old.pk) == (1, "queued", True)


def test_a_test_page_goes_through_every_way_and_three_an_hour(house: House) -> None:
    codes = [_as(house.alice).post("/api/v1/me/test-page").status_code for _ in range(4)]
    assert codes == [201, 201, 201, 429]
    assert Delivery.objects.filter(channel="phone").count() == 3
