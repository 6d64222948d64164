"""Saved views: a named address of the list (spec requests 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.utils.text import slugify

from portal.core.errors import DomainError, NotVisible
from portal.core.models import SavedView
from portal.core.services.audit import record_audit
from requests_queue.domain.texts import checked_line

if TYPE_CHECKING:
    from datetime import datetime

PAGE = "requests"
NEVER_KEPT = {"cursor", "csrfmiddlewaretoken"}
MOST_VIEWS = 50


@transaction.atomic
def save_view(
    *, actor: Any, name: str, query: str, is_shared: bool = False, is_pinned: bool = False, at: datetime
) -> SavedView:
    """Keep the address of the list under a name; the same name again takes the new address.

    Raises `DomainError` naming `name` or `query`.
    """
    clean = checked_line(name, "name", most=80)
    slug = slugify(clean)[:60] or "view"
    kept = urlencode([(key, value) for key, value in parse_qsl(query) if key not in NEVER_KEPT])
    if len(kept) > 1000:  # noqa: PLR2004 (the column)
        raise DomainError("requests.too_long", "This address is too long to keep.", "query")
    own = SavedView.objects.filter(owner=actor, page=PAGE)
    if own.exclude(slug=slug).count() >= MOST_VIEWS:
        raise DomainError("requests.too_many_views", f"At most {MOST_VIEWS} saved views.", "name")
    facts = {"name": clean, "query": kept, "is_shared": is_shared, "is_pinned": is_pinned}
    view, _ = SavedView.objects.update_or_create(owner=actor, page=PAGE, slug=slug, defaults=facts)
    record_audit(actor=actor, verb="requests.view_saved", subject=view, after={"query": kept}, at=at)
    return view


@transaction.atomic
def forget_view(*, actor: Any, slug: str, at: datetime) -> None:
    """Delete one's own view. Raises `NotVisible`."""
    view = SavedView.objects.filter(owner=actor, page=PAGE, slug=slug).first()
    if view is None:
        raise NotVisible
    record_audit(actor=actor, verb="requests.view_forgotten", subject=view, before={"query": view.query}, at=at)
    view.delete()
