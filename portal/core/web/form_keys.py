"""A double click is one act: the hidden field `form_key` of each form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portal.core.services.idempotency import Outcome, fingerprint, run_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest

FIELD = "form_key"
NOT_COMPARED = frozenset({FIELD, "csrfmiddlewaretoken"})
KEY = re.compile(r"[A-Za-z0-9-]{8,64}")


def once(request: HttpRequest, run: Callable[[], str], *, at: datetime) -> str:
    """The URL that `run` gives; a second sending of the same form gets the first one's URL and writes nothing.

    Raises `Conflict` (`core.key_reused`) when the form was sent before with another text. Without a key, or for
    nobody, it just runs.
    """
    key = request.POST.get(FIELD, "")
    if not (request.user.is_authenticated and KEY.fullmatch(key)):
        return run()
    outcome = run_once(
        person=request.user,
        key=f"form:{key}",
        fingerprint=_fingerprint(request),
        run=lambda: Outcome(303, location=run()),
        at=at,
    )
    return outcome.location


def _fingerprint(request: HttpRequest) -> str:
    texts = [
        f"{name}={value}".encode()
        for name, values in sorted(request.POST.lists())
        if name not in NOT_COMPARED
        for value in values
    ]
    files = [
        f"{name}:{file.name}:{file.size}".encode() for name, given in sorted(request.FILES.lists()) for file in given
    ]
    return fingerprint(request.path.encode(), *texts, b"files", *files)
