"""The button that begins or ends following, on the page of an asset, a request or an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts.services.follows import follow, unfollow
from portal.accounts.web.acting import ActView
from portal.engine.domain.subjects import Subject

if TYPE_CHECKING:
    from datetime import datetime


class FollowView(ActView):
    """`/follows/<type>/<id>`: `wanted` is on or off; back to the page of `next`."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        given, subject = self.request.POST, Subject(str(self.kwargs["subject_type"]), int(self.kwargs["pk"]))
        (follow if given.get("wanted") == "on" else unfollow)(actor=viewer, subject=subject, at=at)
        back = given.get("next", "")
        return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/"
