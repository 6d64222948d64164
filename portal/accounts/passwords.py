"""What Django asks before it takes a password, beside its own rules (spec security 3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from portal.accounts.domain.breached import is_listed

LONGEST = 128


class LongestPassword:
    """A longer one would only make the server work."""

    def validate(self, password: str, user: Any = None) -> None:
        del user
        if len(password) > LONGEST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return f"At most {LONGEST} characters."


class LeakedPassword:
    """Refuses what stands in the operator's list of leaked passwords; without a list nothing is asked anywhere."""

    def validate(self, password: str, user: Any = None) -> None:
        del user
        path = settings.ENV.breached_passwords
        if not path:
            return
        with Path(path).open("rb") as lines:
            if is_listed(lines, Path(path).stat().st_size, password):
                message = "This password stands in a list of leaked ones. Take another sentence."
                raise ValidationError(message, code="password_leaked")

    def get_help_text(self) -> str:
        return "Not one that has leaked before."
