"""`/me/views/`: lists kept under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from portal.accounts.forms import SavedViewForm
from portal.accounts.services.saved_views import forget_view, save_view
from portal.accounts.web.acting import ActView
from portal.core.models import SavedView
from portal.core.registries import list_registry
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime


class SavedViewsView(DomainFormMixin):
    """One's own; a list posts its address here and is shown again."""

    page_title = "Kept views"
    nav_key = "me"
    crumbs = (("Me", "/me/"),)
    template_name = "accounts/saved_views.html"
    form_class = SavedViewForm

    def perform(self, form: Any, at: datetime) -> str:
        view = save_view(actor=self.request.user, **form.cleaned_data, at=at)
        messages.success(self.request, f"“{view.name}” is kept.")
        return address_of(view)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        rows = SavedView.objects.filter(owner=viewer).order_by("page", "-is_pinned", "name", "pk")
        views = [(view, address_of(view), label_of(view)) for view in rows[:200]]
        return super().get_context_data(**kwargs) | {"views": views, "lists": list_registry.values()}


class ForgetViewView(ActView):
    def act(self, at: datetime) -> str:
        forget_view(actor=self.request.user, pk=self.kwargs["pk"], at=at)
        return reverse("me_views")


def address_of(view: SavedView) -> str:
    """The list with its filters; the page of kept views for a list that is no more."""
    entry = list_registry.get(view.page)
    if entry is None:
        return reverse("me_views")
    return f"{entry.url}?{view.query}" if view.query else entry.url


def label_of(view: SavedView) -> str:
    """The name of the list."""
    entry = list_registry.get(view.page)
    return entry.label if entry else view.page
