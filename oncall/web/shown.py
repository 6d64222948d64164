"""View models of incidents: ready strings, made once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall.domain.agreements import CLASS_WORDS, NightClass
from oncall.domain.failure_kinds import KIND_WORDS, FailureKind
from oncall.domain.incident_states import CALM, OPEN, STATE_WORDS, State
from oncall.domain.sleeping import sleep_until
from oncall.services.wording import why
from portal.core.web.presentation import Badge, Link, Row, When, duration_words, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oncall.domain.decision import Hours
    from oncall.models import Incident, IncidentEvent

COLOURS = {"held": "gray", "triggered": "bad", "acknowledged": "warn", "asleep": "info", "waiting_upstream": "info"}
EVENT_WORDS = {
    "opened": "opened it", "joined": "another signal joined", "rerouted": "the root moved", "paged": "paged",
    "acknowledged": "is on it", "asleep": "let it sleep", "waiting_upstream": "waits for upstream",
    "hold_ended": "its agreed hour came", "worse": "it got worse", "overdue": "its ticket is overdue",
    "woke": "the sleep ended",
    "unacknowledged": "no sign of life: it pages again", "resolved": "resolved", "reopened": "it broke again",
    "merged": "merged", "took_over": "took over another incident", "split": "one signal was split off",
    "noted": "noted", "told": "downstream was told", "escalated": "woke the next one", "quiet": "all signals are quiet",
    "fires_again": "it fires again", "ticketed": "asked upstream", "step": "tried a step", "kind_corrected":
    "corrected the kind", "asked_if_on_it": "was asked for a sign of life", "alive": "is still on it",
    "backfill": "started a backfill", "backfill_done": "a backfill is done",
    "asked_help": "asked for help", "help_accepted": "helps", "help_declined": "cannot help", "impact": "it mattered",
    "brought_forward": "its hour was brought forward", "changed_upstream": "found what changed upstream in 48 hours",
    "noted_elsewhere": "acknowledged in the other system", "reported": "stands behind it with a request",
}  # fmt: skip


@dataclass(frozen=True)
class Night:
    """The card that is read at 3 am: is it mine, must I get up, what happens next."""

    number: str
    title: str
    summary: str
    lead: str
    since: When
    headline: str
    line: str
    red: str
    sleep_label: str
    sleep_line: str
    next_name: str
    next_line: str
    can_sleep: bool
    can_take: bool
    can_ticket: bool
    can_wake: bool
    is_calm: bool

    @property
    def has_acts(self) -> bool:
        return self.can_sleep or self.can_take or self.can_ticket or self.can_wake


@dataclass(frozen=True)
class Line:
    """A line of the timeline."""

    who: str
    what: str
    text: str
    at: When


def state_badge(incident: Incident) -> Badge:
    """The state in words and colour."""
    words = STATE_WORDS[State(incident.state)]
    return Badge(words.capitalize(), COLOURS.get(incident.state, "ok" if incident.state == "resolved" else "gray"))


def incident_rows(incidents: Iterable[Incident], zone: str, at: datetime) -> list[Row]:
    """Incidents as lines of a list."""
    return [_row(incident, zone, at) for incident in incidents]


def night_card(
    incident: Incident, steps: list[tuple[datetime, list[str]]], hours: Hours, zone: str, at: datetime
) -> Night:
    """The card for a viewer in this zone; `steps` are the names and instants of the ladder's next steps."""
    until = sleep_until(incident.decision, hours, at)
    told = sorted({team for verdict in incident.decision.get("verdicts", []) for team, _ in verdict.get("tell", [])})
    is_open = incident.state in OPEN
    started = incident.triggered_at or incident.opened_at
    headline, line, red = _verdict(incident, at)
    named = [name for _, people in steps for name in people]
    return Night(
        incident.number, incident.title, incident.summary, _lead(incident), when(started, zone, at),
        headline, line, red, f"Back to sleep until {_clock(until, zone)}", _sleep_line(incident, told),
        named[0].split(" ", 1)[0] if named else "the next one", _next_line(steps, zone),
        can_sleep=incident.state in (State.TRIGGERED, State.ACKNOWLEDGED),
        can_take=is_open and incident.state != State.ACKNOWLEDGED, is_calm=incident.state in CALM or not is_open,
        can_ticket=is_open and incident.state != State.WAITING_UPSTREAM,
        can_wake=incident.state in (State.TRIGGERED, State.ACKNOWLEDGED),
    )  # fmt: skip


def affected_rows(incident: Incident, zone: str, at: datetime) -> list[Row]:
    """Who reads it, by what was agreed with them."""
    rows = []
    for verdict in incident.decision.get("verdicts", []):
        if not verdict["team"]:
            continue
        needed = when(datetime.fromisoformat(verdict["act_at"]), zone, at).text
        words = CLASS_WORDS[NightClass(verdict["class"])]
        agreed = [verdict["asset"], words] if verdict["is_agreed"] else [verdict["asset"], "no 3 am agreement yet"]
        if verdict["shown_meanwhile"]:
            agreed.append(f"sees meanwhile: {verdict['shown_meanwhile']}")
        ask = None if verdict["is_agreed"] else Link("Ask to sign", f"/agreements/{verdict['agreement']}")
        rows.append(
            Row(verdict["team"], f"/agreements/{verdict['agreement']}", "ok" if verdict["is_agreed"] else "bad",
                facts=agreed, side=needed, action=ask)
        )  # fmt: skip
    return rows


