"""Saved views: the address of a list, kept under a name (spec ux, "URL")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.utils.text import slugify

from portal.accounts.domain.checks import clean_text
from portal.accounts.models import Person
from portal.core.errors import DomainError, NotVisible
from portal.core.models import SavedView
from portal.core.registries import list_registry
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

NEVER_KEPT = {"cursor", "csrfmiddlewaretoken"}
MOST_VIEWS, MOST_CHARACTERS = 50, 1000


@transaction.atomic
def save_view(
    *, actor: Any, page: str, name: str, query: str, is_shared: bool = False, is_pinned: bool = False, at: datetime
) -> SavedView:
    """Keep the address of a list under a name; the same name again takes the new address.

    The person is locked, so that two at once keep no more than 50 a list. Raises `DomainError` naming `page`, `name`
    or `query`.
    """
    if list_registry.get(page) is None:
        lists = ", ".join(key for key, _ in list_registry.items())
        raise DomainError("accounts.unknown_list", f"One of these lists: {lists}.", "page")
    clean = clean_text(name, "name", longest=80)
    kept = urlencode([(key, value) for key, value in parse_qsl(query.lstrip("?")) if key not in NEVER_KEPT])
    if len(kept) > MOST_CHARACTERS:
        raise DomainError("accounts.too_long", "This address is too long to keep.", "query")
    Person.objects.select_for_update().get(pk=actor.pk)
    slug = slugify(clean)[:60] or "view"
    if SavedView.objects.filter(owner=actor, page=page).exclude(slug=slug).count() >= MOST_VIEWS:
        raise DomainError("accounts.limit_views", f"At most {MOST_VIEWS} kept views of a list. Forget one.", "name")
    facts = {"name": clean, "query": kept, "is_shared": is_shared, "is_pinned": is_pinned}
    view, _ = SavedView.objects.update_or_create(owner=actor, page=page, slug=slug, defaults=facts)
    record_audit(actor=actor, verb="accounts.view_saved", subject=view, after={"page": page, "query": kept}, at=at)
    return view


@transaction.atomic
def forget_view(*, actor: Any, pk: int, at: datetime) -> None:
    """Delete one's own view. Raises `NotVisible`."""
    view = SavedView.objects.select_for_update().filter(owner=actor, pk=pk).first()
    if view is None:
        raise NotVisible
    before = {"page": view.page, "query": view.query}
    record_audit(actor=actor, verb="accounts.view_forgotten", subject=view, before=before, at=at)
    view.delete()
