"""Bases of every page: one service call or one query, then render."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template
from django.views.generic import FormView, TemplateView

from portal.core import clock
from portal.core.errors import DomainError, NotAllowed
from portal.core.web.form_keys import once

if TYPE_CHECKING:
    from datetime import datetime


class SeeOther(HttpResponseRedirect):
    """303: the answer to a successful POST."""

    status_code = 303


def render(
    request: HttpRequest, template: str, context: dict[str, Any], *, partial: str = "", status: int = 200
) -> HttpResponse:
    """The whole page, or its partial when htmx asks for one."""
    htmx = getattr(request, "htmx", None)
    name = f"{template}#{partial}" if partial and htmx else template
    response = render_template(request, name, context, status=status)
    response["Vary"] = "HX-Request, Cookie"
    return response


class PageMixin:
    """Facts the shell shows: `page_title`, `nav_key` of the side navigation, `crumbs` as (label, url) pairs."""

    page_title = ""
    nav_key = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    partial = ""
    request: HttpRequest

    def shell_context(self) -> dict[str, Any]:
        return {"page_title": self.page_title, "nav_key": self.nav_key, "crumbs": self.crumbs}


class PageView(PageMixin, TemplateView):
    """A page that reads; `context(at)` gives its view model."""

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        del args, kwargs
        context = self.context(clock.now())
        return render(request, self.get_template_names()[0], self.shell_context() | context, partial=self.partial)


class DomainFormMixin(PageMixin, FormView[forms.Form]):
    """A form whose rules live in a service: `perform(form, at)` writes and gives the URL to go to.

    A `DomainError` becomes an error of its field, or of the form, and the page answers with the input kept: 403 to
    whoever may not do this, else 422.
    """

    def perform(self, form: Any, at: datetime) -> str:
        raise NotImplementedError

    def form_valid(self, form: forms.Form) -> HttpResponse:
        at = clock.now()
        try:
            return SeeOther(once(self.request, lambda: self.perform(form, at), at=at))
        except DomainError as error:
            return self.refuse(form, error)

    def refuse(self, form: forms.Form, error: DomainError) -> HttpResponse:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return self.form_invalid(form, status=403 if isinstance(error, NotAllowed) else 422)

    def form_invalid(self, form: forms.Form, status: int = 422) -> HttpResponse:
        context = self.shell_context() | self.get_context_data(form=form)
        return render(self.request, self.get_template_names()[0], context, partial=self.partial, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return self.shell_context() | super().get_context_data(**kwargs)
