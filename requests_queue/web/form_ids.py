"""The key of a posted form as the key of an entry: a double click is one line of the ledger."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from portal.core.web.form_keys import FIELD

if TYPE_CHECKING:
    from django.http import HttpRequest


def key_of_form(request: HttpRequest) -> uuid.UUID:
    """The form's key as a UUID; a fresh one where the form has none."""
    given = request.POST.get(FIELD, "")
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{request.user.pk}:{given}") if given else uuid.uuid4()
