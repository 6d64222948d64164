"""What a channel answers after one send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sent:
    """The provider took it; `message_id` is the provider's, if it gives one."""

    message_id: str = ""
    status_code: int | None = None


@dataclass(frozen=True)
class Temporary:
    """Not taken, worth another try; `retry_after` seconds if the provider said so."""

    reason: str
    retry_after: float | None = None
    status_code: int | None = None


@dataclass(frozen=True)
class Permanent:
    """Not taken, and no try will help; `disable` if the destination itself is gone."""

    reason: str
    status_code: int | None = None
    disable: bool = False


@dataclass(frozen=True)
class Ambiguous:
    """The answer was lost: the provider may have it or not. Sent again with the same key."""

    reason: str
    status_code: int | None = None


Outcome = Sent | Temporary | Permanent | Ambiguous
