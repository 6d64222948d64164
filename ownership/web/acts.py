"""What people do about owners: claim, nominate, accept, decline, end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages

from ownership.forms import AnswerForm, NominateForm
from ownership.models import Ownership
from ownership.services.owning import Nomination, accept_ownership, decline_ownership, end_ownership, propose_owner
from ownership.web.details import asset_context, find
from ownership.web.shown import asset_url
from portal.accounts.models import Person
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class _AssetForm(DomainFormMixin):
    """A form on the asset page: errors are shown there, with what was typed."""

    template_name = "ownership/asset.html"
    http_method_names = ("post",)

    def perform(self, form: Any, at: datetime) -> str:
        self.act(form, at)
        return asset_url(str(self.kwargs["slug"]))

    def act(self, form: Any, at: datetime) -> None:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"]
        viewer: Any = self.request.user
        shown = form if isinstance(form, NominateForm) else None
        context = asset_context(find(self.request, str(self.kwargs["slug"])), viewer, clock.now(), shown)
        return context | {"refusal": form if shown is None else None}


class NominateView(_AssetForm):
    """Claim for oneself, or ask somebody."""

    form_class = NominateForm

    def act(self, form: Any, at: datetime) -> None:
        data = form.cleaned_data
        party = data["party"]
        who = {"person": party} if isinstance(party, Person) else {"team": party}
        wanted = Nomination(duty=int(data["duty"]), rank=data["rank"], note=data["note"], **who)
        actor: Any = self.request.user
        row = propose_owner(actor=actor, asset=find(self.request, str(self.kwargs["slug"])), nomination=wanted, at=at)
        said = "is asked and gets a notice" if row.state == "proposed" else "has it now"
        messages.success(self.request, f"{party.name} {said}.")


class AnswerView(_AssetForm):
    """Accept, decline or end one row of this asset."""

    form_class = AnswerForm
    verb = ""

    def act(self, form: Any, at: datetime) -> None:
        asset = find(self.request, str(self.kwargs["slug"]))
        row = Ownership.objects.filter(pk=form.cleaned_data["ownership"], asset=asset).first()
        if row is None:
            raise NotVisible
        actor: Any = self.request.user
        VERBS[self.verb](actor, row, form.cleaned_data["reason"], at)
        messages.success(self.request, SAID[self.verb])


def _accept(actor: Person, row: Ownership, reason: str, at: datetime) -> None:
    del reason
    accept_ownership(actor=actor, row=row, at=at)


def _decline(actor: Person, row: Ownership, reason: str, at: datetime) -> None:
    decline_ownership(actor=actor, row=row, reason=reason, at=at)


def _end(actor: Person, row: Ownership, reason: str, at: datetime) -> None:
    end_ownership(actor=actor, row=row, reason=reason, at=at)


VERBS: dict[str, Callable[[Person, Ownership, str, datetime], None]] = {
    "accept": _accept,
    "decline": _decline,
    "end": _end,
}
SAID = {"accept": "Noted: it is yours.", "decline": "Noted: not yours.", "end": "Ended. The history keeps it."}
