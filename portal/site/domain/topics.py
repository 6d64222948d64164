"""What leaves the house as events: each topic is some acts of the audit, told by ids and never by texts (spec site 8).

An act has its audit entry in its own transaction, so an event can be neither lost nor told twice by us.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

VERSION = 1
CURSOR = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")


@dataclass(frozen=True)
class Topic:
    """A topic, the acts that make it, the type of its subject, and whether it names who did it."""

    name: str
    about: str
    subject_type: str
    verbs: tuple[str, ...]
    has_actor: bool = True


def _topic(name: str, about: str, subject_type: str, *verbs: str, has_actor: bool = True) -> Topic:
    room = name.split(".", 1)[0]
    return Topic(name, about, subject_type, tuple(f"{room}.{verb}" if "." not in verb else verb for verb in verbs),
                 has_actor)  # fmt: skip


ASSET, HANDOFF, INCIDENT, TICKET = "ownership.asset", "ownership.handoff", "oncall.incident", "oncall.upstreamticket"
REQUEST, PLAN, ENTRY = "requests_queue.datarequest", "requests_queue.quarterplan", "requests_queue.faqentry"
PERSON, TEAM = "accounts.person", "accounts.team"
TOPICS = (
    _topic("ownership.asset_created", "An asset is new in the register.", ASSET, "asset_created"),
    _topic("ownership.asset_changed", "Facts of an asset changed.", ASSET, "asset_changed"),
    _topic("ownership.asset_ended", "An asset is no longer there.", ASSET, "asset_ended", "asset_retired"),
    _topic("ownership.assets_merged", "Two assets were one.", ASSET, "assets_merged"),
    _topic("ownership.duty_accepted", "Somebody took an asset on.", ASSET, "accepted", "confirmed", "claimed"),
    _topic("ownership.duty_ended", "Somebody no longer owns an asset.", ASSET, "ended", "owner_left"),
    _topic("ownership.handoff_offered", "Assets are offered to another team.", HANDOFF, "handoff_offered"),
    _topic("ownership.handed_over", "Assets have a new owner.", HANDOFF, "handed_over"),
    _topic("oncall.incident_opened", "An incident began.", INCIDENT, "incident_opened"),
    _topic("oncall.incident_acknowledged", "Somebody has the incident.", INCIDENT, "incident_acknowledged"),
    _topic("oncall.incident_updated", "Downstream was told.", INCIDENT, "downstream_told", "incident_worse"),
    _topic("oncall.incident_resolved", "An incident ended.", INCIDENT, "incident_resolved"),
    _topic("oncall.shift_changed", "Somebody else serves a shift.", "oncall.shiftchange",
           "override_made", "take_made", "cover_made", "swap_made"),
    _topic("oncall.agreement_signed", "A 3 am agreement holds.", "oncall.agreementversion", "agreement_signed"),
    _topic("oncall.agreement_ended", "A 3 am agreement ended.", "oncall.agreementversion", "agreement_ended"),
    _topic("oncall.upstream_asked", "A ticket went to the owner upstream.", TICKET, "ticket_opened"),
    _topic("oncall.upstream_moved", "A ticket upstream moved.", TICKET, "ticket_moved", "ticket_answered"),
    _topic("requests.request_filed", "Somebody asked for something.", REQUEST, "filed"),
    _topic("requests.request_decided", "A request was taken in, deferred or declined.", REQUEST,
           "accepted", "deferred", "declined", "queued", "approved"),
    _topic("requests.request_answered", "A request has its answer.", REQUEST, "answered"),
    _topic("requests.request_resolved", "The work is done.", REQUEST, "resolved", "solved"),
    _topic("requests.request_closed", "A request is closed.", REQUEST, "closed", "withdrawn"),
    _topic("requests.plan_opened", "Wishes for a quarter are collected.", PLAN, "plan_opened"),
    _topic("requests.plan_locked", "The plan of a quarter stands.", PLAN, "plan_locked"),
    _topic("requests.item_shipped", "A line of a plan was delivered.", "requests_queue.planitem", "line_shipped"),
    _topic("answers.answer_published", "An answer can be found.", ENTRY, "faq.published"),
    _topic("answers.answer_stale", "An answer may no longer hold.", ENTRY, "faq.stale"),
    _topic("answers.answer_verified", "An owner said that an answer holds.", ENTRY, "faq.verified"),
    _topic("accounts.person_left", "Somebody's account ended.", PERSON, "person_left"),
    _topic("accounts.membership_changed", "Somebody's place in a team changed.", "accounts.membership",
           "member_added", "membership_changed", "membership_ended"),
    _topic("accounts.team_changed", "A team is new, changed or archived.", TEAM,
           "team_created", "team_changed", "team_archived"),
    _topic("accounts.absence_changed", "Somebody will be away, or not.", "accounts.absence",
           "absence_entered", "absence_cancelled", has_actor=False),
    _topic("accounts.deputy_changed", "Somebody has a deputy.", "accounts.deputy", "deputy_named", "deputy_ended"),
)  # fmt: skip
BY_VERB = {verb: topic for topic in TOPICS for verb in topic.verbs}


@dataclass(frozen=True)
class Act:
    """What the audit says of one act."""

    id: int
    verb: str
    at: datetime
    object_type: str
    object_id: str
    actor: str | None
    fields: Collection[str]


def matching(patterns: Sequence[str]) -> list[Topic]:
    """The topics that any of the names or globs (`oncall.*`) means, in the order of the catalogue."""
    return [topic for topic in TOPICS if any(fnmatchcase(topic.name, pattern) for pattern in patterns)]


def envelope(act: Act) -> dict[str, Any]:
    """The event of an act; the same act gives the same event, whoever asks and when."""
    topic = BY_VERB[act.verb]
    return {
        "id": f"evt_{act.id}",
        "topic": topic.name,
        "version": VERSION,
        "at": act.at.isoformat(),
        "subject": {"type": act.object_type, "id": act.object_id},
        "actor": act.actor if topic.has_actor else None,
        "data": {"act": act.verb.rpartition(".")[2], "fields": sorted(act.fields)},
    }


def schema(topic: Topic) -> dict[str, Any]:
    """The JSON schema of a topic's events; a version only gains fields."""
    text: dict[str, Any] = {"type": "string"}
    subject = {"type": "object", "required": ["type", "id"], "properties": {
        "type": text, "id": text}}  # fmt: skip
    data = {"type": "object", "required": ["act", "fields"], "properties": {
        "act": {"enum": [verb.rpartition(".")[2] for verb in topic.verbs]},
        "fields": {"type": "array", "items": text}}}  # fmt: skip
    actor = {"type": ["string", "null"]} if topic.has_actor else {"type": "null"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": topic.name, "type": "object",
        "required": ["id", "topic", "version", "at", "subject", "actor", "data"],
        "properties": {
            "id": text, "topic": {"const": topic.name}, "version": {"const": VERSION},
            "at": {"type": "string", "format": "date-time"}, "subject": subject, "actor": actor, "data": data,
        },
    }  # fmt: skip


def read_cursor(text: str) -> tuple[int, int]:
    """(transaction number, id) of `<transaction>.<id>`; raises ValueError for anything else."""
    if not text:
        return 0, 0
    found = CURSOR.fullmatch(text)
    if found is None:
        message = "a cursor is two numbers and a dot, as the feed gave it"
        raise ValueError(message)
    return int(found[1]), int(found[2])
