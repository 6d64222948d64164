"""The database says no first; here its no becomes a sentence."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from portal.core.errors import DomainError


@contextmanager
def refusing(by_constraint: Mapping[str, DomainError]) -> Iterator[None]:
    """Inside the block, a violated constraint that is named raises its refusal; the block alone is rolled back."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis: Any = getattr(error.__cause__, "diag", None)
        refusal = by_constraint.get(getattr(diagnosis, "constraint_name", "") or "")
        if refusal is None:
            raise
        raise refusal from error
