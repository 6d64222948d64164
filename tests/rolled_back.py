"""A database state that several tests share, and that none of them changes for the next."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker


@contextmanager
def rolled_back(blocker: DjangoDbBlocker) -> Iterator[None]:
    """What the block writes is undone at its end; one for a module, and one inside it for each test."""
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
