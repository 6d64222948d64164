"""What a check of the doctor says, and since when it says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

OK = "ok"


@dataclass(frozen=True)
class Finding:
    """`colour` is ok, warn or bad; `cure` is a command or a page, empty when all is well; `since` None: new."""

    name: str
    colour: str
    sentence: str
    cure: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Noted:
    """The colour that a check had when it was last looked at, and the first look that found it so."""

    colour: str
    since: datetime


def found(
    name: str, problem: str, cure: str = "", *, well: str = "fine", colour: str = "bad", since: datetime | None = None
) -> Finding:
    """The finding of a check: well if there is no problem."""
    return Finding(name, colour, problem, cure, since) if problem else Finding(name, OK, well)


def dated(findings: Iterable[Finding], noted: Mapping[str, Noted]) -> list[Finding]:
    """Each finding with its own instant, else that of the looks before which found the same colour."""
    return [
        each if each.since or each.name not in noted or noted[each.name].colour != each.colour
        else replace(each, since=noted[each.name].since)
        for each in findings
    ]  # fmt: skip


def remembered(findings: Iterable[Finding], noted: Mapping[str, Noted], at: datetime) -> dict[str, Noted]:
    """What is noted after a look at `at`: a changed colour begins now, checks that are gone are forgotten."""
    return {
        each.name: noted[each.name] if each.name in noted and noted[each.name].colour == each.colour
        else Noted(each.colour, at)
        for each in findings
    }  # fmt: skip
