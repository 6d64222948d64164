"""Addresses as others may see them."""

from __future__ import annotations


def masked(address: str) -> str:
    """`a***@example.com` for mail; otherwise the first two characters."""
    name, at, domain = address.rpartition("@")
    if at and name:
        return f"{name[0]}***@{domain}"
    return f"{address[:2]}***" if address else ""
