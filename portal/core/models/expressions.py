"""SQL expressions of the kernel."""

from __future__ import annotations

from django.db.models import BigIntegerField, DateTimeField, Func


class PortalNow(Func):
    """The database's clock, which alone decides what is due (spec engine 7)."""

    function = "portal_now"
    output_field = DateTimeField()


class TransactionNumber(Func):
    """The number of the current transaction, the same in all rows it writes."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = BigIntegerField()
