"""Whether the columns that an agreement promises are still there (spec additions, "schema promises")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Broken:
    """A promised column that is gone (`found` empty) or has become another type."""

    column: str
    promised: str
    found: str

    def words(self, *, is_promised: bool = True) -> str:
        """What happened to it; without a promise it only was of the former type."""
        if not self.found:
            return f"{self.column} is gone"
        return f"{self.column} is {self.found}, {'promised as' if is_promised else 'was'} {self.promised}"


@dataclass(frozen=True)
class Loss:
    """What an asset lost of what others rest on: `promised` in agreements with `teams`, `used` elsewhere.

    `made` are the columns made of it, `answers` the questions whose answer uses it.
    """

    asset: str
    promised: Sequence[Broken] = ()
    used: Sequence[Broken] = ()
    teams: Sequence[str] = ()
    made: Sequence[str] = ()
    answers: Sequence[str] = ()
    in_contract: bool = False

    @property
    def columns(self) -> list[str]:
        """The lost columns, each once."""
        return list(dict.fromkeys(each.column for each in (*self.promised, *self.used)))

    @property
    def title(self) -> str:
        """In one line, what is gone."""
        what = "what it promised" if self.promised else "what others rest on"
        return f"{self.asset} lost {what}: {', '.join(self.columns)}"

    @property
    def detail(self) -> str:
        """What became of each column, to whom it was promised, and what is made of it."""
        known = {each.column for each in self.promised}
        words = [each.words() for each in self.promised]
        words += [each.words(is_promised=False) for each in self.used if each.column not in known]
        parts = [f"{'; '.join(words)}."]
        parts += [f"Promised to {', '.join(self.teams)}."] if self.teams else []
        parts += ["It is in its contract."] if self.in_contract else []
        parts += [f"Made of it: {', '.join(self.made)}."] if self.made else []
        parts += [f"Answers that use it: {', '.join(self.answers)}."] if self.answers else []
        return " ".join(parts)


def broken_promises(promised: Iterable[str], columns: Mapping[str, str]) -> list[Broken]:
    """The promises that these columns (name -> type) do not keep, in the order of the promises, each once.

    A promise is a name, or a name and a type: `amount` or `amount numeric(12,2)`. Case does not count, nor do blanks
    within a type; a column whose type nobody states keeps its promise.
    """
    known = {name.casefold(): kind for name, kind in columns.items()}
    found: dict[str, Broken] = {}
    for each in promised:
        name, _, kind = each.strip().partition(" ")
        key = name.casefold()
        if not name or key in found:
            continue
        if key not in known:
            found[key] = Broken(name, kind.strip(), "")
        elif kind.strip() and known[key] and _plain(known[key]) != _plain(kind):
            found[key] = Broken(name, kind.strip(), known[key])
    return list(found.values())


def still_lost(lost: Mapping[str, str], columns: Mapping[str, str]) -> list[Broken]:
    """Which of these columns, with their former types, are not there as they were; case does not count."""
    known = {name.casefold(): kind for name, kind in columns.items()}
    found = []
    for name, kind in lost.items():
        now = known.get(name.casefold())
        if now is None:
            found.append(Broken(name, kind, ""))
        elif kind and now and _plain(now) != _plain(kind):
            found.append(Broken(name, kind, now))
    return found


def _plain(kind: str) -> str:
    return "".join(kind.casefold().split())
