"""The night card behind the signed link of a page: four acts, one incident, 24 hours, no sign-in at 3 am."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View

from oncall.models import Incident
from oncall.queries.incidents import ladder_of, timeline_of
from oncall.queries.night import team_hours
from oncall.queries.resolving import MOMENT, outlook
from oncall.web.acts import NIGHT_ACTS, perform
from oncall.web.incident_page import next_steps
from oncall.web.shown import night_card
from portal.core import clock
from portal.core.context import Context, current, use
from portal.core.errors import DomainError, NotVisible
from portal.core.services.rates import take
from portal.core.web.views import SeeOther
from portal.engine.services.acknowledging import notice_of_token

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from portal.engine.models import Notice

TRIES, MINUTE = 20, 60
SUBJECT = "oncall.incident"


@method_decorator(login_not_required, name="dispatch")
class NightLinkView(View):
    """Looking changes nothing; mail scanners that fetch it confirm nothing. Private incidents ask for sign-in."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Unknown, altered, expired and private links answer alike; 20 tries a minute an address."""
        address = current().address
        take(key=f"ack:{address}", capacity=TRIES, per_seconds=MINUTE, at=clock.now())
        try:
            with use(Context("link", current().request_id, address=address)):
                response = super().dispatch(request, *args, **kwargs)
        except NotVisible:
            response = render(request, "site/link_gone.html", {"page_title": "Night card"}, status=404)
        response["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        at = clock.now()
        notice, incident = _found(token, at)
        return _page(request, notice, incident, at)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        at = clock.now()
        notice, incident = _found(token, at)
        verb = request.POST.get("verb", "")
        if verb not in NIGHT_ACTS:
            raise NotVisible
        try:
            perform(verb, actor=notice.recipient, incident=incident, data={}, at=at)
        except DomainError as refusal:
            return _page(request, notice, incident, at, refusal.message, status=409)
        return SeeOther(request.path)


def _found(token: str, at: datetime) -> tuple[Notice, Incident]:
    """The notice of the link and its incident; `NotVisible` for anything that is not a live, public page."""
    notice = notice_of_token(token=token, at=at)
    person = notice.recipient
    if notice.subject_type != SUBJECT or notice.is_private or person is None or not person.is_active:
        raise NotVisible
    rows = Incident.objects.select_related("root_asset", "team", "rota", "acknowledged_by")
    incident = rows.filter(pk=notice.subject_id, is_private=False).first()
    if incident is None:
        raise NotVisible
    return notice, incident


def _page(
    request: HttpRequest, notice: Notice, incident: Incident, at: datetime, refusal: str = "", status: int = 200
) -> HttpResponse:
    person: Any = notice.recipient
    ahead = outlook(rota=incident.rota, at=at, ahead=MOMENT) if incident.rota is not None else None
    steps = next_steps(incident, ladder_of(incident), ahead, timeline_of(incident), at)
    context = {
        "page_title": f"{incident.number} {incident.title}",
        "night": night_card(incident, steps, team_hours(incident.team), person.zone, at),
        "refusal": refusal, "shown": incident, "person": person,
    }  # fmt: skip
    return render(request, "oncall/night_link.html", context, status=status)
