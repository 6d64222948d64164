"""What each kind of request is asked for beside its title (spec requests 2): fixed fields, all of them optional.

What somebody writes there stands in front of the text of the request, a line each, so that the desk reads it first
and a page, a mail, a search and an export show the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.core.errors import DomainError
from requests_queue.domain.texts import checked_text

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_LETTERS = 500


@dataclass(frozen=True)
class Ask:
    """One field; with `choices` it is answered by one of them."""

    name: str
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()


ASKS: dict[str, tuple[Ask, ...]] = {
    "question": (),
    "extract": (
        Ask("population", "Which rows", "Whom or what, in words: customers of Spain, open orders"),
        Ask("columns", "Which columns"),
        Ask("period", "Which period", "Both ends: 1 July to 30 September 2026"),
        Ask("format", "In which form", "", ("CSV", "Spreadsheet", "A table in the warehouse", "A chart")),
        Ask("personal", "Data about people", "Names, addresses, anything that leads to a person", ("No", "Yes")),
    ),
    "data_issue": (
        Ask("expected", "What you expected to see"),
        Ask("first_seen", "First seen", "A day, or since which change"),
        Ask("example", "One example", "A row, a number or a link"),
    ),
    "change": (
        Ask("consumers", "Who reads it", "Teams, dashboards, programs that would notice"),
    ),
    "metric": (
        Ask("definition", "The definition as you would write it"),
        Ask("decider", "Who decides it"),
    ),
    "backfill": (
        Ask("period", "From when to when"),
        Ask("reason", "Why history has to be rebuilt"),
    ),
    "access": (
        Ask("purpose", "What it is for"),
        Ask("until", "Until when"),
    ),
}  # fmt: skip
NAMES = tuple(dict.fromkeys(ask.name for asks in ASKS.values() for ask in asks))


def with_details(kind: str, details: Mapping[str, str], body: str) -> str:
    """The text of a request with what its kind asks for in front, in the order of the form; blanks are left out.

    Raises `DomainError` naming the field that the kind does not have, is too long or is none of the choices.
    """
    asks = {ask.name: ask for ask in ASKS[kind]}
    for name in details:
        if name not in asks:
            known = f"Its fields are {', '.join(asks)}." if asks else "It has none."
            raise DomainError("requests.unknown_detail", f"This kind has no field {name[:40]!r}. {known}", "details")
    lines = [
        f"- **{ask.label}:** {said}" for name, ask in asks.items() if (said := _checked(ask, details.get(name, "")))
    ]
    return "\n\n".join(part for part in ("\n".join(lines), body) if part)


def _checked(ask: Ask, given: str) -> str:
    said = " ".join(checked_text(given, ask.name).split())
    if len(said) > MOST_LETTERS:
        message = f"At most {MOST_LETTERS} characters; this has {len(said)}. Write the rest as text."
        raise DomainError("requests.too_long", message, ask.name)
    if said and ask.choices and said not in ask.choices:
        raise DomainError("requests.bad_detail", f"Choose one of {', '.join(ask.choices)}.", ask.name)
    return said
