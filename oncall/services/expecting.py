"""What data is owed and by when; missing it is an alert even if it never came once (spec oncall 7)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from oncall.domain.expectations import next_due, parse_rule, to_json, words
from oncall.domain.signals import FIRING, RESOLVED, Signal
from oncall.models import Alert, Expectation
from oncall.policies import can_work_in
from oncall.queries.night import team_hours
from oncall.services.alerts import Arrival, receive_alert
from ownership.models import AssetStatus
from ownership.queries.parties import owning_team
from portal.core.domain.zones import zone_names
from portal.core.errors import Conflict, DomainError, NotVisible
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline, cancel_deadlines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncall.domain.expectations import Rule
    from ownership.models import Asset
    from portal.accounts.models import Team

DUE_KIND = "oncall.expectation_due"
SOURCE = "expectation"
LONGEST_GRACE = 7 * 86_400
LANDED = ("last_landed_at", "freshness", "last_run_at")


@transaction.atomic
def create_expectation(
    *, actor: Any, asset: Asset, rule: Mapping[str, Any], zone: str = "UTC", grace_seconds: int = 0, at: datetime
) -> tuple[Expectation, str]:
    """Write it down and arm its first due instant at once; returns it with its beat token, shown once.

    Raises `NotAllowed`, `DomainError` with the field, `Conflict` `oncall.expectation_exists`.
    """
    team = team_of(asset, at)
    require(can_work_in(actor, team, at))
    parsed = parse_rule(rule)
    if zone not in zone_names():
        raise DomainError("oncall.unknown_zone", f"{zone[:40]!r} is no zone. Write one such as Europe/Madrid.", "zone")
    if not 0 <= grace_seconds <= LONGEST_GRACE:
        raise DomainError("oncall.bad_grace", "A grace is 0 seconds to 7 days.", "grace_seconds")
    if Expectation.objects.filter(asset=asset, rule_kind=parsed.kind, is_paused=False).exists():
        raise Conflict("oncall.expectation_exists", f"{asset.name} has such an expectation. Change or pause that one.")
    due = next_due(parsed, zone, team_hours(team).calendar, at)
    token = secrets.token_urlsafe(24)
    try:
        made = Expectation.objects.create(
            asset=asset, rule_kind=parsed.kind, rule=to_json(parsed), zone=zone, grace_seconds=grace_seconds,
            token_hash=hash_token(token), first_due_at=due, next_due_at=due, made_by=actor, made_at=at,
        )  # fmt: skip
    except IntegrityError:
        raise Conflict("oncall.expectation_exists", f"{asset.name} has such an expectation.") from None
    _arm(made, at)
    record_audit(actor=actor, verb="oncall.expectation_made", subject=made, after={"rule": words(parsed)}, at=at)
    return made, token


@transaction.atomic
def record_beat(*, token: str, partition: str = "", at: datetime) -> Expectation:
    """The data came. One for an older partition than the newest known satisfies nothing newer. Idempotent.

    Raises `NotVisible` for a token nobody made.
    """
    rows = Expectation.objects.select_for_update(of=("self",)).select_related("asset")
    found = rows.filter(token_hash=hash_token(token)).first()
    if found is None:
        raise NotVisible
    if partition and found.last_partition and partition < found.last_partition:
        return found
    found.last_beat_at, found.last_partition = at, partition[:100] or found.last_partition
    found.save(update_fields=["last_beat_at", "last_partition"])
    _signal(found, RESOLVED, f"{found.asset.name} has arrived", at)
    return found


def fall_due(*, expectation: Expectation, at: datetime) -> tuple[bool, datetime]:
    """Its instant and grace have passed: alert unless it came since the last due one. Returns (missed, next instant).

    The expectation is locked by the caller, which arms the next instant.
    """
    rule = parse_rule(expectation.rule)
    team = team_of(expectation.asset, at)
    came = _came(expectation, rule, at)
    if came:
        _signal(expectation, RESOLVED, f"{expectation.asset.name} has arrived", at)
    else:
        _signal(expectation, FIRING, f"{expectation.asset.name} is late", at, words(rule))
    expectation.next_due_at = next_due(rule, expectation.zone, team_hours(team).calendar, expectation.next_due_at)
    while expectation.next_due_at <= at:  # instants passed while nobody ticked collapse into this one
        expectation.next_due_at = next_due(rule, expectation.zone, team_hours(team).calendar, at)
    expectation.save(update_fields=["next_due_at"])
    return not came, expectation.next_due_at + timedelta(seconds=expectation.grace_seconds)


@transaction.atomic
def pause_expectation(*, actor: Any, expectation: Expectation, is_paused: bool, at: datetime) -> Expectation:
    """Stop or go on expecting. Raises `NotAllowed`, `Conflict` if another one has taken its place."""
    standing = Expectation.objects.select_for_update(of=("self",)).select_related("asset").get(pk=expectation.pk)
    team = team_of(standing.asset, at)
    require(can_work_in(actor, team, at))
    if standing.is_paused == is_paused:
        return standing
    twin = Expectation.objects.filter(asset=standing.asset, rule_kind=standing.rule_kind, is_paused=False)
    if not is_paused and twin.exists():
        raise Conflict("oncall.expectation_exists", f"{standing.asset.name} has such an expectation.")
    standing.is_paused, standing.version = is_paused, standing.version + 1
    if is_paused:
        cancel_deadlines(actor=actor, subject=subject_of(standing), reason="paused", at=at)
    else:
        rule = parse_rule(standing.rule)
        standing.next_due_at = next_due(rule, standing.zone, team_hours(team).calendar, at)
    standing.save(update_fields=["is_paused", "version", "next_due_at"])
    if not is_paused:
        _arm(standing, at)
    record_audit(actor=actor, verb="oncall.expectation_paused", subject=standing, after={"is_paused": is_paused}, at=at)
    return standing


def team_of(asset: Asset, at: datetime) -> Team:
    """Who owes the asset; an unowned one is the first team's that stands above it, else nobody's."""
    team = owning_team([asset.pk], at)[asset.pk]
    if team is None:
        raise Conflict("oncall.no_owner", f"Nobody owns {asset.name} yet. Name an owner first.")
    return team


def hash_token(token: str) -> str:
    """How the right to mark one beat is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def _came(expectation: Expectation, rule: Rule, at: datetime) -> bool:
    """A beat since the former due instant, or what ownership last saw of the asset (spec resolutions 3.7)."""
    newest = max(filter(None, (expectation.last_beat_at, _landed(expectation.asset))), default=None)
    if newest is None:
        return False
    if rule.kind == "late_arrival":
        return at - newest <= timedelta(hours=rule.hours)
    return newest > _window_start(expectation, rule)


