"""Where the canary lands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.core import clock
from portal.engine.services.canary import record_canary

if TYPE_CHECKING:
    from django.http import HttpRequest


@login_not_required
@csrf_exempt
@require_POST
def canary(request: HttpRequest) -> HttpResponse:
    """The engine's own webhook: 204 if the signature is ours, else 401."""
    given = {name.lower(): value for name, value in request.headers.items()}
    known = record_canary(headers=given, body=request.body, at=clock.now())
    return HttpResponse(status=204 if known else 401)
