"""`/oncall/rest`: rest until noon after a broken night, by one's own word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages

from oncall.forms.kept import NothingForm
from oncall.models.spans import ends
from oncall.queries.burden import rest_offered
from oncall.services.resting import rest_until_noon
from portal.core import clock
from portal.core.web.presentation import when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime


class RestView(DomainFormMixin):
    """What is offered, and the button that takes it."""

    page_title = "Rest until noon"
    nav_key = "oncall"
    crumbs = (("On-call", "/oncall/"),)
    template_name = "oncall/rest.html"
    form_class = NothingForm

    def perform(self, form: Any, at: datetime) -> str:
        del form
        actor: Any = self.request.user
        _, until = ends(rest_until_noon(actor=actor, at=at).during)
        messages.success(self.request, f"Rest well until {when(until, actor.zone, at).text}.")
        return "/oncall/"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        until = rest_offered(viewer, at)
        offered = when(until, viewer.zone, at) if until is not None else None
        return super().get_context_data(**kwargs) | {"offered": offered}
