"""Assigning a pattern to a domain from a day on, with the difference first; copying and editing (spec ownership 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from ownership import policies
from ownership.domain.crossings import find_crossings
from ownership.domain.naming import clean, slug_of
from ownership.domain.patterns import CROSSING, DIRECTIONS, HIGHEST_BASE, VERDICTS, Cell, edited, pattern_kinds
from ownership.domain.timelines import LATEST, Stretch, overlaid
from ownership.models import Asset, CrossingRule, Domain, DomainPattern, Pattern, PatternRow
from ownership.queries.boundary_facts import boundary_views
from ownership.queries.domains import ancestors_of
from ownership.queries.parties import teams_led_by
from ownership.services.refreshing import touch_domain
from portal.core.errors import Conflict, DomainError, Stale
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person

CHUNK = 1000
NAME_CHARACTERS = 80


@dataclass(frozen=True)
class Difference:
    """What a change of pattern would do on its day."""

    end: int
    begin: int


@dataclass(frozen=True)
class CellDraft:
    """A cell as a person wants it; only a crossing has a direction and a base."""

    verdict: str
    direction: str = "none"
    base: int = 0
    label: str = ""
    remedy: str = ""


def preview_pattern(*, domain: Domain, pattern: Pattern, since: datetime) -> Difference:
    """How many crossings would end and begin on that day; reads only. Domains below with their own pattern stay."""
    ids = list(Asset.objects.filter(domain_id__in=_reached(domain), retired_at=None).values_list("pk", flat=True))
    end = begin = 0
    for start in range(0, len(ids), CHUNK):
        for view in boundary_views(ids[start : start + CHUNK]).values():
            if view.facts is None:
                continue
            changed = overlaid(view.facts.patterns, [Stretch(since, LATEST, pattern.pk)])
            facts = view.facts.__class__(**(vars(view.facts) | {"patterns": changed}))
            before = {(each.party, each.rule) for each in find_crossings(view.facts, since) if each.end is None}
            after = {(each.party, each.rule) for each in find_crossings(facts, since) if each.end is None}
            end, begin = end + len(before - after), begin + len(after - before)
    return Difference(end, begin)


@transaction.atomic
def assign_pattern(*, actor: Person, domain: Domain, pattern: Pattern, since: datetime, at: datetime) -> DomainPattern:
    """The domain has this pattern from `since` on; what was before stays as it was. Locks the domain.

    Raises `DomainError` for a day that is past (today counts from now), `Conflict` where it has the pattern already or
    a later change is planned.
    """
    locked = Domain.objects.select_for_update().get(pk=domain.pk)
    require(policies.domains.can_change(actor, locked, teams_led_by(actor, at)))
    if since < at:
        raise DomainError("ownership.bad_pattern_day", "A pattern changes from now or a later day on.", "since")
    rows = DomainPattern.objects.select_for_update().filter(domain=locked)
    if rows.filter(valid__startswith__gte=since).exists():
        raise Conflict("ownership.pattern_planned", "A later change is planned already.", "since")
    standing = rows.filter(valid__contains=since).first()
    if standing is not None and standing.pattern_id == pattern.pk:
        raise Conflict("ownership.pattern_same", f"{locked.name} has this pattern already.", "pattern")
    if standing is not None:
        standing.valid = DateTimeTZRange(standing.valid.lower, since)
        standing.save(update_fields=["valid"])
    row = DomainPattern.objects.create(
        domain=locked, pattern=pattern, valid=(since, None), assigned_by=actor, recorded_at=at
    )
    touch_domain(domain_ids=_reached(locked), at=at)
    after: dict[str, Any] = {"pattern": pattern.slug, "since": since.isoformat()}
    before = {"pattern": standing.pattern.slug if standing else None}
    record_audit(actor=actor, verb="ownership.pattern_assigned", subject=locked, before=before, after=after, at=at)
    return row


@transaction.atomic
def copy_pattern(*, actor: Person, source: Pattern, name: str, at: datetime) -> Pattern:
    """A pattern of one's own with the rows and cells of another, ready to be edited. Raises `Conflict` for its name."""
    require(policies.domains.can_create(actor, teams_led_by(actor, at)))
    text = name.strip()
    if not text or text != clean(text) or len(text) > NAME_CHARACTERS:
        raise DomainError("ownership.bad_name", f"A name has 1 to {NAME_CHARACTERS} characters.", "name")
    slug = slug_of(text).replace(".", "-")[:60]
    if Pattern.objects.filter(slug=slug).exists():
        raise Conflict("ownership.pattern_taken", f"There is a pattern {text} already.", "name")
    made = Pattern.objects.create(slug=slug, name=text, copied_from=source, created_at=at)
    PatternRow.objects.bulk_create(
        [
            PatternRow(pattern=made, kind=row.kind, expected=row.expected, allowed=row.allowed)
            for row in source.rows.all()
        ]
    )
    columns = ("discipline", "kind", "verdict", "direction", "base", "label", "remedy", "is_edited")
    CrossingRule.objects.bulk_create(
        [CrossingRule(pattern=made, **{name: getattr(rule, name) for name in columns}) for rule in source.rules.all()]
    )
    record_audit(actor=actor, verb="ownership.pattern_copied", subject=made, after={"from": source.slug}, at=at)
    return made


