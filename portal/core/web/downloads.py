"""Each list that leaves the house as a file: how often, and by whom (spec security 8, 9)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from portal.core import clock
from portal.core.errors import TooMany
from portal.core.middleware import refusal_page
from portal.core.queries.changes import DOWNLOADED
from portal.core.services.audit import record_audit
from portal.core.services.rates import take

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

AN_HOUR, HOUR = 20, 3600
ENDING = ".csv"


class DownloadMiddleware:
    """At most twenty an hour of each list and person, and an audit row for each that was handed out.

    The row names the list and which filters were set, never their values nor how many rows there were: those who read
    the audit learn nothing of what is private.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.OK and _is_download(request):
            filters = sorted(name for name, value in request.GET.items() if value)
            after = {"list": _list_of(request), "filters": filters[:20]}
            record_audit(actor=request.user, verb=DOWNLOADED, subject=request.user, after=after, at=clock.now())  # type: ignore[arg-type]  # somebody signed in
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        del view, args, kwargs
        if not _is_download(request):
            return None
        try:
            take(
                key=f"export:{request.user.pk}:{_list_of(request)}", capacity=AN_HOUR, per_seconds=HOUR, at=clock.now()
            )
        except TooMany as refusal:
            return refusal_page(request, refusal)
        return None


def _is_download(request: HttpRequest) -> bool:
    """Pages alone have such addresses; whoever is not signed in is sent to the door before."""
    route = request.resolver_match.route if request.resolver_match else ""
    return request.method == "GET" and route.endswith(ENDING) and request.user.is_authenticated


def _list_of(request: HttpRequest) -> str:
    name = request.resolver_match.url_name if request.resolver_match else ""
    return str(name).removesuffix("_export").replace("_", " ")
