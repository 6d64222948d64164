"""SQL expressions of the kernel."""

from __future__ import annotations

from django.db.models import DateTimeField, Func


class PortalNow(Func):
    """The database's clock, which alone decides what is due (spec engine 7)."""

    function = "portal_now"
    output_field = DateTimeField()  # type: ignore[assignment]  # Django declares the attribute on instances
