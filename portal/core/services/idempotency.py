"""One act for one key, however often it is sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict
from portal.core.models import IdempotencyKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Outcome:
    """The answer of an act: status, JSON body and where the result stands."""

    status: int
    body: Any = None
    location: str = ""
    replayed: bool = False


def fingerprint(*parts: bytes) -> str:
    """What was asked, as a hash; two bodies under one key are told apart by it."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def run_once(*, person: Any, key: str, fingerprint: str, run: Callable[[], Outcome], at: datetime) -> Outcome:
    """Run and remember, or give back the first answer with `replayed`.

    Key and act are one transaction: a refused or failed run leaves neither. A second call under way waits for the
    first. Raises `Conflict` (`core.key_reused`) when the key came with another body. Keys are kept for 24 hours.
    """
    with transaction.atomic():
        IdempotencyKey.objects.filter(person=person, key=key, created_at__lt=at - KEPT).delete()
        row, is_new = IdempotencyKey.objects.get_or_create(
            person=person, key=key, defaults={"fingerprint": fingerprint, "created_at": at}
        )
        if not is_new:
            return _replay(row, fingerprint)
        outcome = run()
        row.status, row.body, row.location = outcome.status, outcome.body, outcome.location
        row.save(update_fields=["status", "body", "location"])
        return outcome


def _replay(row: IdempotencyKey, fingerprint: str) -> Outcome:
    if row.fingerprint != fingerprint:
        message = "This key was used for something else. Send a new key with a new text."
        raise Conflict("core.key_reused", message)
    return replace(Outcome(row.status or 200, row.body, row.location), replayed=True)


def forget_old_keys(*, at: datetime) -> int:
    """Delete keys older than 24 hours and say how many; safe to run twice."""
    count, _ = IdempotencyKey.objects.filter(created_at__lt=at - KEPT).delete()
    return count