@transaction.atomic
def edit_rule(
    *, actor: Person, rule: CrossingRule, draft: CellDraft, version: int | None, at: datetime
) -> CrossingRule:
    """Change one cell; the assets of the pattern are looked at again. Raises `Stale` for another `version`."""
    row = CrossingRule.objects.select_for_update().select_related("pattern").get(pk=rule.pk)
    require(policies.domains.can_create(actor, teams_led_by(actor, at)))
    if version is not None and version != row.version:
        raise Stale("core.stale", "Somebody else changed it first. Look again, then save.", version=row.version)
    _check(draft)
    before = {"verdict": row.verdict, "base": row.base, "label": row.label}
    cell = edited(Cell(row.verdict), **vars(draft))
    row.verdict, row.direction, row.base, row.label, row.remedy = (
        cell.verdict, cell.direction, cell.base, cell.label, cell.remedy,
    )  # fmt: skip
    row.is_edited, row.version = True, row.version + 1
    row.save()
    touched = DomainPattern.objects.filter(pattern=row.pattern).values_list("domain_id", flat=True)
    touch_domain(domain_ids=list(touched), at=at)
    after = {"verdict": row.verdict, "base": row.base, "label": row.label}
    record_audit(actor=actor, verb="ownership.rule_edited", subject=row, before=before, after=after, at=at)
    return row


def cell_of(pattern: Pattern, kind: str, discipline: str) -> CrossingRule:
    """The cell to edit; the tables that come with the installation stay as they are: copy one first."""
    if pattern.is_built_in:
        raise Conflict("ownership.pattern_fixed", "This pattern stays as it is. Copy it, then change the copy.")
    codes = {each.name: each.code for each in pattern_kinds()}
    found = pattern.rules.filter(kind=codes.get(kind, -1), discipline=discipline).first()
    if found is None:
        raise DomainError("ownership.unknown_cell", "There is no such cell.", "kind")
    return found


def _check(draft: CellDraft) -> None:
    if draft.verdict not in VERDICTS or draft.direction not in DIRECTIONS:
        raise DomainError("ownership.bad_cell", "ok, crossing or ask; up, down or none.", "verdict")
    if draft.verdict == CROSSING and not 1 <= draft.base <= HIGHEST_BASE:
        raise DomainError("ownership.bad_cell", f"A crossing weighs 1 to {HIGHEST_BASE}.", "base")
    if len(draft.label) > 200 or len(draft.remedy) > 300:  # noqa: PLR2004 (the columns)
        raise DomainError("ownership.bad_cell", "At most 200 and 300 characters.", "label")


def _reached(domain: Domain) -> list[int]:
    """The domain and those below that have no pattern of their own between."""
    own = set(DomainPattern.objects.values_list("domain_id", flat=True))
    others = Domain.objects.exclude(pk=domain.pk)
    below = [other.pk for other in others if other.pk not in own and domain.pk in ancestors_of(other)]
    return [domain.pk, *below]