def timeline(events: Sequence[IncidentEvent], zone: str, at: datetime) -> list[Line]:
    """What happened, the newest first."""
    return [_line(event, zone, at) for event in reversed(events)]


def _row(incident: Incident, zone: str, at: datetime) -> Row:
    asset = incident.root_asset.name if incident.root_asset is not None else "no asset"
    facts: list[str | When] = [asset, KIND_WORDS[FailureKind(incident.failure_kind)], incident.team.name]
    if incident.acknowledged_by is not None:
        facts.append(f"{incident.acknowledged_by.name} has it")
    side = ""
    if incident.state == State.HELD:
        side = f"acts {when(incident.act_at, zone, at).text}"
    elif incident.state == State.ASLEEP and incident.wake_at is not None:
        side = f"wakes {when(incident.wake_at, zone, at).text}"
    elif incident.is_open:
        side = f"for {duration_words((at - incident.opened_at).total_seconds())}"
    elif incident.resolved_at is not None:
        side = when(incident.resolved_at, zone, at).text
    dot = {"triggered": "bad", "acknowledged": "warn", "asleep": "warn", "waiting_upstream": "warn"}
    return Row(
        incident.title, incident.get_absolute_url(), dot.get(incident.state, "gray"), number=incident.number,
        badges=[state_badge(incident)], facts=facts, side=side,
    )  # fmt: skip


def _verdict(incident: Incident, at: datetime) -> tuple[str, str, str]:
    """What was agreed, in one bold sentence and one plain one, and a red one while somebody has not agreed."""
    decision = incident.decision
    verdicts = [each for each in decision.get("verdicts", []) if each["team"]]
    waiting = [each for each in verdicts if each["is_agreed"] and datetime.fromisoformat(each["act_at"]) > at]
    red = decision.get("not_agreed", [])
    zone = ZoneInfo(decision["zone"])
    if waiting and len(verdicts) > 1:
        until = min(datetime.fromisoformat(each["act_at"]) for each in waiting).astimezone(zone)
        headline = f"{len(waiting)} of {len(verdicts)} downstream teams agreed: this can wait until {until:%H:%M}."
    else:
        headline = why(decision)
    if red:  # who has not agreed stands in red below, once
        headline = headline.removesuffix(f": not agreed with {red[0]}.").removesuffix(".") + "."
    shown = {each["shown_meanwhile"] for each in verdicts if each["shown_meanwhile"]}
    parts = [f"Shown meanwhile: {', '.join(sorted(shown))}."] if shown else []
    if incident.fix_by is not None:
        parts.append(f"To be fixed by {incident.fix_by.astimezone(zone):%a %d %b %H:%M}.")
    return headline, " ".join(parts), f"Not agreed with {', '.join(red)}." if red else ""


def _lead(incident: Incident) -> str:
    if incident.state == State.TRIGGERED:
        return "Paging since"
    if incident.state == State.HELD:
        return "Held since"
    if incident.state == State.RESOLVED:
        return "Resolved; it began"
    who = f"{incident.acknowledged_by.name} has it" if incident.acknowledged_by is not None else "In hand"
    if incident.state == State.WAITING_UPSTREAM:
        return f"{who} and waits for upstream; it began"
    return f"{who}; it began"


def _sleep_line(incident: Incident, told: list[str]) -> str:
    parts = ["acknowledges"]
    if incident.failure_kind in ("missing_data", "schema_change"):
        parts.append("asks the owner upstream")
    if told:
        parts.append(f"tells {len(told)} team{'s' if len(told) != 1 else ''}")
    return ", ".join(parts)


def _next_line(steps: list[tuple[datetime, list[str]]], zone: str) -> str:
    parts = [f"{' and '.join(people)} at {_clock(due, zone)}" for due, people in steps if people]
    return f"If nobody acknowledges, next is {', then '.join(parts)}." if parts else ""


def _clock(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%H:%M}"


def _line(event: IncidentEvent, zone: str, at: datetime) -> Line:
    data = event.data
    text = str(data.get("text", ""))
    if event.kind == "paged":
        text = ", ".join(data.get("to", []))
    elif event.kind == "told":
        text = ", ".join(data.get("teams", []))
    elif event.kind == "step":
        outcome = {"worked": "worked", "did_not": "did not help", "skipped": "skipped"}.get(data.get("outcome", ""), "")
        text = f"{data.get('step', '')}: {outcome}"
    elif event.kind in ("ticketed", "overdue", "merged", "split", "took_over", "rerouted", "asked_help", "impact"):
        keys = ("ticket", "into", "to", "from", "person", "team")
        text = str(next((data[key] for key in keys if data.get(key)), ""))
    elif event.kind.startswith("backfill"):
        text = str(data.get("code", ""))
    elif event.kind == "kind_corrected":
        text = KIND_WORDS[FailureKind(data["to"])]
    who = event.actor.name if event.actor is not None else "Headwater"
    return Line(who, EVENT_WORDS.get(event.kind, event.kind.replace("_", " ")), text, when(event.at, zone, at))
