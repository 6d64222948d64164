"""Handles of people who were made nameless: only a hash is kept, so that nobody else gets one."""

from __future__ import annotations

import hashlib

from portal.accounts.models import IdentityAlias

GONE = "gone_handle"


def handle_mark(handle: str) -> str:
    """What is kept of a handle."""
    return hashlib.sha256(f"headwater/handle/{handle}".encode()).hexdigest()


def is_gone_handle(handle: str) -> bool:
    """Whether somebody who was made nameless had this handle; one query."""
    return IdentityAlias.objects.filter(system=GONE, key=handle_mark(handle)).exists()
