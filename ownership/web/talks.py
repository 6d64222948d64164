"""`/boundaries/talks/<n>`: the agenda of two leads, its calendar file, and what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from ownership import policies
from ownership.forms import ResultForm, in_zone
from ownership.models import Talk
from ownership.queries.crossings import open_crossings
from ownership.queries.parties import teams_led_by
from ownership.queries.sides import grouped
from ownership.services.talks import Result, close_talk
from ownership.web.boundary_shown import NOBODY, crossing_row
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.presentation import Empty, Fact, when
from portal.core.web.shell import Shell
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

HALF_AN_HOUR = timedelta(minutes=30)
MOST = 500


def find_talk(request: HttpRequest, pk: int) -> Talk:
    """The talk; raises `NotVisible`."""
    rows = Talk.objects.select_related("doing_team", "expected_team")
    row = rows.filter(pk=pk).first() if request.user.is_authenticated else None
    if row is None:
        raise NotVisible
    return row


def talk_context(viewer: Any, talk: Talk, at: datetime, form: Any = None) -> dict[str, Any]:
    """What they speak about: everything that crosses between the two teams now."""
    key = f"{talk.doing_team.slug}~{talk.expected_team.slug if talk.expected_team else ''}"
    rows = list(open_crossings(viewer).exclude(state="dismissed").order_by("-score", "pk")[:MOST])
    here = [boundary for boundary in grouped(rows, at) if boundary.key == key]
    team_ids = frozenset(pk for pk in (talk.doing_team_id, talk.expected_team_id) if pk is not None)
    decides = policies.boundaries.can_decide(viewer, team_ids, None, teams_led_by(viewer, at)).allowed
    return {
        "page_title": title(talk),
        "nav_key": "boundaries",
        "crumbs": (("Boundaries", reverse("boundaries_list")), ("Agenda", reverse("boundaries_pair", args=[key]))),
        "talk": talk,
        "facts": _facts(talk, viewer.zone, at),
        "rows": [crossing_row(row, at) for boundary in here for row in boundary.crossings],
        "can_close": decides and talk.held_at is None,
        "form": form or ResultForm(),
        "empty": Empty("Nothing crosses between them now", "What is settled leaves the agenda.", "shield-check"),
    }


def title(talk: Talk) -> str:
    """The heading of the agenda and of the calendar entry."""
    return f"{talk.doing_team.name} and {talk.expected_team.name if talk.expected_team else NOBODY}"


def _facts(talk: Talk, zone: Any, at: datetime) -> list[Fact]:
    people = ", ".join(person.name for person in talk.attendees.order_by("name"))
    wanted = (
        ("When", when(talk.at, zone, at).text),
        ("Who", people),
        ("Agenda", talk.note),
        ("Result", talk.get_outcome_words() if talk.outcome else ""),
        ("Noted", talk.outcome_note),
        ("They speak again", when(talk.next_at, zone, at).text if talk.next_at else ""),
    )
    return [Fact(label, value) for label, value in wanted if value]


class TalkView(PageView):
    template_name = "ownership/boundaries/talk.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return talk_context(self.request.user, find_talk(self.request, self.kwargs["pk"]), at)


class CloseTalkView(DomainFormMixin):
    """Write down what came of it."""

    template_name = "ownership/boundaries/talk.html"
    http_method_names = ("post",)
    form_class = ResultForm

    def perform(self, form: Any, at: datetime) -> str:
        data, actor = form.cleaned_data, self.request.user
        following = data["next_at"].replace(tzinfo=None) if data["next_at"] else None
        result = Result(data["outcome"], data["note"], in_zone(following, Shell(self.request).zone))
        talk = close_talk(actor=actor, talk=find_talk(self.request, self.kwargs["pk"]), result=result, at=at)  # type: ignore[arg-type] # signed in
        messages.success(self.request, "Written down for both teams.")
        return reverse("talks_detail", args=[talk.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        talk = find_talk(self.request, self.kwargs["pk"])
        return talk_context(self.request.user, talk, clock.now(), kwargs["form"])


@require_safe
def talk_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The talk as a file for a calendar."""
    talk = find_talk(request, pk)
    event = Event()
    event.add("uid", f"talk-{talk.pk}@headwater")
    event.add("summary", title(talk))
    event.add("dtstamp", talk.created_at)
    event.add("dtstart", talk.at)
    event.add("dtend", talk.at + HALF_AN_HOUR)
    event.add("description", talk.note)
    event.add("url", request.build_absolute_uri(reverse("talks_detail", args=[talk.pk])))
    calendar = Calendar()
    calendar.add("prodid", "-//Headwater//Talks//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="talk-{talk.pk}.ics"'
    return response
