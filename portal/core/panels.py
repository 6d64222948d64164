"""Builds the blocks that rooms have registered for a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.db import DatabaseError

from portal.core.errors import DomainError
from portal.core.registries import PanelEntry, panel_registry

if TYPE_CHECKING:
    from datetime import datetime

logger = structlog.get_logger()
# What a broken block can raise without taking its page down; programming errors count, so that a bad room
# costs its own block only.
BLOCK_FAULTS = (DatabaseError, DomainError, LookupError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True)
class Panel:
    """A block ready to render; `failed` reads "This part could not be loaded"."""

    key: str
    template: str
    model: object
    failed: bool = False


def panels(slot: str, *, subject: Any, viewer: Any, at: datetime) -> list[Panel]:
    """The blocks of a slot in order; a provider that raises costs its own block only.

    Pages read outside a transaction, so a failed query harms no later one and a block needs no savepoint.
    """
    entries = sorted((entry for entry in panel_registry.values() if entry.slot == slot), key=lambda entry: entry.order)
    built = (_build(entry, subject, viewer, at) for entry in entries)
    return [panel for panel in built if panel is not None]


def _build(entry: PanelEntry, subject: Any, viewer: Any, at: datetime) -> Panel | None:
    try:
        model = entry.build(subject, viewer, at)
    except BLOCK_FAULTS:
        if settings.ENV.env == "test":
            raise
        logger.exception("panel_failed", slot=entry.slot, key=entry.key)
        return Panel(entry.key, "components/panel_failed.html", None, failed=True)
    return None if model is None else Panel(entry.key, entry.template, model)
