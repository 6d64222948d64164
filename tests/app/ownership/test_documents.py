"""A document asks its owner to read it again when its day has come (spec additions, "documents")."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ownership.models import Asset
from ownership.panels.documents import documents_to_read
from tests.app.ownership.test_rules import own

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def test_it_stands_in_what_needs_its_owner_from_its_day_on(client: Client, world: World, clock: MovableClock) -> None:
    at, today = clock.now(), clock.now().date()
    for name, review_on in (
        ("old", str(today - timedelta(days=9))), ("now", str(today)), ("later", str(today + timedelta(days=1))),
        ("vague", "soon"), ("never", None),
    ):  # fmt: skip
        told = {"markdown": {"review_on": review_on}} if review_on else {}
        page = Asset.objects.create(kind=50, slug=name, name=name, created_at=at, updated_at=at, attrs=told)
        own(page, world.alice, at - timedelta(days=1))
    assert [need.subject for need in documents_to_read(world.alice, at)] == ["old", "now"]
    assert list(documents_to_read(world.bob, at)) == []
    client.force_login(world.bob)
    assert "Read again by" in client.get("/assets/later").content.decode()
    assert "Read again by" not in client.get("/assets/vague").content.decode()
    Asset.objects.filter(slug="old").update(retired_at=at, lifecycle="retired")
    assert [need.subject for need in documents_to_read(world.alice, at)] == ["now"]
