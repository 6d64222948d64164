"""A signed-in analyst, and registries a test may fill for itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.accounts.models import Person
from portal.core import registries

if TYPE_CHECKING:
    from collections.abc import Iterator

JOINED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def aiko(db: None) -> Person:
    return Person.objects.create(handle="aiko", name="Aiko Tan", zone="Europe/Berlin", joined_at=JOINED)


@pytest.fixture
def browser(aiko: Person) -> Client:
    client = Client()
    client.force_login(aiko)
    return client


@pytest.fixture
def empty_registries() -> Iterator[None]:
    """Nothing is registered but what the test registers."""
    with registries.reopened():
        names = ("panel", "nav", "search", "intent", "command", "need", "verb", "contribution")
        for name in names:
            getattr(registries, f"{name}_registry").restore({})
        yield
