"""`/oncall/rotas/<slug>/ties`: from whom a rota borrows, and what nobody holds beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from oncall.forms.periods import TiesForm
from oncall.queries.rotas_named import rotas_called
from oncall.services.ties import set_rota_ties
from oncall.web.managed import ManagedRotaForm
from oncall.web.rotas import ONCALL

if TYPE_CHECKING:
    from datetime import datetime


class TiesView(ManagedRotaForm):
    """Two fields with addresses of other rotas."""

    page_title = "Other rotas beside this one"
    nav_key = "oncall"
    template_name = "oncall/shift_form.html"
    form_class = TiesForm
    extra_context = {"verb": "Keep it", "lead": "Counts in plans and covers from now on."}

    def get_initial(self) -> dict[str, Any]:
        others = self.rota.exclusive_with.order_by("slug").values_list("slug", flat=True)
        lender = self.rota.borrowed_from
        return {"borrowed_from": lender.slug if lender is not None else "", "exclusive_with": ", ".join(others)}

    def perform(self, form: Any, at: datetime) -> str:
        given, actor = form.cleaned_data, self.request.user
        lenders = rotas_called([given["borrowed_from"]], "borrowed_from")
        others = rotas_called(given["exclusive_with"].split(","), "exclusive_with")
        lender = lenders[0] if lenders else None
        set_rota_ties(actor=actor, rota=self.rota, borrowed_from=lender, exclusive_with=others, at=at)
        messages.success(self.request, "Noted for every plan from now on.")
        return reverse("oncall_rota", args=[self.rota.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("oncall_rota", args=[self.rota.slug])
        crumbs = (*ONCALL, (self.rota.name, back))
        return super().get_context_data(**kwargs) | {"crumbs": crumbs, "back": back}
