"""The page behind a signed link: looking changes nothing, one button acknowledges. No sign-in at 3 am."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View

from portal.core import clock
from portal.core.context import Context, current, use
from portal.core.errors import Conflict, NotVisible
from portal.core.services.rates import take
from portal.core.web.presentation import when
from portal.core.web.views import SeeOther
from portal.engine.queries.facts import facts_of
from portal.engine.services.acknowledging import acknowledge_by_link, notice_of_token
from portal.engine.services.wording import words_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from portal.engine.models import Notice


TRIES, MINUTE = 20, 60
INCIDENT = "oncall.incident"  # its night card has more than one act


@method_decorator(login_not_required, name="dispatch")
class AcknowledgeByLinkView(View):
    """A used, altered or old link says what happened; mail scanners that fetch it confirm nothing."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Unknown, altered and expired links answer alike; 20 tries a minute an address."""
        address = current().address
        take(key=f"ack:{address}", capacity=TRIES, per_seconds=MINUTE, at=clock.now())
        try:
            with use(Context("link", current().request_id, address=address)):
                response = super().dispatch(request, *args, **kwargs)
        except NotVisible:
            response = render(request, "site/link_gone.html", {"page_title": "Acknowledge"}, status=404)
        # Not `no-referrer`: with it browsers send `Origin: null` and Django refuses the form.
        response["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        at = clock.now()
        notice = notice_of_token(token=token, at=at)
        if notice.subject_type == INCIDENT and not notice.is_private:
            return SeeOther(reverse("night_link", args=[token]))
        return _page(request, notice, at, result=_already(notice, at))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        at = clock.now()
        try:
            done = acknowledge_by_link(token=token, at=at)
        except Conflict as refusal:
            return _page(request, notice_of_token(token=token, at=at), at, result=refusal.message)
        result = "Acknowledged. Nobody else is called." if done.is_first else _already(done.notice, at)
        return _page(request, done.notice, at, result=result)


def _already(notice: Notice, at: datetime) -> str:
    """What happened to the notice before, in the recipient's zone; nothing while it is open."""
    if notice.state == "open":
        return ""
    if notice.acknowledged_at is None or notice.recipient is None:
        return "This is settled; nothing is left to confirm."
    by = f" by {notice.acknowledged_by.name}" if notice.acknowledged_by else ""
    return f"Acknowledged {when(notice.acknowledged_at, notice.recipient.zone, at).text}{by}. Nobody else is called."


def _sign_in_first(notice: Notice) -> str:
    return "Sign in to see it and to acknowledge it." if notice.is_private else ""


def _page(request: HttpRequest, notice: Notice, at: datetime, *, result: str) -> HttpResponse:
    words = words_of(facts_of(notice))
    zone: Any = notice.recipient.zone if notice.recipient else "UTC"
    context = {
        "page_title": "Acknowledge",
        "words": words,
        "result": result or _sign_in_first(notice),
        "sent": when(notice.created_at, zone, at),
    }
    return render(request, "site/acknowledge.html", context)
