"""Addresses on the network that people save: checked at once, with the field they stand in (spec security 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.core import egress
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from portal.engine.registries import Channel


def clean_url(url: str, channel: Channel) -> str:
    """The address as the channel keeps it; raises `DomainError` with the field `address` and the rule it breaks."""
    try:
        kept = channel.validate(url)
        egress.check_new_url(kept)
    except DomainError as error:
        raise DomainError(error.code, error.message, "address") from error
    return kept
