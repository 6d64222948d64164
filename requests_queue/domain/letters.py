"""The push-back letter: a fixed dictionary of sentences with the numbers of that moment (spec requests 10).

`{name}` is replaced from the numbers alone; braces in them stay as they are, there is no template language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR = 60
OPENING = "Hello {requester},"
WORK = "This is about {estimate} of work for {team}."
RULES = {
    "size_green": (
        "There is room in this quarter ({used} of {cap} is spoken for), so it is the size that decides and not the "
        "budget: work above {medium_max}, or work that changes a structure, goes through the plan."
    ),
    "size": (
        "{used} of the {cap} for ad-hoc work is spoken for, and work above {medium_max}, or work that changes a "
        "structure, goes through the plan."
    ),
    "over_cap": (
        "{used} of the {cap} for ad-hoc work this quarter is spoken for; with {estimate} more it would not fit."
    ),
    "queue": (
        "{used} of the {cap} for ad-hoc work this quarter is spoken for. It is small, so it waits in line and is taken "
        "in as soon as it fits, the oldest first."
    ),
    "declined": "{reason}",
}
NEXT = {
    "DEFER": (
        "It is now candidate {candidate} of the plan of {next_quarter}, decided by {decided_on}. You can "
        "[add points to it and say what waiting costs]({candidate_url})."
    ),
    "DEFER_PRIVATE": (
        "The team brings it up when the plan of {next_quarter} is made, by {decided_on}; it stands in no list that "
        "others read."
    ),
    "QUEUE": (
        "It is number {place} in line. If it does not fit before {quarter_ends_on}, it keeps its place next quarter."
    ),
    "DECLINE": "What to do instead: {alternative}",
}
MEANWHILE = "Until then: {meanwhile}"
PRIVATE = (
    "Work in confidence counts as well; it is in these figures only where at least three such requests stand together."
)
APPEAL = "Not right? Ask {lead}, who leads the team."


@dataclass(frozen=True)
class LetterText:
    """What is sent: the rule that was hit and the words."""

    rule: str
    body: str


def rule_of(decision: str, *, is_large: bool, is_green: bool) -> str:
    """Which sentence explains the decision: a complex request in a green quarter hears that size decides."""
    if decision == "DECLINE":
        return "declined"
    if decision == "QUEUE":
        return "queue"
    if is_large:
        return "size_green" if is_green else "size"
    return "over_cap"


def write_letter(decision: str, rule: str, numbers: Mapping[str, str]) -> LetterText:
    """The letter of a decision (DEFER, QUEUE or DECLINE); raises KeyError when a number is missing."""
    parts = [OPENING] if decision == "DECLINE" else [OPENING, WORK]
    step = "DEFER_PRIVATE" if decision == "DEFER" and not numbers.get("candidate") else decision
    parts += [RULES[rule], NEXT[step]]
    if numbers.get("meanwhile"):
        parts.append(MEANWHILE)
    parts += [APPEAL] if decision == "DECLINE" else [PRIVATE, APPEAL]
    return LetterText(rule, "\n\n".join(_filled(part, numbers) for part in parts))


def work_words(minutes: int) -> str:
    """Minutes of work as people say them: "45 min", "15 h", "1 h 30 min"."""
    hours, rest = divmod(abs(minutes), HOUR)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


def share_words(minutes: int, capacity: int) -> str:
    """Minutes as a share of capacity: "8.1 %"."""
    return f"{minutes * 100 / capacity:.1f} %" if capacity else "0.0 %"


def _filled(sentence: str, numbers: Mapping[str, str]) -> str:
    """Each `{name}` of the sentence once, left to right; what is put in is never read again."""
    out, rest = [], sentence
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        out += [before, numbers[name]]
    return "".join([*out, rest])