def _window_start(expectation: Expectation, rule: Rule) -> datetime:
    """From when on a beat counts for the instant that is due now."""
    spans = {"daily": timedelta(days=1), "weekly": timedelta(days=7), "every": timedelta(minutes=rule.minutes)}
    return expectation.next_due_at - spans.get(rule.kind, timedelta(days=20))


def _landed(asset: Asset) -> datetime | None:
    values = AssetStatus.objects.filter(asset=asset, what__in=LANDED).values_list("value", flat=True)
    found = []
    for value in values:
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            continue
        if instant.tzinfo is not None:
            found.append(instant)
    return max(found, default=None)


def _signal(expectation: Expectation, status: str, title: str, at: datetime, detail: str = "") -> None:
    key = f"expectation:{expectation.pk}"
    if status == RESOLVED and not Alert.objects.filter(source=SOURCE, dedup_key=key, status=FIRING).exists():
        return
    signal = Signal(key, status, title, f"Expected {detail}." if detail else "")
    arrival = Arrival(
        signal, SOURCE, team_of(expectation.asset, at), expectation.asset, kind_source="expectation"
    )  # fmt: skip
    receive_alert(arrival=arrival, at=at)


def _arm(expectation: Expectation, at: datetime) -> None:
    due_at = expectation.next_due_at + timedelta(seconds=expectation.grace_seconds)
    arm_deadline(actor=None, kind=DUE_KIND, subject=subject_of(expectation), due_at=due_at, at=at)
