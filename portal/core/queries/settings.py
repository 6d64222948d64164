"""Reads of settings that people change on a page."""

from __future__ import annotations

from typing import Any

from portal.core.models import Setting


def setting(key: str, default: Any = None) -> Any:
    """The value stored under `key`, or `default`."""
    return Setting.objects.filter(pk=key).values_list("value", flat=True).first() or default
