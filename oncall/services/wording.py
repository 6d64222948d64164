"""What a page, a warning and an update say, in words that wake nobody for nothing (spec oncall 8)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oncall.domain.agreements import CLASS_WORDS, NightClass
from oncall.domain.failure_kinds import KIND_WORDS, FailureKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncall.domain.decision import Decision, Verdict
    from oncall.models import Incident

LONGEST_LINE = 400


def stored_decision(decision: Decision, zone: str) -> dict[str, Any]:
    """The decision with its reasons, as the incident keeps it."""
    return {
        "at": decision.at.isoformat(), "zone": zone, "act_at": decision.act_at.isoformat(),
        "fix_by": _iso(decision.fix_by), "page_at": _iso(decision.page_at), "pages": decision.pages,
        "class": decision.by.night_class.value, "by": _stored(decision.by),
        "verdicts": [_stored(each) for each in decision.verdicts], "not_agreed": list(decision.not_agreed),
    }  # fmt: skip


def why(decision: Mapping[str, Any]) -> str:
    """One sentence: by whose word it acts now or waits."""
    by = decision["by"]
    local = datetime.fromisoformat(decision["act_at"]).astimezone(ZoneInfo(decision["zone"]))
    waits = decision["act_at"] > decision["at"]
    what = f"waits until {local:%a %H:%M}" if waits else "acts now"
    if not by["team"]:
        return f"It {what} by the team's default: nobody downstream has registered."
    if not by["is_agreed"]:
        return f"It {what} by the team's default: not agreed with {by['team']}."
    if not waits and by["class"] == NightClass.WAIT_UNTIL:
        return f"It acts now: {by['team']} agreed that it waits only outside the hours for pages."
    return f"It {what}: {by['team']} agreed to “{CLASS_WORDS[NightClass(by['class'])]}”."


def page_context(incident: Incident) -> dict[str, Any]:
    """What a page may hold; a private one its number alone."""
    if incident.is_private:
        return {"number": incident.number, "url": incident.get_absolute_url()}
    asset = incident.root_asset.name if incident.root_asset is not None else incident.team.name
    line = f"{KIND_WORDS[FailureKind(incident.failure_kind)].capitalize()}. {why(incident.decision)}"
    meanwhile = incident.decision["by"].get("shown_meanwhile", "")
    line += f" Shown meanwhile: {meanwhile}." if meanwhile else ""
    return {
        "number": incident.number, "url": incident.get_absolute_url(), "title": incident.title[:200],
        "asset": asset[:200], "line": line[:LONGEST_LINE],
    }  # fmt: skip


def update_text(incident: Incident, verdict: Mapping[str, Any]) -> str:
    """The draft that a downstream team gets: the cause, what is shown meanwhile, and when it will be mended."""
    asset = incident.root_asset.name if incident.root_asset is not None else incident.title
    parts = [f"{asset}: {KIND_WORDS[FailureKind(incident.failure_kind)]} since {_utc(incident.opened_at)}."]
    if verdict.get("shown_meanwhile"):
        parts.append(f"Meanwhile you see: {verdict['shown_meanwhile']}.")
    if incident.fix_by is not None:
        parts.append(f"To be fixed by {_utc(incident.fix_by)}.")
    return " ".join(parts)


def _stored(verdict: Verdict) -> dict[str, Any]:
    return {
        "agreement": verdict.id, "asset": verdict.asset, "team": verdict.team, "distance": verdict.distance,
        "class": verdict.night_class.value, "act_at": verdict.act_at.isoformat(), "fix_by": _iso(verdict.fix_by),
        "pages": verdict.pages, "is_agreed": verdict.is_agreed, "shown_meanwhile": verdict.shown_meanwhile[:500],
        "consequence": verdict.consequence[:500], "tell": [list(each) for each in verdict.tell],
    }  # fmt: skip


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant is not None else None


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%a %d %b %H:%M} UTC"
