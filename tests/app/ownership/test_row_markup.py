"""The asset list prints its rows itself; they read as the component that other lists use."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from ownership.web.row_markup import rows_markup
from portal.core.web.presentation import Badge, OwnerChip, Row

OWNERS = [None, OwnerChip("Nobody", "", "/assets/a#owners", is_nobody=True), OwnerChip("A <b> · primary", "de", "/p/a")]


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("side", ["", "no backup & more"])
def test_a_row_is_that_of_the_component(owner: OwnerChip | None, side: str) -> None:
    row = Row(
        "<i>orders</i>", "/assets/orders?a=1&b=2", icon="database",
        badges=[Badge("Dataset · tier 1", "gray", "database"), Badge("deprecated", "warn")], owner=owner,
        facts=["Sales", "declared in dbt"], side=side,
    )  # fmt: skip
    shown = render_to_string("components/row.html", {"row": row})
    assert compact(rows_markup([row])) == compact(shown)


def compact(markup: str) -> str:
    """Without the whitespace between tags, which no reader sees."""
    return re.sub(r">\s+|\s+<", lambda found: found[0].strip(), markup).strip()
