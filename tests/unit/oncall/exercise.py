"""The exercise of the specification as the planner sees it, and its printed answer."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from oncall.domain.fair import plan_fairly
from oncall.domain.instants import wall_instant
from oncall.domain.plan_facts import Major, Member, Plan, Problem
from oncall.domain.rotation import Special, blocks
from oncall.domain.seconds import plan_seconds
from portal.site.demo import duty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oncall.domain.rotation import Block

# I ines, J jonas, K kofi, M maeve; day of the month the block begins, primary, secondary (spec exercise 3).
SCHEDULE = """
04IJ 08KI 11MJ 15IK 18MJ 22JK 25IJ 29MI
01JK 05KM 08IK 12MI 15KJ 19IM 22JI 26KJ
01JK 05IM 08KI 12JM 15MJ 19KI 22MK 26JM 29KJ
02MK 05JM 09KJ 12IK 16MI 19IJ 23JI 26MK 30IM
03MI 07JK 10KJ 14MI 17JM 21IJ 24KM 28JK 31KI
04IJ 07KI 11JK 14MJ 18IM 21KI 25MK 28JM
02IJ 05MK 09KM 12IK 16MI 19KM 23IK 26JI 30KJ
02JM 06MJ 09JK 13KJ 16MI 20JK 23IJ 27KI 30JK
03IJ 06MI 10JM 13MI 17IM 20KJ 24MK 27KM
01JI 04IM 08KJ 11MK 15IM 18MI 22JK 25KJ 29MI
01JM 05KJ 08JM 12MK 15IJ 19JI 22MJ 26IM 29MK
03JI 06KM 10MK 13IJ 17KI 20IM 23MK 24KM 25IJ 26KI 27JK 28IJ 29JK 30IJ 31JM
01IK 02JI
"""
DIGEST = "a3624c7b4c7051843c358275a15924c42669134a0a4ff16b06d8320b56c2488b"
LETTERS = {"I": "ines", "J": "jonas", "K": "kofi", "M": "maeve"}
AFTERNOON = time(15)


def at_three(day: date) -> datetime:
    return wall_instant(day, AFTERNOON, duty.ZONE)


START, END = at_three(duty.ANCHOR), at_three(duty.END)


def member(handle: str) -> Member:
    zone = duty.ZONES[handle]
    away = tuple(
        (wall_instant(first, time(), zone), wall_instant(last + timedelta(days=1), time(), zone))
        for who, first, last in duty.ABSENCES
        if who == handle
    )
    return Member(handle, zone, frozenset(duty.HOLIDAYS[handle]), away, duty.OPENINGS.get(handle, 0))


def members(handles: Sequence[str] = duty.ENGINEERS) -> list[Member]:
    return [member(handle) for handle in handles]


def year_end() -> Special:
    return Special(at_three(date(2027, 12, 23)), END, duty.YEAR_END["rotation"])


def majors() -> list[Major]:
    return [Major(*row) for row in duty.MAJORS]


def protections() -> frozenset[tuple[str, datetime]]:
    kept = {("ines", 24), ("kofi", 25), ("jonas", 24), ("maeve", 25), ("ines", 31), ("kofi", 31), ("jonas", 26),
            ("maeve", 26)}  # fmt: skip
    return frozenset((handle, at_three(date(2027, 12, day))) for handle, day in kept)


def pipelines() -> Problem:
    rotation = duty.PIPELINES["rotation"]
    found = blocks(rotation, duty.ZONE, START, END, [year_end()])
    return Problem(duty.ZONE, found, members(), majors(), protections())


@lru_cache(maxsize=1)
def golden() -> tuple[Problem, Plan, list[str | None]]:
    """The plan as the planner makes it, once for all tests."""
    problem = pipelines()
    plan = plan_fairly(problem)
    return problem, plan, plan_seconds(problem, plan.holders)


def printed(role: int) -> list[str]:
    return [LETTERS[word[2 + role]] for word in SCHEDULE.split()]


def digest(found: Sequence[Block], primary: Sequence[str | None], secondary: Sequence[str | None]) -> str:
    lines = [
        f"{block.start:%Y-%m-%dT%H:%MZ} {block.end:%Y-%m-%dT%H:%MZ} {first} {second}\n"
        for block, first, second in zip(found, primary, secondary, strict=True)
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
