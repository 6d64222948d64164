"""What boundaries, gaps and handovers register with the kernel and the engine; called once by the room's `wiring`."""

from __future__ import annotations

from ownership.handlers.boundaries import (
    AcceptanceEnds,
    CrossingSteps,
    HandoffEffects,
    HandoffWaits,
    RegisterSubject,
    TalkReminders,
)
from ownership.models import Asset, Crossing, Handoff, Talk
from ownership.panels.boundaries import crossings_of_my_teams, handoffs_to_answer, team_ownership
from ownership.queries.handoffs import WAIT
from ownership.services import (
    cover_telling,
    covering,
    crossing_steps,
    crossing_telling,
    handoff_telling,
    handoffs,
    talks,
)
from ownership.services.refreshing import run_all, run_touched
from ownership.services.seeding import seed_patterns
from portal.core.registries import (
    contribute,
    register_append_only,
    register_command,
    register_list,
    register_nav,
    register_need,
    register_panel,
    register_seed,
    register_topic,
    register_verb,
)
from portal.engine.registries import (
    register_deadline_kind,
    register_job_kind,
    register_notice_kind,
    register_periodic,
    register_subject,
)

EVERY_MINUTE = 60
TOUCHED, ALL = "ownership.boundaries", "ownership.boundaries_all"
_VERBS = {
    "gap_raised": "noted that something is missing for {subject}",
    "crossing_accepted": "agreed to live with {subject} for now",
    "crossing_dismissed": "said that a rule does not fit: {subject}",
    "crossing_reopened": "opened {subject} again: the accepted time is over",
    "handoff_drafted": "wrote down {subject}",
    "handoff_offered": "offered {subject}",
    "handoff_decided": "answered {subject}",
    "handoff_checked": "ticked a line of {subject}",
    "handoff_withdrawn": "took back {subject}",
    "handed_over": "took {subject} over",
    "pattern_assigned": "gave {subject} another pattern",
    "pattern_copied": "copied a pattern as {subject}",
    "rule_edited": "changed a rule: {subject}",
    "talk_arranged": "arranged a {subject}",
    "talk_held": "wrote down what came of a {subject}",
}
_HANDOFF = {"giver", "taker", "count", "waiting", "accepted"}
_NOTICES = (
    (
        crossing_telling.STEP, {"asset", "label", "days", "remedy", "doing", "expected"},
        "{asset}: {label}, for {days} days",
        "{doing} does what {expected} is expected to do, for {days} days now. {remedy} Talk, hand over or accept it.",
    ),
    (
        crossing_telling.ACCEPTANCE, {"asset", "by", "until"}, "{by} asks you to accept {asset} until {until}",
        "{by} proposes to live with the boundary at {asset} until {until}. It counts when you agree.",
    ),
    (
        crossing_telling.TALK, {"doing", "expected", "when"}, "A talk of {doing} and {expected}",
        "The agenda of the talk of {doing} and {expected} is ready: {when}.",
    ),
    (
        cover_telling.UNCOVERED, {"name", "count", "assets"}, "{count} without cover while {name} is away",
        "Nobody could act on {assets} while {name} is away. Name a backup who has worked on them, or start a handover.",
    ),
    (
        handoff_telling.OFFERED, _HANDOFF, "{giver} offers you {count}",
        "{giver} asks {taker} to take over {count}. Accept all, some or none; until then nothing changes.",
    ),
    (
        handoff_telling.WAITS, _HANDOFF, "{number} waits for an answer: {waiting}",
        "{giver} offered {count} to {taker}; no answer yet for {waiting}. The old owner answers until then.",
    ),
    (
        handoff_telling.MOVED, {*_HANDOFF, "open", "begins"}, "{number} begins a day later: {open}",
        "{taker} takes over {count} of {giver} on {begins} if this is done: {open}. A lead of {taker} can waive it.",
    ),
    (
        handoff_telling.STUCK, {*_HANDOFF, "open"}, "{number} waits for a lead: {open}",
        "Not done for ten days: {open}. A lead of {taker} waives it, or {giver} takes {count} back.",
    ),
    (
        handoff_telling.CLOSED, _HANDOFF, "{number}: {accepted} of {count} accepted",
        "{taker} accepted {accepted} of {count}.",
    ),
    (
        handoff_telling.EXPIRED, _HANDOFF, "{number} ran out",
        "Nobody answered for {taker} in 10 working days. {giver} stays accountable; offer it again or to another.",
    ),
)  # fmt: skip


def register_boundaries() -> None:
    """Everything, in small tables."""
    register_seed("ownership.patterns", 30, seed_patterns)
    register_append_only("ownership_crossingstep")
    for verb, words in _VERBS.items():
        register_verb(f"ownership.{verb}", words if words.startswith("{") else f"{{actor}} {words}")
    for kind, keys, title, text in _NOTICES:
        register_notice_kind(kind, "info", keys, acknowledgeable=False, title=title, text=text)
    register_topic("ownership.crossing_step", "ownership.crossing", {"crossing": 1, "asset": 1, "days": 30})
    register_deadline_kind(crossing_steps.STEP, CrossingSteps(), "highest")
    register_deadline_kind(crossing_steps.ACCEPTANCE, AcceptanceEnds(), "collapse")
    register_deadline_kind(talks.REMINDER, TalkReminders(), "expire")
    register_deadline_kind(WAIT, HandoffWaits(), "highest")
    register_deadline_kind(handoffs.EFFECT, HandoffEffects(), "collapse")
    for model in (Asset, Crossing, Talk, Handoff):
        register_subject(model._meta.label_lower, RegisterSubject(model))  # noqa: SLF001 (Django's public name)
    register_job_kind(TOUCHED, run_touched)
    register_job_kind(ALL, run_all)
    register_periodic(TOUCHED, job_kind=TOUCHED, every_seconds=EVERY_MINUTE)
    register_periodic(ALL, job_kind=ALL, cron="30 2 * * *")
    register_panel("team.detail", "ownership", 20, team_ownership, "ownership/boundaries/team.html")
    register_panel("person.day", "boundaries", 60, crossings_of_my_teams, "ownership/boundaries/my_day.html")
    contribute("person.absence", covering.absence_step)
    register_need("ownership.handoffs", handoffs_to_answer)
    for key, label, url, icon, order, shortcut in (
        ("boundaries", "Boundaries", "boundaries_list", "shield-alert", 33, "g b"),
        ("gaps", "Gaps", "gaps_list", "shield", 34, ""),
        ("proposals", "Proposed owners", "proposals_list", "user-round-check", 35, ""),
        ("handoffs", "Handovers", "handoffs_list", "hand-helping", 35, ""),
        ("patterns", "Patterns", "patterns_list", "split", 36, ""),
    ):
        register_nav(key, label, url, icon, order, group="Ownership", shortcut=shortcut, is_minor=key != "boundaries")
        register_command(key, label, url, icon)
    register_list("gaps", "Gaps", "/gaps/")
