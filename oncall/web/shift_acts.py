"""What people do about shifts: take, override, swap, ask for cover, answer, note."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from oncall.forms.changes import NoteForm, stretch_form
from oncall.queries.handing_over import open_lines
from oncall.queries.shifts import askable, holder_at, people_by_id
from oncall.services.changes import create_override, take_shift
from oncall.services.covers import open_cover_request
from oncall.services.laying import Stretch
from oncall.services.notes import write_shift_note
from oncall.services.swaps import SwapDraft, offer_swap
from oncall.web.rotas import ONCALL, find_rota
from portal.core import clock
from portal.core.errors import Conflict
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from oncall.models import Rota

TITLES = {
    "override": "Give a shift to somebody",
    "take": "Take a shift",
    "cover": "Ask for cover",
    "swap": "Swap a shift",
}
BUTTONS = {"override": "Give it", "take": "I take it", "cover": "Ask", "swap": "Offer the swap"}
LEADS = {
    "override": "The one you name is asked, and whoever loses the shift soon, unless you say how you told them.",
    "take": "At once, or from the time you say. The holder is told.",
    "cover": "The least loaded free colleague is asked first, after 12 hours everybody. The first yes has it.",
    "swap": "Your shift for theirs. Nothing moves before they agree.",
}


class ChangeView(DomainFormMixin):
    """`/oncall/rotas/<slug>/<verb>`: one form a verb."""

    nav_key = "oncall"
    template_name = "oncall/shift_form.html"

    @cached_property
    def rota(self) -> Rota:
        return find_rota(self.request, str(self.kwargs["slug"]))

    @property
    def verb(self) -> str:
        return str(self.kwargs["verb"])

    def get_form_class(self) -> Any:
        return stretch_form(self.verb)

    def get_form_kwargs(self) -> dict[str, Any]:
        people = people_by_id(askable(self.rota, "", clock.now())) if self.verb == "override" else {}
        return super().get_form_kwargs() | {"rota": self.rota, "people": people.values()}

    def get_initial(self) -> dict[str, Any]:
        given = self.request.GET
        names = {"start": "start", "end": "end", "role": "role", "to": "person"}
        return {field: given[name] for name, field in names.items() if name in given}

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        given = form.cleaned_data
        stretch = Stretch(given["role"], given["start"], given["end"])
        said = getattr(self, f"_{self.verb}")(actor, stretch, given, at)
        messages.success(self.request, said)
        return reverse("oncall_rota", args=[self.rota.slug])

    def _override(self, actor: Any, stretch: Stretch, given: dict[str, Any], at: datetime) -> str:
        ids = askable(self.rota, "", at)
        person = next(p for p in people_by_id(ids).values() if p.handle == given["person"])
        made = create_override(actor=actor, rota=self.rota, stretch=stretch, person=person,
                               told_in_person=given["told_in_person"], at=at)  # fmt: skip
        return (
            f"{person.name} has it." if made.state == "active" else "They are asked; it stands once everybody agrees."
        )

    def _take(self, actor: Any, stretch: Stretch, given: dict[str, Any], at: datetime) -> str:
        del given
        take_shift(actor=actor, rota=self.rota, stretch=stretch, at=at)
        return "It is yours. The holder is told."

    def _cover(self, actor: Any, stretch: Stretch, given: dict[str, Any], at: datetime) -> str:
        del given
        row = holder_at(self.rota, stretch.role, stretch.slot, max(stretch.start, at))
        holder = people_by_id([row.person])[row.person] if row is not None and row.person else actor
        cover = open_cover_request(actor=actor, rota=self.rota, stretch=stretch, from_person=holder, at=at)
        return f"{cover.candidate.name} is asked." if cover.candidate else "Everybody of the rota is asked."

    def _swap(self, actor: Any, stretch: Stretch, given: dict[str, Any], at: datetime) -> str:
        theirs = holder_at(self.rota, stretch.role, 0, given["their_start"])
        if theirs is None:
            raise Conflict("oncall.not_covered", "Nobody is planned there.", "their_start")
        wanted = Stretch(stretch.role, theirs.start, theirs.end)
        draft = SwapDraft(stretch, wanted, given["both_roles"], given["reason"])
        swap = offer_swap(actor=actor, rota=self.rota, swap=draft, at=at)
        return " ".join(["The offer is out.", *swap.warnings])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        crumbs = (*ONCALL, (self.rota.name, reverse("oncall_rota", args=[self.rota.slug])))
        words = {"page_title": TITLES[self.verb], "crumbs": crumbs, "lead": LEADS[self.verb]}
        return context | words | {"verb": BUTTONS[self.verb], "back": crumbs[-1][1]}


class NoteView(DomainFormMixin):
    """Leave a note for the next shift."""

    page_title = "A note for the next shift"
    nav_key = "oncall"
    template_name = "oncall/shift_form.html"
    form_class = NoteForm
    extra_context = {"verb": "Leave it"}

    def perform(self, form: Any, at: datetime) -> str:
        rota = find_rota(self.request, str(self.kwargs["slug"]))
        actor: Any = self.request.user
        write_shift_note(actor=actor, rota=rota, text=form.cleaned_data["text"], at=at)
        return reverse("oncall_rota", args=[rota.slug])

    def get_initial(self) -> dict[str, Any]:
        """What is open stands there already, a line each."""
        lines = open_lines(find_rota(self.request, str(self.kwargs["slug"])))
        return {"text": "\n".join(f"{line}: " for line in lines)}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        find_rota(request, str(self.kwargs["slug"]))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # Django's wider type
