"""The filters of a list's address."""

from __future__ import annotations

from typing import Any

from portal.core.errors import BadRequest


def ensure_valid(chosen: Any) -> None:
    """400 that names the filter whose value does not fit: nothing typed is passed over in silence."""
    if not chosen.is_valid():
        name, messages = next(iter(chosen.form.errors.items()))
        label = chosen.form.fields[name].label or name if name in chosen.form.fields else name
        raise BadRequest("core.bad_filter", f"{label}: {' '.join(messages)} Start without filters.", name)
