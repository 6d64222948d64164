"""The books of a period as somebody may see them, who does not know of all that is in them (spec budget 11)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.core.domain.private_sums import left_out_of, shown_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests_queue.domain.budget import Balance, Change


@dataclass(frozen=True)
class Piece:
    """What one private request put on the books of a period, and who knows of it."""

    request: int
    spent: int
    reserved: int
    exempt: int
    members: frozenset[int]


@dataclass(frozen=True)
class Folded:
    """Private work that somebody does not know of, as one sum over at least three requests."""

    spent: int
    reserved: int
    exempt: int

    @property
    def used(self) -> int:
        return self.spent + self.reserved


def unseen_by(pieces: Iterable[Piece], person: int | None) -> tuple[Piece, ...]:
    """The pieces that this person does not know of; nobody (None) knows of none."""
    return tuple(piece for piece in pieces if person is None or person not in piece.members)


def as_seen(balance: Balance, unseen: Iterable[Piece]) -> Balance:
    """The balance without what must not show: each of its sums is judged by itself."""
    pieces = list(unseen)
    return replace(
        balance,
        spent=balance.spent - left_out_of(piece.spent for piece in pieces),
        reserved=balance.reserved - left_out_of(piece.reserved for piece in pieces),
        exempt=balance.exempt - left_out_of(piece.exempt for piece in pieces),
    )


def folded(unseen: Iterable[Piece]) -> Folded | None:
    """What a balance as it is seen holds of these pieces; None for nothing."""
    pieces = list(unseen)
    found = Folded(
        shown_of(piece.spent for piece in pieces), shown_of(piece.reserved for piece in pieces),
        shown_of(piece.exempt for piece in pieces),
    )  # fmt: skip
    return found if found != Folded(0, 0, 0) else None


def spent_unseen(unseen: Iterable[Piece]) -> frozenset[int]:
    """The requests whose worked time is left out, so that the pace of the days leaves it out as well."""
    pieces = [piece for piece in unseen if piece.spent]
    return frozenset(piece.request for piece in pieces) if left_out_of(p.spent for p in pieces) else frozenset()


def before(pieces: Iterable[Piece], request: int | None, change: Change) -> tuple[Piece, ...]:
    """The pieces as they stood before an entry of a request."""
    return tuple(
        replace(
            piece, spent=piece.spent - change.d_spent, reserved=piece.reserved - change.d_reserved,
            exempt=piece.exempt - change.d_exempt,
        )
        if piece.request == request
        else piece
        for piece in pieces
    )  # fmt: skip
