"""Files of a request: sent on their own address, given out as a download in a sandbox (spec security 8)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from django.http import FileResponse, Http404
from django.views.decorators.http import require_GET

from portal.core import clock
from portal.core.web.views import DomainFormMixin
from requests_queue.forms import FileForm
from requests_queue.models import Attachment
from requests_queue.policies import visible_to
from requests_queue.services.attachments import attach_file, note_download, path_of
from requests_queue.web.details import find

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

SANDBOX = "default-src 'none'; sandbox"


class AttachView(DomainFormMixin):
    """`/requests/<number>/files`: one file a post."""

    page_title = "Attach a file"
    nav_key = "requests"
    template_name = "requests_queue/attach.html"
    form_class = FileForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["number"]))
        return super().get_context_data(**kwargs) | {
            "shown": shown, "crumbs": (("Requests", "/requests/"), (shown.number, shown.get_absolute_url())),
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        shown = find(self.request, str(self.kwargs["number"]))
        given = form.cleaned_data["file"]
        attach_file(actor=self.request.user, request=shown, name=given.name, file=given, size=given.size, at=at)
        return shown.get_absolute_url()


@require_GET
def download(request: HttpRequest, key: str) -> FileResponse:
    """The bytes, for who may see the request; anybody else and an unknown key read the same 404."""
    rows = Attachment.objects.filter(key=key, scan_state="clean", request__in=visible_to(request.user))
    found = rows.select_related("request").first()
    if found is None:
        raise Http404
    try:
        file = path_of(found.key).open("rb")
    except OSError:
        raise Http404 from None
    note_download(actor=request.user, attachment=found, at=clock.now())
    response = FileResponse(file, as_attachment=True, filename=found.name, content_type=found.media_type)
    response["Content-Length"] = str(os.fstat(file.fileno()).st_size)
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    return response
