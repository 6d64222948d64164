"""`/boundaries/`: who does whose work, by pair of teams; one crossing; what leads do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse
from django.views.decorators.http import require_safe

from ownership import policies
from ownership.domain.crossing_states import DISMISSED
from ownership.domain.scores import LEVEL_ORDER
from ownership.filters import CrossingFilter
from ownership.forms import AcceptanceForm, ReasonForm, TalkForm, in_zone
from ownership.models import Crossing, Talk
from ownership.queries.acts import acts_behind, marks_behind
from ownership.queries.crossings import open_crossings
from ownership.queries.parties import teams_led_by, teams_of_person
from ownership.queries.sides import grouped, sides_of, teams_of_key
from ownership.queries.traffic import traffic_of
from ownership.services.crossing_acts import accept_crossing, dismiss_crossing
from ownership.services.talks import TalkDraft, start_talk
from ownership.web.boundary_shown import (
    LEVEL_CSS,
    NOBODY,
    age_words,
    crossing_row,
    pair_card,
    state_words,
    traffic_words,
)
from ownership.web.crossing_acts import act_rows, mark_steps
from ownership.web.shown import asset_url
from portal.core import clock
from portal.core.errors import DomainError, NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.presentation import Badge, Empty, Fact, Link, Row, when
from portal.core.web.shell import Shell
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from portal.accounts.models import Team

MOST = 500
HEADER = ("asset", "kind", "domain", "doing", "expected", "what", "remedy", "level", "score", "state", "since")
CRUMBS = (("Boundaries", "/boundaries/"),)


def chosen_crossings(request: HttpRequest) -> tuple[CrossingFilter, list[Crossing]]:
    """The crossings of the address, heaviest first, at most 500; dismissed ones only when asked for."""
    chosen = CrossingFilter(request.GET, queryset=open_crossings(request.user))
    ensure_valid(chosen)
    rows = chosen.qs if request.GET.get("state") == DISMISSED else chosen.qs.exclude(state=DISMISSED)
    return chosen, list(rows.order_by("-score", "pk")[:MOST])


class BoundaryBoardView(PageView):
    """Grouped by pair of teams; each card leads to the page on which the two leads decide."""

    page_title = "Boundaries"
    nav_key = "boundaries"
    template_name = "ownership/boundaries/board.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen, rows = chosen_crossings(self.request)
        pairs = grouped(rows, at)
        viewer = self.request.user
        traffic, led = traffic_of(pairs, viewer, at), teams_led_by(viewer, at)
        return {
            "form": chosen.form,
            "pairs": [pair_card(pair, traffic.get(pair.key), viewer, led, at) for pair in pairs],
            "count": len(rows),
            "levels": [
                Badge(f"{count} {level}", LEVEL_CSS[level] if count else "gray")
                for level in LEVEL_ORDER
                for count in [sum(row.level == level for row in rows)]
            ],
            "query": self.request.GET.urlencode(),
            "empty": Empty(
                "No crossings",
                "Everything is with the discipline that its pattern expects.",
                "shield-check",
                Link("See the patterns", reverse("patterns_list")),
            ),
        }


@require_safe
def export_boundaries(request: HttpRequest) -> StreamingHttpResponse:
    """The board as CSV: teams and assets, no names of people."""
    _, rows = chosen_crossings(request)
    sides = sides_of(rows, clock.now())
    lines = [
        (
            row.asset.slug, row.asset.kind, row.asset.domain.slug if row.asset.domain else "",
            _slug(sides[row.pk].doing), _slug(sides[row.pk].expected), row.rule.label, row.rule.remedy, row.level,
            row.score, row.state, row.opened_at.isoformat(),
        )
        for row in rows
    ]  # fmt: skip
    return csv_response("boundaries", HEADER, lines, count=len(lines))


def _slug(team: Team | None) -> str:
    return team.slug if team else ""


def find_pair(key: str) -> tuple[Team | None, Team | None]:
    """The two teams of the address; raises `NotVisible`."""
    found = teams_of_key(key)
    if found is None or found == (None, None):
        raise NotVisible
    return found


def pair_context(request: HttpRequest, key: str, at: datetime, form: Any = None) -> dict[str, Any]:
    """What crosses between two teams, their talks, and the form of the next one."""
    _, rows = chosen_crossings(request)
    return _pair_model(request.user, key, rows, at) | ({"form": form} if form else {})


def _pair_model(viewer: Any, key: str, rows: list[Crossing], at: datetime) -> dict[str, Any]:
    doing, expected = find_pair(key)
    here = [boundary for boundary in grouped(rows, at) if boundary.key == key]
    crossings = here[0].crossings if here else ()
    exchanged = traffic_words(traffic_of(here, viewer, at).get(key))
    team_ids = frozenset(team.pk for team in (doing, expected) if team is not None)
    talks = (
        Talk.objects.filter(doing_team=doing, expected_team=expected).order_by("-at") if doing else Talk.objects.none()
    )
    names = [team.name if team else NOBODY for team in (doing, expected)]
    return {
        "page_title": f"{names[0]} and {names[1]}",
        "nav_key": "boundaries",
        "crumbs": CRUMBS,
        "key": key,
        "lead": f"{names[0]} does what {names[1]} is expected to do." + (f" {exchanged}." if exchanged else ""),
        "rows": [crossing_row(row, at) for row in crossings],
        "talks": [talk_row(talk, viewer.zone, at) for talk in talks[:20]],
        "can_decide": policies.boundaries.can_decide(viewer, team_ids, None, teams_led_by(viewer, at)).allowed,
        "form": TalkForm(initial={"note": _agenda([row.asset.name for row in crossings])}),
        "empty": Empty("Nothing crosses between them now", "What is settled leaves this list.", "shield-check"),
    }


def _agenda(names: list[str]) -> str:
    return "\n".join(f"- {name}" for name in names[:20])


def talk_row(talk: Talk, zone: Any, at: datetime) -> Row:
    """A talk of the pair: when, and what came of it."""
    told = talk.get_outcome_words() if talk.outcome else "on the agenda"
    moment = when(talk.at, zone, at)
    return Row(moment.text, reverse("talks_detail", args=[talk.pk]), icon="calendar", facts=[told])


class BoundaryPairView(PageView):
    """`/boundaries/pairs/<doing>~<expected>`: the agenda of two teams."""

    template_name = "ownership/boundaries/pair.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return pair_context(self.request, str(self.kwargs["key"]), at)


class TalkStartView(DomainFormMixin):
    """Put a talk on the agenda of both."""

    template_name = "ownership/boundaries/pair.html"
    http_method_names = ("post",)
    form_class = TalkForm

    def perform(self, form: Any, at: datetime) -> str:
        doing, expected = find_pair(str(self.kwargs["key"]))
        actor: Any = self.request.user
        if doing is None:
            raise DomainError("ownership.no_team", "People without a team have no lead to speak with.")
        moment = in_zone(form.cleaned_data["at"].replace(tzinfo=None), Shell(self.request).zone) or at
        draft = TalkDraft(doing, expected, moment, form.cleaned_data["note"])
        talk = start_talk(actor=actor, draft=draft, at=at)
        messages.success(self.request, "It is on the agenda of both leads.")
        return reverse("talks_detail", args=[talk.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return pair_context(self.request, str(self.kwargs["key"]), clock.now(), kwargs["form"])


def find_crossing(request: HttpRequest, pk: int) -> Crossing:
    """The crossing, open or past; raises `NotVisible`."""
    rows = Crossing.objects.select_related("asset__domain", "rule__pattern", "person", "team", "handoff")
    row = rows.filter(pk=pk).exclude(state="void").first() if request.user.is_authenticated else None
    if row is None:
        raise NotVisible
    return row


def crossing_context(viewer: Any, row: Crossing, at: datetime, **forms: Any) -> dict[str, Any]:
    """Why it is one, since when, what was said; the party by name for members of the two teams alone."""
    sides = sides_of([row], at)[row.pk]
    domain_lead = row.asset.domain.lead_team_id if row.asset.domain else None
    decides = policies.boundaries.can_decide(viewer, sides.team_ids, domain_lead, teams_led_by(viewer, at)).allowed
    names = policies.boundaries.can_see_names(viewer, sides.team_ids, teams_of_person(viewer, at))
    steps = list(row.steps.select_related("by").order_by("at", "pk")[:50])
    return {
        "page_title": row.asset.name,
        "nav_key": "boundaries",
        "crumbs": CRUMBS,
        "crossing": row,
        "badges": [Badge(row.level, LEVEL_CSS[row.level]), Badge(state_words(row, at), "line")],
        "lead": f"{row.rule.label.capitalize()}. {row.rule.remedy}",
        "facts": _crossing_facts(row, sides, at, names=names),
        "steps": [_step_row(step, viewer.zone, at, names=names) for step in steps],
        "marks": mark_steps(marks_behind(row, steps, at), viewer.zone, at),
        "acts": act_rows(acts_behind(row), viewer.zone, at, names=names),
        "can_decide": decides and row.valid.upper is None and row.state != DISMISSED,
        "handoff_url": f"{reverse('handoffs_new')}?crossing={row.pk}",
        "accept_form": forms.get("accept") or AcceptanceForm(prefix=None),
        "dismiss_form": forms.get("dismiss") or ReasonForm(),
    }


def _crossing_facts(row: Crossing, sides: Any, at: datetime, *, names: bool) -> list[Fact]:
    party = row.person or row.team
    wanted = (
        ("Asset", row.asset.name, asset_url(row.asset.slug)),
        ("Does the work", sides.doing.name if sides.doing else "People without a team", ""),
        ("Expected", sides.expected.name if sides.expected else NOBODY, ""),
        ("In person", party.name if names and party and row.person_id else "", ""),
        ("Open for", age_words(row.opened_at, at), ""),
        ("Why", _why(row), ""),
        ("Weight", f"{row.score} = {row.weight}", ""),
        ("Pattern", row.rule.pattern.name, ""),
        ("Accepted because", row.accepted_reason, ""),
    )
    return [Fact(label, value, url=url) for label, value, url in wanted if value]


def _why(row: Crossing) -> str:
    words = ["accountable for it"] if row.is_owned else []
    if row.is_done:
        words.append("at least three acts of two kinds within 30 days")
    return " and ".join(words)


def _step_row(step: Any, zone: Any, at: datetime, *, names: bool) -> Row:
    by = f"by {step.by.name}" if step.by and names else ""
    facts = [fact for fact in (step.note, by) if fact]
    return Row(f"{step.state}, {step.level}", "", icon="history", facts=facts, side=when(step.at, zone, at).text)


class CrossingView(PageView):
    """`/boundaries/crossings/<n>`."""

    template_name = "ownership/boundaries/crossing.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return crossing_context(self.request.user, find_crossing(self.request, self.kwargs["pk"]), at)


class _CrossingAct(DomainFormMixin):
    """A form of the crossing page."""

    template_name = "ownership/boundaries/crossing.html"
    http_method_names = ("post",)
    name = ""
    said = ""

    def perform(self, form: Any, at: datetime) -> str:
        row = find_crossing(self.request, self.kwargs["pk"])
        self.act(row, form.cleaned_data, at)
        messages.success(self.request, self.said)
        return reverse("boundaries_crossing", args=[row.pk])

    def act(self, row: Crossing, data: dict[str, Any], at: datetime) -> None:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = find_crossing(self.request, self.kwargs["pk"])
        return crossing_context(self.request.user, row, clock.now(), **{self.name: kwargs["form"]})


class AcceptCrossingView(_CrossingAct):
    form_class = AcceptanceForm
    name = "accept"
    said = "Noted. It counts when the leads of both teams agree."

    def act(self, row: Crossing, data: dict[str, Any], at: datetime) -> None:
        actor: Any = self.request.user
        accept_crossing(actor=actor, crossing=row, until=data["until"], reason=data["reason"], at=at)


class DismissCrossingView(_CrossingAct):
    form_class = ReasonForm
    name = "dismiss"
    said = "Noted: the rule does not fit here."

    def act(self, row: Crossing, data: dict[str, Any], at: datetime) -> None:
        actor: Any = self.request.user
        dismiss_crossing(actor=actor, crossing=row, reason=data["reason"], at=at)
