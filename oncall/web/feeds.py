"""Calendars: the address a program reads, and the page that makes and revokes addresses."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View

from oncall.forms.feeds import FeedForm
from oncall.models import CalendarFeed
from oncall.queries.calendars import render_feed
from oncall.services.feeds import issue_feed, revoke_feed, secret_hash
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.form_keys import once
from portal.core.web.views import DomainFormMixin, SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest

KIND_WORDS = {"me": "my shifts", "rota": "the rota", "team": "all rotas of the team"}


@method_decorator(login_not_required, name="dispatch")
class FeedView(View):
    """`/ical/<token>`: the secret in the address is the key; a revoked or unknown one is 404."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        rows = CalendarFeed.objects.filter(revoked_at=None, person__state="active").select_related("person")
        feed = rows.filter(secret_hash=secret_hash(token)).first()
        if feed is None:
            raise NotVisible
        body = render_feed(feed, clock.now())
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if request.headers.get("If-None-Match") == tag:
            return HttpResponseNotModified(headers={"ETag": tag})
        headers = {"ETag": tag, "Cache-Control": "private, max-age=300"}
        return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


class FeedsView(DomainFormMixin):
    """`/oncall/calendars/`: make an address, shown once, and revoke it."""

    page_title = "Calendars"
    nav_key = "oncall"
    template_name = "oncall/calendars.html"
    form_class = FeedForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        rows = CalendarFeed.objects.filter(person=viewer, revoked_at=None).order_by("pk")
        feeds = [(row.pk, f"{KIND_WORDS[row.kind]} {row.subject}".strip()) for row in rows]
        return super().get_context_data(**kwargs) | {"feeds": feeds, "address": kwargs.get("address", "")}

    def form_valid(self, form: Any) -> HttpResponse:
        viewer: Any = self.request.user
        given = form.cleaned_data
        _, secret = issue_feed(actor=viewer, kind=given["kind"], subject=given["subject"], at=clock.now())
        address = self.request.build_absolute_uri(reverse("ical", args=[secret]))
        return self.render_to_response(self.get_context_data(form=FeedForm(), address=address))


class RevokeView(View):
    """POST: the address ends."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        viewer: Any = request.user
        at, feed = clock.now(), CalendarFeed.objects.filter(pk=pk, person=viewer).first()
        if feed is None:
            raise NotVisible
        revoke_feed(actor=viewer, feed=feed, at=at)
        return SeeOther(once(request, lambda: reverse("oncall_calendars"), at=at))
