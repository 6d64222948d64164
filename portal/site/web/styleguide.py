"""Every component in every state, on one page: what looks wrong here is wrong everywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portal.core.web.views import PageView
from portal.site.web.samples import SampleForm, samples

if TYPE_CHECKING:
    from datetime import datetime


class StyleGuideView(PageView):
    page_title = "Style guide"
    nav_key = "styleguide"
    template_name = "site/styleguide.html"

    def context(self, at: datetime) -> dict[str, Any]:
        form = SampleForm({"question": "data", "kind": "question", "private": "on"})
        form.is_valid()
        return samples() | {"form": form, "sample": at - timedelta(hours=3)}
