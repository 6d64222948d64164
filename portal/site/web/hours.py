"""`/me/hours/`: when one works, and which public holidays are one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from portal.accounts.queries.holidays import region_followed
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import calendar_of_person
from portal.accounts.services.hours import Hours, drop_hours, publish_hours
from portal.accounts.web.acting import ActView
from portal.core import clock
from portal.core.queries.calendars import proposed_holidays
from portal.core.web.views import DomainFormMixin
from portal.site.hours_forms import DAYS, HoursForm, exceptions_of, weekly
from requests_queue.domain.hours import exceptions_text, hours_text

if TYPE_CHECKING:
    from datetime import datetime


class HoursView(DomainFormMixin):
    """The hours in force, in words that can be typed over; holidays are proposed and never taken by themselves."""

    page_title = "My hours"
    nav_key = "me"
    crumbs = (("Me", "/me/"),)
    template_name = "site/hours.html"
    form_class = HoursForm

    def get_initial(self) -> dict[str, Any]:
        viewer: Any = self.request.user
        version = calendar_of_person(viewer, local_day(viewer, clock.now()))
        own = version.exceptions if viewer.calendar_id else {}
        return {day: hours_text(version.weekly.get(day, [])) for day in DAYS} | {
            "zone": version.zone if viewer.calendar_id else viewer.zone, "exceptions": exceptions_text(own),
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        given, year = self.request.GET, clock.now().year
        country, part = given.get("country", "")[:2].upper(), given.get("part", "")[:3].upper()
        years = (year, year + 1) if country else ()
        form = kwargs.get("form") or self.get_form()
        return super().get_context_data(**kwargs) | {
            "holidays": [day for each in years for day in proposed_holidays(country, part, each)],
            "country": country, "part": part, "days": [form[day] for day in DAYS], "is_own": bool(viewer.calendar_id),
            "follows": region_followed(viewer.calendar_id),
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        given = form.cleaned_data
        exceptions = exceptions_of(given["exceptions"], self.request.POST.getlist("holidays"))
        hours = Hours(given["zone"], weekly(given), exceptions)
        version = publish_hours(actor=viewer, person=viewer, hours=hours, at=at)
        messages.success(self.request, f"Version {version.n} of your hours holds from now on.")
        return reverse("me_hours")


class DropHoursView(ActView):
    """Back to the hours of the team."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        drop_hours(actor=viewer, person=viewer, at=at)
        return reverse("me_hours")
