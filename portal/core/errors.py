"""What a service refuses, in words a person can act on. Pure Python: the domain may raise these."""

from __future__ import annotations


class DomainError(Exception):
    """A rule says no. `code` is `<room>.<snake_case>` and stable; `field` names the input at fault, if one is."""

    status = 422

    def __init__(self, code: str, message: str, field: str = "", **extra: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.extra = extra


class BadRequest(DomainError):
    """The input cannot be parsed."""

    status = 400


class NotAllowed(DomainError):
    """Visible, but not allowed to this person."""

    status = 403


class NotVisible(DomainError):
    """Unknown, or not visible to this person: the two look the same."""

    status = 404

    def __init__(self, code: str = "core.not_found", message: str = "There is nothing here.") -> None:
        super().__init__(code, message)


class Conflict(DomainError):
    """Something else happened first."""

    status = 409


class Stale(Conflict):
    """The version the caller saw is not the newest."""

    status = 412


class TooLarge(DomainError):
    """More bytes than this door takes."""

    status = 413


class TooMany(DomainError):
    """Too often; `extra["retry_after"]` says how many seconds to wait."""

    status = 429


class Busy(DomainError):
    """The database was not ready in time; the same again may well succeed."""

    status = 503

    def __init__(self) -> None:
        message = "The database took too long, so this was not done; nothing of it was kept. Try again in a moment."
        super().__init__("core.busy", message, retry_after=5)
