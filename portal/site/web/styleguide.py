"""Every component in every state, on one page."""

from __future__ import annotations

from portal.core.web.views import PageView


class StyleGuideView(PageView):
    page_title = "Style guide"
    nav_key = "styleguide"
    template_name = "site/styleguide.html"
