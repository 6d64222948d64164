"""Asking for everything above or below an asset, and taking it as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from ownership.domain.kinds import kind_of
from ownership.models import Closure
from ownership.queries.closures import closures_of, reached
from ownership.services.closures import ask_closure
from ownership.web.details import find
from portal.core.errors import Conflict, DomainError, NotVisible
from portal.core.web.csv_export import csv_lines
from portal.core.web.presentation import count_words
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

HEADER = ("slug", "name", "kind", "tier", "steps", "owner", "backups", "relation")


class SideForm(forms.Form):
    side = forms.CharField(max_length=4)


class AskClosureView(DomainFormMixin):
    """POST `/lineage/<slug>/closure`: leads to the page that has the file in a moment."""

    form_class = SideForm
    http_method_names = ("post",)

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        asset = find(self.request, str(self.kwargs["slug"]))
        row = ask_closure(actor=actor, asset=asset, side=form.cleaned_data["side"], at=at)
        return reverse("closures_detail", args=[row.pk])

    def form_invalid(self, form: forms.Form, status: int = 422) -> HttpResponse:
        del status
        find(self.request, str(self.kwargs["slug"]))
        raise DomainError("ownership.bad_side", str(next(iter(form.errors.values()))[0]), "side")


class ClosureView(PageView):
    """`/lineage/closures/<n>`: being made, or ready to take."""

    nav_key = "lineage"
    template_name = "ownership/closure.html"
    partial = "state"

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        row = own_closure(self.request, int(self.kwargs["pk"]))
        side = "above" if row.side == "up" else "below"
        return {
            "page_title": f"Everything {side} {row.asset.name}",
            "crumbs": (("Assets", reverse("assets_list")), ("Lineage", reverse("lineage", args=[row.asset.slug]))),
            "closure": row,
            "side": side,
            "is_ready": row.state == Closure.State.READY,
            "words": count_words(row.count, "asset"),
        }


def own_closure(request: HttpRequest, pk: int) -> Closure:
    """A closure that this person asked for; raises `NotVisible` for any other."""
    row = closures_of(request.user).filter(pk=pk).first()
    if row is None:
        raise NotVisible
    return row


@require_safe
def export_closure(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """All of it, streamed; not bound by the size of list exports."""
    row = own_closure(request, pk)
    if row.state != Closure.State.READY:
        raise Conflict("ownership.not_ready", "It is being worked out. Come back in a moment.")
    response = StreamingHttpResponse(csv_lines(HEADER, _lines(row)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.asset.slug}-{row.side}.csv"'
    return response


def _lines(row: Closure) -> Iterator[tuple[Any, ...]]:
    for each in reached(row):
        asset, held = each.asset, each.owners.primary
        owner = held.party.slug if held else ""
        backups = ", ".join(backup.party.slug for backup in each.owners.backups)
        kind = kind_of(asset.kind).name
        yield (asset.slug, asset.name, kind, asset.tier, each.distance, owner, backups, asset.relation)
