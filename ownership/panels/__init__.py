"""Blocks of this room on other pages, search hits, needs and answers of the palette."""

from __future__ import annotations
