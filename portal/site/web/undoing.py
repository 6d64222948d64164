"""The button beside a change that can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.services.undo import undo_change
from portal.core.web.form_keys import once
from portal.core.web.views import SeeOther
from portal.site.queries.changes import visible_changes

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse


class UndoView(View):
    """`POST /changes/<n>/undo`; who may not see the change gets 404, who may not take it back 403."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        at = clock.now()
        return SeeOther(once(request, lambda: self.undo(request, pk, at), at=at))

    def undo(self, request: HttpRequest, pk: int, at: datetime) -> str:
        entry = visible_changes(request.user).filter(pk=pk).first()
        if entry is None:
            raise NotVisible
        undo_change(actor=request.user, entry=entry, at=at)
        messages.success(request, "Taken back.")
        back = request.POST.get("back", "")
        is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
        return back if is_ours else reverse("changes")
