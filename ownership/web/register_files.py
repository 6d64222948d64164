"""Lists around the register as CSV: domains, owner conflicts, names nobody is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe

from ownership.domain.states import DUTY_WORDS, Duty
from ownership.queries.conflicts import open_conflicts
from ownership.queries.domains import listed_domains
from ownership.queries.identities import unknown_names, waiting_names
from ownership.queries.owners import current_owners
from portal.core.web.csv_export import csv_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import Claim

    Line = tuple[Any, ...]

DOMAINS = ("domain", "name", "part_of", "led_by", "where_nobody_owns", "assets")
CONFLICTS = ("asset", "duty", "ours", "source", "says", "raw", "since")
NAMES = ("name", "assets", "sources", "suggestions")
BLOCK = 500


@require_safe
def export_domains(request: HttpRequest) -> StreamingHttpResponse:
    """Every domain."""
    rows = listed_domains(request.user).order_by("name", "pk")
    lines = map(_domain, rows.iterator())
    return csv_response("domains", DOMAINS, lines, count=rows.count())


@require_safe
def export_conflicts(request: HttpRequest) -> StreamingHttpResponse:
    """Where a file and a person name different owners, the oldest first."""
    rows = open_conflicts(request.user).order_by("first_seen", "pk")
    return csv_response("conflicts", CONFLICTS, _blocks(rows, _conflicts), count=rows.count())


@require_safe
def export_names(request: HttpRequest) -> StreamingHttpResponse:
    """Owner texts nobody is known by, that on most assets first."""
    rows = unknown_names(request.user)
    return csv_response("unknown-names", NAMES, _blocks(rows, _names), count=rows.count())


def _blocks(rows: QuerySet[Any], lines_of: Callable[[Sequence[Any]], Iterable[Line]]) -> Iterator[Line]:
    start = 0
    while block := list(rows[start : start + BLOCK]):
        start += BLOCK
        yield from lines_of(block)


def _domain(row: Any) -> Line:
    """`row` carries `asset_count`."""
    above = (row.parent, row.lead_team, row.default_team)
    return (row.slug, row.name, *(each.slug if each else "" for each in above), row.asset_count)


def _conflicts(claims: Sequence[Claim]) -> Iterator[Line]:
    owners = current_owners({claim.asset_id for claim in claims})
    for claim in claims:
        held = owners[claim.asset_id].holders
        ours = next((each.party.slug for each in held if each.duty == claim.duty), "")
        says = claim.person.handle if claim.person else claim.team.slug if claim.team else ""
        duty, since = DUTY_WORDS[Duty(claim.duty)], claim.first_seen.isoformat()
        yield claim.asset.slug, duty, ours, claim.source.name, says, claim.raw, since


def _names(claims: Sequence[Claim]) -> Iterator[Line]:
    for row in waiting_names(claims):
        perhaps = ", ".join(suggestion.candidate.slug for suggestion in row.suggestions)
        yield row.raw, row.asset_count, row.sources, perhaps
