"""Where a team's alerts and events go besides people."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.policies import endpoints_visible_to
from portal.accounts.queries.people import local_day
from portal.accounts.services.endpoints import (
    NewEndpoint,
    create_endpoint,
    delete_endpoint,
    rotate_endpoint_secret,
    send_endpoint_test,
    update_endpoint,
)
from portal.accounts.web.acting import ActView, step_up
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.policies import ALLOWED, Decision, refused
from portal.core.web.presentation import Empty
from portal.core.web.views import DomainFormMixin, render
from portal.site.endpoint_forms import AgainForm, EndpointChangeForm, EndpointForm
from portal.site.queries.endpoints import endpoint_row, managed_teams, recent_deliveries, state_badge
from portal.site.services.events_out import redeliver_events

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from portal.accounts.models import Endpoint

CRUMBS = (("Endpoints", "/endpoints/"),)


def _visible(viewer: Any, at: datetime) -> Any:
    return endpoints_visible_to(viewer, local_day(viewer, at)).select_related("team").order_by("slug")


def _shown_once(request: HttpRequest, row: Endpoint, secret: str) -> HttpResponse:
    context = {"page_title": "Copy it now", "nav_key": "endpoints", "crumbs": CRUMBS, "endpoint": row}
    return render(request, "site/endpoint_secret.html", context | {"secret": secret}, status=201)


@step_up
class EndpointsView(DomainFormMixin):
    """Those of the teams one leads; the secret of a new webhook is in the answer and nowhere after."""

    page_title = "Endpoints"
    nav_key = "endpoints"
    template_name = "site/endpoints.html"
    form_class = EndpointForm

    def allowed(self, at: datetime) -> Decision:
        may_add = managed_teams(self.request.user, at).exists()
        return ALLOWED if may_add else refused("site.not_a_lead", "Leads of a team and admins add endpoints.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"teams": managed_teams(self.request.user, clock.now())}

    def form_valid(self, form: Any) -> HttpResponse:
        viewer: Any = self.request.user
        given = form.cleaned_data
        wish = NewEndpoint(given["slug"], given["kind"], given["address"], given["topics"])
        try:
            row, secret = create_endpoint(actor=viewer, team=given["team"], wish=wish, at=clock.now())
        except DomainError as error:
            return self.refuse(form, error)
        return _shown_once(self.request, row, secret)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        rows = [endpoint_row(row, reverse("endpoint_page", args=[row.slug])) for row in _visible(viewer, at)[:200]]
        own = {
            "rows": rows, "may_add": managed_teams(viewer, at).exists(),
            "empty": Empty("Nothing leaves by an endpoint", "Leads of a team and admins add them.", "webhook"),
        }  # fmt: skip
        return super().get_context_data(**kwargs) | own


class _OfEndpoint:
    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def endpoint(self) -> Endpoint:
        found: Endpoint = get_object_or_404(_visible(self.request.user, clock.now()), slug=self.kwargs["slug"])
        return found

    def allowed(self, at: datetime) -> Decision:
        """Its team's leads and admins are all who see it: 404 to everybody else."""
        del at
        _ = self.endpoint
        return ALLOWED


@step_up
class EndpointView(_OfEndpoint, DomainFormMixin):
    """What it asks for, the last hundred deliveries, and its handles."""

    nav_key = "endpoints"
    crumbs = CRUMBS
    template_name = "site/endpoint.html"
    form_class = EndpointChangeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.page_title = self.endpoint.slug
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"topics": self.endpoint.topics}

    def perform(self, form: Any, at: datetime) -> str:
        given = form.cleaned_data
        changes = {"topics": given["topics"]} | ({"address": given["address"]} if given["address"] else {})
        viewer: Any = self.request.user
        update_endpoint(actor=viewer, endpoint=self.endpoint, changes=changes, at=at)
        return reverse("endpoint_page", args=[self.endpoint.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        row = self.endpoint
        own = {
            "endpoint": row, "badges": [state_badge(row)], "again_form": AgainForm(),
            "deliveries": recent_deliveries(row, viewer.zone, clock.now()),
        }  # fmt: skip
        return super().get_context_data(**kwargs) | own


@step_up
class EndpointActView(_OfEndpoint, ActView):
    """Test it, switch it on or off, sign with a new secret, send events again, remove it."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if kwargs["verb"] != "rotate":
            return super().post(request, *args, **kwargs)
        viewer: Any = request.user
        secret = rotate_endpoint_secret(actor=viewer, endpoint=self.endpoint, at=clock.now())
        return _shown_once(request, self.endpoint, secret)

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        row, verb = self.endpoint, self.kwargs["verb"]
        if verb == "remove":
            delete_endpoint(actor=viewer, endpoint=row, at=at)
            return reverse("endpoints")
        if verb == "test":
            send_endpoint_test(actor=viewer, endpoint=row, at=at)
        elif verb == "again":
            self._send_again(at)
        elif verb not in ("on", "off"):
            raise Http404
        else:
            update_endpoint(actor=viewer, endpoint=row, changes={"is_active": verb == "on"}, at=at)
        return reverse("endpoint_page", args=[row.slug])

    def _send_again(self, at: datetime) -> None:
        form = AgainForm(self.request.POST)
        if not form.is_valid():
            raise DomainError(
                "site.bad_span", "Choose a span that ends now or before, within the last 30 days.", "after"
            )
        viewer: Any = self.request.user
        span = form.cleaned_data
        redeliver_events(actor=viewer, endpoint=self.endpoint, after=span["after"], until=span["until"], at=at)
