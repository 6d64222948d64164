"""Whether the rows of a rota still say what its rules do (spec oncall 2, 11): a difference is told, never mended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from oncall.domain.coverage import overlap, without
from oncall.domain.words import ROLE_WORDS, DutyRole, Source
from oncall.models import AcceptedGap, EffectiveShift, PlannedShift, RotaVersion
from oncall.models.spans import ends
from oncall.queries.planned import Span, covered_blocks
from oncall.queries.working_out import facts_between
from portal.core.web.presentation import when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from oncall.models import Rota

SOON = timedelta(days=14)
BACK = timedelta(days=31)
MOST = 20
Stretch = tuple["datetime", "datetime"]


def differences(rota: Rota, at: datetime) -> list[str]:
    """What does not add up, in sentences: plan against rules, served against planned, holders against members.

    The rules give the turns again from now to the end of the plan; what was served in the last month must have a row
    for each minute that was planned; nobody is planned who is no member then.
    """
    said = [*_against_rules(rota, at), *_served(rota, at), *_strangers(rota, at), *_excluded(rota, at)]
    return said[:MOST]


def empty_stretches(rota: Rota, at: datetime, until: datetime) -> list[tuple[str, datetime, datetime]]:
    """Covered time ahead that nobody holds, by role; what a lead accepted is left out."""
    rows, _ = facts_between(rota, at, until)
    accepted = [ends(row.during) for row in AcceptedGap.objects.filter(rota=rota, during__overlap=(at, until))]
    empty = [row for row in rows if row.source == Source.GAP]
    return [
        (row.role, start, end) for row in empty for start, end in without([(row.start, row.end)], sorted(accepted))
    ]  # fmt: skip


def _against_rules(rota: Rota, at: datetime) -> list[str]:
    """The planned turns of each role beside those that the rules, the calendars and the clocks give today."""
    planned: dict[str, list[Stretch]] = {}
    rows = PlannedShift.objects.filter(rota=rota, slot=0, during__startswith__gte=at).order_by("during")
    for role, during in rows.values_list("role", "during"):
        planned.setdefault(role, []).append(ends(during))
    if not planned:
        return []
    first, last = min(rows[0][0] for rows in planned.values()), max(rows[-1][1] for rows in planned.values())
    wanted = _merged(_turns(rota, first, last))
    return [
        f"{ROLE_WORDS[DutyRole(role)].capitalize()} from {_span(rota, row, at)}: {said}."
        for role, rows in planned.items()
        for said, found in (
            ("the rules ask for somebody and nothing is planned", without(wanted, _merged(rows))),
            ("it is planned and the rules do not ask for it", without(_merged(rows), wanted)),
        )
        for row in found
    ]  # fmt: skip


def _turns(rota: Rota, first: datetime, last: datetime) -> Iterable[Stretch]:
    for version in RotaVersion.objects.filter(rota=rota, valid__isempty=False, valid__overlap=(first, last)):
        begins, past = version.valid.lower or first, version.valid.upper or last
        span = Span(max(first, begins), min(last, past))
        for block in covered_blocks(rota, version, span):
            yield from ((start, min(end, last)) for start, end in block.served if start < last)


def _served(rota: Rota, at: datetime) -> list[str]:
    """Planned minutes of the last month that no served row tells of."""
    until = rota.served_until
    since = at - BACK
    if until is None or until <= since:
        return []
    told: dict[str, list[Stretch]] = {}
    rows = EffectiveShift.objects.filter(rota=rota, slot=0, during__overlap=(since, until))
    for role, during in rows.order_by("during").values_list("role", "during"):
        told.setdefault(role, []).append(ends(during))
    planned: dict[str, list[Stretch]] = {}
    plan = PlannedShift.objects.filter(rota=rota, slot=0, during__overlap=(since, until)).order_by("during")
    for role, during in plan.values_list("role", "during"):
        start, end = ends(during)
        planned.setdefault(role, []).append((max(start, since), min(end, until)))
    return [
        f"{ROLE_WORDS[DutyRole(role)].capitalize()} from {_span(rota, row, at)}: nothing says who served."
        for role, stretches in planned.items()
        for row in without(_merged(stretches), _merged(told.get(role, [])))
    ]


def _strangers(rota: Rota, at: datetime) -> list[str]:
    """Who is planned and no member of the rules on that day."""
    rows = PlannedShift.objects.filter(rota=rota, person__isnull=False, during__startswith__gte=at)
    place = rota.versions.model.objects.filter(
        pk=OuterRef("version"), members__person=OuterRef("person"),
        members__active__contains=OuterRef("during__startswith__date"),
    )  # fmt: skip
    lost = rows.annotate(known=Subquery(place.values("pk")[:1])).filter(known=None).select_related("person")
    return [
        f"{row.person.name} is planned from {_span(rota, ends(row.during), at)} and no member then."
        for row in lost.order_by("during")[:MOST]
        if row.person is not None
    ]


def _excluded(rota: Rota, at: datetime) -> list[str]:
    """Who is primary here and, for more than half of that turn, of a rota that excludes this one as well."""
    others = list(rota.exclusive_with.all())
    own = PlannedShift.objects.filter(rota=rota, role=DutyRole.PRIMARY, person__isnull=False)
    turns: dict[tuple[str, str], list[Stretch]] = {}
    for row in (
        own.filter(during__overlap=(at, at + SOON)).select_related("person").order_by("during") if others else ()
    ):
        if row.person is not None:
            turns.setdefault((row.person.name, str(row.why.get("block", row.pk))), []).append(ends(row.during))
    low, high = at - SOON, at + SOON * 2
    said = []
    for other in others if turns else ():
        rows = PlannedShift.objects.filter(rota=other, role=DutyRole.PRIMARY, during__overlap=(low, high))
        held: dict[str, list[Stretch]] = {}
        for name, during in rows.order_by("during").values_list("person__name", "during"):
            held.setdefault(name or "", []).append(ends(during))
        for (name, _), stretches in turns.items():
            length = sum((end - start for start, end in stretches), timedelta(0))
            if overlap(stretches, held.get(name, [])) * 2 > length:
                whole = (stretches[0][0], stretches[-1][1])
                said.append(f"{name} is primary from {_span(rota, whole, at)}, and of {other.name} as well.")
    return said


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Neighbours and overlaps as one."""
    rows: list[Stretch] = []
    for start, end in sorted(stretches):
        if rows and start <= rows[-1][1]:
            rows[-1] = (rows[-1][0], max(end, rows[-1][1]))
        else:
            rows.append((start, end))
    return rows


def _span(rota: Rota, stretch: Sequence[datetime], at: datetime) -> str:
    return f"{when(stretch[0], rota.zone, at).text} to {when(stretch[1], rota.zone, at).text}"
