"""allauth asks for a `requests` session; ours goes out by the only way there is, and follows no redirect."""

from __future__ import annotations

import io
import time
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from portal.core import egress
from portal.core.errors import DomainError

SECONDS = 10.0


class EgressAdapter(BaseAdapter):
    """Addresses, sizes and times are judged by `portal.core.egress`; what `requests` offers beside it is not used."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        del args, kwargs
        body = request.body or b""
        try:
            answer = egress.post(
                str(request.url),
                body=body if isinstance(body, bytes) else str(body).encode(),
                headers={name: value for name, value in request.headers.items() if name != "Content-Length"},
                stop_at=time.monotonic() + SECONDS,
                method=str(request.method),
            )
        except (egress.EgressError, DomainError) as error:
            raise requests.ConnectionError(str(error), request=request) from error
        if answer.is_cut:
            message = "the answer was longer than we read"
            raise requests.ConnectionError(message, request=request)
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response.raw = io.BytesIO(answer.body)
        response.url, response.request = str(request.url), request
        return response

    def close(self) -> None:
        """Nothing is kept open between two requests."""


def outgoing_session() -> requests.Session:
    """A session that takes no proxy, cookie file or password from its surroundings."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.adapters.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, EgressAdapter())
    return session
