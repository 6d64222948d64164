"""`/oncall/replay`: past nights under another agreement, coverage, rota or ladder. Reads only."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_GET

from oncall.forms.replay import ReplayForm
from oncall.queries.ladders import versions_of
from oncall.queries.replaying import MOST_REPLAYED, agreements_near, replay, rotas_to_try, teams_that_burned
from portal.core import clock
from portal.core.errors import BadRequest
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import Badge, Empty, Fact, Link, Row, count_words, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.domain.replaying import Outcome, Summary
    from oncall.models import Incident
    from oncall.queries.replaying import Replay, Tried

USUAL = timedelta(days=90)
SHOWN = 100
HEADER = (
    "number", "title", "opened_at", "asset", "woke", "would_wake", "would_call_at", "over_before_the_call",
    "steps_then", "steps_now", "readers_said",
)  # fmt: skip


class ReplayView(PageView):
    """A form whose answer stands below it; the address is the proposal."""

    page_title = "Replay past nights"
    nav_key = "agreements"
    crumbs = (("3 am agreements", "/agreements/"),)
    template_name = "oncall/replay.html"

    def context(self, at: datetime) -> dict[str, Any]:
        form = form_of(self.request, at)
        empty = Empty("No incident yet", "When something has broken, its nights can be tried again here.", "moon-star",
                      Link("Try one that has not", "/oncall/dry-run"))  # fmt: skip
        if not form.fields["team"].choices:
            return {"nothing": empty}
        done = done_by(self.request, form)
        viewer: Any = self.request.user
        return {
            "form": form, "done": done.summary, "facts": facts_of(done.summary), "query": self.request.GET.urlencode(),
            "rows": [_row(incident, outcome, viewer.zone, at) for incident, outcome in done.rows[:SHOWN]],
            "more": max(0, len(done.rows) - SHOWN), "is_cut": len(done.rows) == MOST_REPLAYED,
            "empty": Empty("Nothing broke in these days", "Choose a longer period.", "check"),
        }  # fmt: skip


@require_GET
def export_replay(request: HttpRequest) -> StreamingHttpResponse:
    """Each incident with then and now, as CSV."""
    form = form_of(request, clock.now())
    rows = done_by(request, form).rows if form.fields["team"].choices else ()
    return csv_response("replay", HEADER, _lines(rows), count=len(rows))


def form_of(request: HttpRequest, at: datetime) -> Any:
    """The form of the address: the last 90 days of the first team, unless it says otherwise."""
    viewer: Any = request.user
    teams = teams_that_burned(viewer)
    given = request.GET.copy()
    slug = given.get("team") or (teams[0].slug if teams else "")
    team = next((row for row in teams if row.slug == slug), None)
    usual = {
        "until_time": "07:00",
        "team": slug,
        "start": f"{(at - USUAL).date()}",
        "end": f"{(at + timedelta(days=1)).date()}",
    }
    for name, value in usual.items():
        given.setdefault(name, value)
    return ReplayForm(
        given, teams=teams, agreements=agreements_near(viewer, team) if team else (), rotas=rotas_to_try(),
        ladders=versions_of(team) if team else (),
    )  # fmt: skip


def done_by(request: HttpRequest, form: Any) -> Replay:
    """The replay that the form asks for; a field that is wrong is refused by its name."""
    if not form.is_valid():
        field, messages = next(iter(form.errors.items()))
        label = form.fields[field].label if field in form.fields else "This"
        raise BadRequest("oncall.bad_replay", f"{label}: {messages[0]}", field)
    viewer: Any = request.user
    team = next(row for row in form.teams if row.slug == form.cleaned_data["team"])
    start, end = form.span(viewer.zone)
    return replay(viewer=viewer, team=team, start=start, end=end, proposal=form.proposal())


def facts_of(done: Summary) -> list[Fact]:
    """Then and now, line by line."""
    facts = [
        Fact("Nights with somebody woken", f"{done.night_pages} then, {_nights_now(done)} now"),
        Fact("Steps of the ladder that fired", f"{done.steps_then} then, {done.steps_now} now"),
        Fact("Most such nights of one person", f"{done.most_then} then, {done.most_now} now"),
        Fact("Over before the call came", count_words(done.mended, "incident")),
    ]
    if done.would_wake:
        facts.append(Fact("Nights that were quiet and would not be", str(done.would_wake), "text-bad"))
    words = {"nothing": "said it did not matter", "inconvenient": "said inconvenient", "harm": "said harm"}
    said = [f"{done.said[word]} {text}" for word, text in words.items() if done.said.get(word)]
    return [*facts, Fact("What readers said of those that wait", ", ".join(said) or "nobody was asked")]


def _nights_now(done: Summary) -> int:
    return done.night_pages - done.would_wait + done.would_wake


def _row(incident: Incident, outcome: Outcome, zone: str, at: datetime) -> Row:
    if outcome.would_wait:
        badges = [Badge("Would wait", "ok")]
    elif outcome.would_wake:
        badges = [Badge("Wakes", "bad" if not outcome.woke else "warn")]
    else:
        badges = [Badge("No night", "gray")]
    if outcome.mended:
        now = "over before the call"
    elif outcome.would_call_at is None:
        now = "a task, no page"
    else:
        now = f"{count_words(outcome.steps_now, 'step')} from {when(outcome.would_call_at, zone, at).text}"
    then = f"then {count_words(outcome.steps_then, 'step')}" if outcome.steps_then else "then no page"
    return Row(incident.title, incident.get_absolute_url(), number=incident.number, badges=badges, icon="siren",
               facts=[then, f"now {now}"], side=when(incident.opened_at, zone, at).text)  # fmt: skip


def _lines(rows: Sequence[Tried]) -> Iterator[tuple[Any, ...]]:
    for incident, outcome in rows:
        asset = incident.root_asset.slug if incident.root_asset is not None else ""
        call = outcome.would_call_at.isoformat() if outcome.would_call_at is not None else ""
        yield (incident.number, incident.title, incident.opened_at.isoformat(), asset, outcome.woke,
               outcome.would_wake, call, outcome.mended, outcome.steps_then, outcome.steps_now,
               " ".join(outcome.said))  # fmt: skip
