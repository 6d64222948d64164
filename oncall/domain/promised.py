"""Whether the columns that an agreement promises are still there (spec additions, "schema promises")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Broken:
    """A promised column that is gone (`found` empty) or has become another type."""

    column: str
    promised: str
    found: str

    @property
    def words(self) -> str:
        if not self.found:
            return f"{self.column} is gone"
        return f"{self.column} is {self.found}, promised as {self.promised}"


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


def _plain(kind: str) -> str:
    return "".join(kind.casefold().split())
