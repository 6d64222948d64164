"""CODEOWNERS of GitHub and GitLab: which line speaks for a path (spec import_formats 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

GITHUB, GITLAB = "github", "gitlab"
_HEADER = re.compile(r"^\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>(?:\s+\S.*)?)$")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_UNSUPPORTED = re.compile(r"(?<!\\)[\[\]]")


@dataclass(frozen=True)
class Rule:
    """One line: a pattern, its owners (none: explicitly unowned), and where it stands."""

    pattern: str
    owners: tuple[str, ...]
    line: int
    section: str = ""
    is_negated: bool = False


@dataclass(frozen=True)
class Fault:
    line: int
    words: str


@dataclass
class Codeowners:
    """The rules in the order of the file, and the lines that cannot be read."""

    dialect: str
    rules: list[Rule] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Match:
    """Who owns a path, and the lines that say so."""

    owners: tuple[str, ...]
    rules: tuple[Rule, ...]


def parse(lines: Iterable[str], dialect: str = "") -> Codeowners:
    """Read the lines; without a dialect a section header makes it GitLab's."""
    texts = list(lines)
    is_gitlab = dialect == GITLAB or (not dialect and any(_HEADER.match(text.strip()) for text in texts))
    found = Codeowners(GITLAB if is_gitlab else GITHUB)
    section, defaults = "", ()
    for n, text in enumerate(texts, start=1):
        words = _words(text)
        if not words:
            continue
        header = _HEADER.match(" ".join(words)) if is_gitlab else None
        if header:
            section, defaults = header["name"].strip().casefold(), tuple(header["owners"].split())
        else:
            _take(found, words, n, section, defaults)
    return found


def _take(found: Codeowners, words: list[str], line: int, section: str, defaults: tuple[str, ...]) -> None:
    pattern, owners = words[0], tuple(word for word in words[1:] if not word.startswith("@@"))
    is_negated = pattern.startswith("!")
    if found.dialect == GITHUB and (is_negated or _UNSUPPORTED.search(pattern)):
        found.faults.append(Fault(line, "GitHub knows neither ! nor [a-z] here; it ignores the line."))
        return
    bare = pattern.removeprefix("!") if is_negated else pattern
    found.rules.append(Rule(bare, owners if words[1:] else defaults, line, section, is_negated))


def _words(text: str) -> list[str]:
    """The words of a line, comments left out; a backslash keeps a space."""
    found = []
    for word in _WORD.findall(text.strip()):
        if word.startswith("#"):
            break
        found.append(word)
    return found


def owners_of(found: Codeowners, path: str) -> Match | None:
    """Who owns the path; None when no line speaks of it, no owners when a line says that nobody does.

    GitHub: the last matching line wins. GitLab: the last of each section, all sections together; `!` takes a path out
    of its section.
    """
    clean = path.lstrip("/")
    last: dict[str, Rule | None] = {}
    for rule in found.rules:
        section = rule.section if found.dialect == GITLAB else ""
        if _pattern(rule.pattern).match(clean):
            last[section] = None if rule.is_negated else rule
    winners = [rule for rule in last.values() if rule is not None]
    if not winners:
        return None
    return Match(tuple(dict.fromkeys(owner for rule in winners for owner in rule.owners)), tuple(winners))


@lru_cache(maxsize=20_000)
def _pattern(text: str) -> re.Pattern[str]:
    """A gitignore-like glob as a regular expression over a path without its first slash."""
    bare = re.sub(r"\\(.)", r"\1", text)
    is_folder = bare.endswith("/")
    body = bare.strip("/")
    # A slash anywhere but at the end ties the pattern to the root.
    is_anchored = "/" in bare.rstrip("/")
    parts = body.split("/") if body else ["**"]
    start = "" if is_anchored else "(?:.*/)?"
    last = parts[-1]
    tail = "/.*" if is_folder else "" if is_anchored and last == "*" else "(?:/.*)?"
    return re.compile(f"^{start}{_joined(parts)}{tail}$", re.DOTALL)


def _joined(parts: list[str]) -> str:
    """Between two `**` the first place that fits is as good as any later one, so no other is tried (`(?>`)."""
    first, *between = [list(group) for is_deep, group in groupby([*parts], "**".__eq__) if not is_deep] or [[]]
    if parts[0] == "**":
        first, between = [], [first, *between] if first else between
    if parts[-1] == "**":
        between = [*between, []]
    made = "".join(f"{_segment(part)}/" for part in first) if between else "/".join(map(_segment, first))
    made += "".join(f"(?>(?:.*?/)??{'/'.join(map(_segment, group))}/)" for group in between[:-1])
    if not between:
        return made
    return made + (f"(?:.*/)?{'/'.join(map(_segment, between[-1]))}" if between[-1] else ".*")


def _segment(part: str) -> str:
    """The same holds for the text between two stars: a pattern of many costs no more than its length by the path's."""
    first, *others = [_literal(piece) for piece in re.split(r"\*+", part)]
    if not others:
        return first
    return first + "".join(f"(?>[^/]*?{piece})" for piece in others[:-1]) + f"[^/]*{others[-1]}"


def _literal(text: str) -> str:
    return "".join("[^/]" if letter == "?" else re.escape(letter) for letter in text)
