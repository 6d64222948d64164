"""Ready pieces of pages that this process keeps: the same question of the same version is answered once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Piece = TypeVar("Piece")


class Remembered(Generic[Piece]):
    """The last `most` pieces, each for `seconds` at most; a key carries the version it stands for."""

    def __init__(self, *, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._pieces: OrderedDict[Hashable, tuple[float, Piece]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Piece]) -> Piece:
        """The piece of this key, made now unless it is young enough. Two askers at once may both make it."""
        now = time.monotonic()
        with self._lock:
            held = self._pieces.get(key)
            if held is not None and now - held[0] < self._seconds:
                self._pieces.move_to_end(key)
                return held[1]
        piece = make()
        with self._lock:
            self._pieces[key] = (now, piece)
            self._pieces.move_to_end(key)
            while len(self._pieces) > self._most:
                self._pieces.popitem(last=False)
        return piece
