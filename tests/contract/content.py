"""Rows in every room, made through the services, for walks over all pages and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.services.assets import AssetDraft, create_asset
from tests.world import make_person, make_team

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tests.contract.cast import Cast

PLAIN = "Orders a day"


def fill(cast: Cast, numbers: Iterable[int], *, at: datetime, text: str = PLAIN) -> None:
    """One team, person and asset a number; `text` is in every field that takes free text."""
    for number in numbers:
        team = make_team(f"grown-{number}", discipline="DE", name=f"Grown {number}")
        make_person(f"grown-{number}", team=team, discipline="DE")
        create_asset(
            actor=cast.people["lead"],
            draft=AssetDraft(kind="dataset", name=f"{text[:60]} {number}", description=text),
            at=at,
        )
