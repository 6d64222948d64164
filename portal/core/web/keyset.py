"""Keyset pages for HTML lists; the rule itself is a query."""

from __future__ import annotations

from portal.core.queries.keyset import Page, keyset

__all__ = ["Page", "keyset"]
