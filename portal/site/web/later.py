"""`/later/`: what was put off, and until which day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.urls import reverse
from django.views import View

from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.form_keys import once
from portal.core.web.presentation import Empty, Link, day_words, when
from portal.core.web.views import DomainFormMixin, PageView, SeeOther
from portal.site.queries.day import need_called, put_off_by
from portal.site.services.later import days_to_choose, put_off, take_back

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from portal.core.registries import Need

WORDS = "What needs you can wait until a working day you choose, at most twice."
NOTHING = Empty("Nothing is put off", WORDS, "hourglass", Link("My day", "/"))


class LaterForm(forms.Form):
    """The day on which it comes back."""

    day = forms.TypedChoiceField(label="When shall it come back?", widget=forms.RadioSelect, coerce=date.fromisoformat)


class LaterListView(PageView):
    """Soonest first; each comes back now in one press."""

    page_title = "Later"
    nav_key = "home"
    crumbs = (("My day", "/"),)
    template_name = "site/later.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        rows = [(one, when(one.until_at, viewer.zone, at).text) for one in put_off_by(viewer, at)]
        return {"rows": rows, "empty": NOTHING}


class LaterView(DomainFormMixin):
    """`/later/<key>`: choose a day."""

    page_title = "Later"
    nav_key = "home"
    crumbs = (("My day", "/"),)
    template_name = "site/later_day.html"
    form_class = LaterForm

    @property
    def need(self) -> Need:
        try:
            return need_called(self.request.user, str(self.kwargs["key"]), clock.now())
        except NotVisible:
            raise Http404 from None

    def get_form(self, form_class: Any = None) -> Any:
        viewer: Any = self.request.user
        at = clock.now()
        form: Any = super().get_form(form_class)
        days = days_to_choose(viewer, at)
        form.fields["day"].choices = [(day.isoformat(), day_words(day, at.date())) for day in days]
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"need": self.need}

    def perform(self, form: Any, at: datetime) -> str:
        day = form.cleaned_data["day"]
        put_off(actor=self.request.user, key=str(self.kwargs["key"]), day=day, at=at)
        messages.success(self.request, f"It comes back {day_words(day, at.date())}.")
        return reverse("home")


class LaterBackView(View):
    """`POST /later/<key>/back`."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        at = clock.now()
        return SeeOther(once(request, lambda: self.back(request, key, at), at=at))

    def back(self, request: HttpRequest, key: str, at: datetime) -> str:
        take_back(actor=request.user, key=key, at=at)
        messages.success(request, "It is back.")
        return reverse("later")
