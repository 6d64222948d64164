"""Being away: what it leaves open, who steps in, a calendar that says it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.domain.clashes import checks_sha256
from portal.accounts.forms import AwayForm, DeputyForm, FeedForm, MoveForm
from portal.accounts.models import Absence, AbsenceFeed, Deputy, Person
from portal.accounts.policies import absences_visible_to, people_visible_to
from portal.accounts.services.absence_feeds import connect_absence_feed, disconnect_absence_feed, read_absence_feed
from portal.accounts.services.absences import (
    Away,
    can_enter_absence,
    cancel_absence,
    check_absence,
    enter_absence,
    move_absence,
)
from portal.accounts.services.grants import end_deputy, name_deputy
from portal.accounts.web.acting import ActView
from portal.accounts.web.presenting import absence_days, deputy_line
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.web.presentation import when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

AWAY = (("Me", "/me/"), ("Away", "/me/away/"))
ONE_DAY = timedelta(days=1)


def person_called(viewer: Any, handle: str) -> Person | None:
    """The person of a field; None for an empty one. Raises `DomainError` for a name nobody has."""
    if not handle.strip():
        return None
    found = people_visible_to(viewer).filter(handle=handle.strip().lower().removeprefix("@")).first()
    if found is None:
        raise DomainError("accounts.unknown_person", f"Nobody is called {handle.strip()[:40]}.", "deputy")
    return found


class AwayView(DomainFormMixin):
    """Check and save on one page: clashes are shown first, and saved only as they were seen."""

    page_title = "Away"
    nav_key = "me"
    crumbs = (("Me", "/me/"),)
    template_name = "accounts/away.html"
    form_class = AwayForm

    @cached_property
    def person(self) -> Person:
        viewer: Any = self.request.user
        return viewer  # type: ignore[no-any-return]  # signed in

    def back(self) -> str:
        return reverse("me_away")

    def form_valid(self, form: Any) -> HttpResponse:
        days = form.cleaned_data
        if days["last_on"] >= days["first_on"] and not days["seen"]:
            viewer: Any = self.request.user
            clashes = check_absence(actor=viewer, person=self.person, away=_away(days), at=clock.now())
            if clashes:
                form.data = form.data.copy() | {"seen": checks_sha256(clashes)}
                return self.render_to_response(self.get_context_data(form=form, clashes=clashes))
        return super().form_valid(form)

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        days = form.cleaned_data
        deputy = person_called(viewer, days["deputy"])
        enter_absence(
            actor=viewer, person=self.person, away=_away(days), seen=days["seen"] or None, deputy=deputy, at=at
        )
        return self.back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at, person = clock.now(), self.person
        rows = Absence.objects.filter(person=person, cancelled_at=None).order_by("-during")[:20]
        deputies = Deputy.objects.filter(person=person, ended_at=None, during__endswith__gt=at)
        is_own = person == self.request.user
        return super().get_context_data(**kwargs) | {
            "person": person,
            "is_own": is_own,
            "absences": [(row, absence_days(row), row.source == "ical", not _is_over(row, at)) for row in rows],
            "deputies": [(row, deputy_line(row, at)) for row in deputies.select_related("deputy", "person")],
            "feed": _feed_words(person, at) if is_own else "",
            "feed_form": FeedForm(),
            "deputy_form": DeputyForm(),
        }


class AwayForView(AwayView):
    """A lead enters it for somebody of the team."""

    page_title = "Absence of a colleague"
    nav_key = "people"
    crumbs = (("People", "/people/"),)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer: Any = request.user
        require(can_enter_absence(viewer, self.person, clock.now()))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # Django's wider type

    @cached_property
    def person(self) -> Person:
        return get_object_or_404(people_visible_to(self.request.user), handle=self.kwargs["handle"])

    def back(self) -> str:
        return reverse("people_detail", args=[self.person.handle])


class MoveAbsenceView(DomainFormMixin):
    page_title = "Other days"
    nav_key = "me"
    crumbs = AWAY
    template_name = "accounts/form.html"
    form_class = MoveForm
    extra_context = {"lead": "What the old days left open is taken back first.", "verb": "Move it", "back": "/me/away/"}

    @cached_property
    def absence(self) -> Absence:
        mine = absences_visible_to(self.request.user).filter(person=self.request.user, source="hand")  # type: ignore[misc]  # signed in
        return get_object_or_404(mine, pk=self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        return {"first_on": self.absence.first_on, "last_on": self.absence.last_on}

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        move_absence(actor=viewer, absence=self.absence, at=at, **form.cleaned_data)
        return reverse("me_away")


class CancelAbsenceView(ActView):
    def act(self, at: datetime) -> str:
        absence = get_object_or_404(Absence, pk=self.kwargs["pk"], person=self.request.user)
        cancel_absence(actor=self.request.user, absence=absence, at=at)  # type: ignore[arg-type]  # signed in
        return reverse("me_away")


class FeedView(DomainFormMixin):
    """The calendar is read at once, so that a wrong address shows now and not in an hour."""

    page_title = "A calendar of absences"
    nav_key = "me"
    crumbs = AWAY
    template_name = "accounts/form.html"
    form_class = FeedForm
    extra_context = {"lead": "Every event in it is an absence. It is read every hour; nothing entered by hand changes.",
                     "verb": "Connect", "back": "/me/away/"}  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        feed = connect_absence_feed(actor=viewer, url=form.cleaned_data["url"], at=at)
        read_absence_feed(feed=feed, at=at)
        return reverse("me_away")


class EndFeedView(ActView):
    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        disconnect_absence_feed(actor=viewer, at=at)
        return reverse("me_away")


class DeputyView(DomainFormMixin):
    """Who acts for me over some days, without an absence."""

    page_title = "Who acts for me"
    nav_key = "me"
    crumbs = AWAY
    template_name = "accounts/form.html"
    form_class = DeputyForm
    extra_context = {"lead": "Approvals and grants; never signatures, votes, flags or private requests.",
                     "verb": "Name", "back": "/me/away/"}  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        given = form.cleaned_data
        deputy = person_called(viewer, given["deputy"])
        if deputy is None:
            raise DomainError("accounts.bad_deputy", "A deputy is another person who is here.", "deputy")
        zone = ZoneInfo(viewer.zone)
        start = max(at, datetime.combine(given["first_on"], time(), zone))
        end = datetime.combine(given["last_on"] + ONE_DAY, time(), zone)
        name_deputy(actor=viewer, person=viewer, deputy=deputy, period=(start, end), reason=given["reason"], at=at)
        return reverse("me_away")


class EndDeputyView(ActView):
    """Either side ends it."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        row = get_object_or_404(Deputy.objects.filter(person=viewer) | Deputy.objects.filter(deputy=viewer),
                                pk=self.kwargs["pk"])  # fmt: skip
        end_deputy(actor=viewer, deputy=row, at=at)
        return reverse("me_away")


def _is_over(absence: Absence, at: datetime) -> bool:
    ends_at = absence.during.upper
    return ends_at is not None and ends_at <= at


def _away(days: dict[str, Any]) -> Away:
    return Away(days["first_on"], days["last_on"], days["kind"], days["note"], days["briefing"])


def _feed_words(person: Person, at: datetime) -> str:
    feed = AbsenceFeed.objects.filter(person=person).first()
    if feed is None:
        return ""
    if feed.failed_at is not None:
        return f"It could not be read since {when(feed.failed_at, person.zone, at).text}: {feed.error}"
    return f"Read {when(feed.read_at, person.zone, at).text}." if feed.read_at else "It is read within the hour."
