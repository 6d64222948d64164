"""What an admin looks at first: the doctor's findings, each with the command that cures it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.accounts.policies import can_administer
from portal.accounts.web.acting import ActView
from portal.core.policies import require
from portal.core.web.views import PageView
from portal.engine.services.testing import send_test_page
from portal.site.queries.setup import setup

if TYPE_CHECKING:
    from datetime import datetime


class SetupView(PageView):
    """For admins; no secret and no address is shown."""

    page_title = "Setup"
    nav_key = "setup"
    template_name = "site/setup.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        require(can_administer(viewer, at))
        return {"setup": setup(viewer, at)}


class SetupTestView(ActView):
    """A test page to oneself, through every way of one's own."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        require(can_administer(viewer, at))
        send_test_page(actor=viewer, at=at)
        return "/admin-setup/"
