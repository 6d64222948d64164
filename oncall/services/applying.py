"""What an agreed edit does, and what it would move by now (spec oncall 5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from oncall.domain.consent import Answer, EditKind, joined, line_of, near_lines
from oncall.domain.diff import Moved
from oncall.domain.words import ChangeKind, ChangeState
from oncall.models.spans import ends
from oncall.queries.shifts import people_by_id
from oncall.services.laying import FIRM, Stretch, Wanted, check_own_backup, check_stretch, save_change
from oncall.services.rotas import Applying, CheckedRules, RulesDraft, Seat, check_draft, diff_of, put_in_force
from oncall.services.seasons import PeriodDraft, lay_period, preview_special_period, settle_period
from oncall.services.shift_news import CHANGED, shift_line, tell

if TYPE_CHECKING:
    from oncall.models import Rota, RotaEdit


def draft_of(rules: RulesDraft, start: datetime) -> dict[str, Any]:
    """Rules as facts that JSON keeps, beginning where their diff began."""
    return {
        "roles": [dict(row) for row in rules.roles], "rotation": dict(rules.rotation), "coverage": dict(rules.coverage),
        "fairness": dict(rules.fairness), "cascade": [dict(step) for step in rules.cascade],
        "starts_at": start.isoformat(), "ends_at": rules.ends_at.isoformat() if rules.ends_at else None,
        "seats": [
            {"person": seat.person.pk, "role": seat.role, "weight": seat.weight, "first": _day(seat.first),
             "past": _day(seat.past)}
            for seat in rules.seats
        ],
    }  # fmt: skip


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def rules_from(draft: dict[str, Any]) -> RulesDraft:
    """The rules back from their facts."""
    people = people_by_id([seat["person"] for seat in draft["seats"]])
    seats = [
        Seat(people[seat["person"]], seat["role"], seat["weight"],
             *(date.fromisoformat(seat[day]) if seat[day] else None for day in ("first", "past")))
        for seat in draft["seats"]
    ]  # fmt: skip
    return RulesDraft(
        draft["roles"], draft["rotation"], seats, draft["coverage"], draft["fairness"], draft["cascade"],
        datetime.fromisoformat(draft["starts_at"]),
        datetime.fromisoformat(draft["ends_at"]) if draft["ends_at"] else None,
    )  # fmt: skip


def draft_of_period(period: PeriodDraft) -> dict[str, Any]:
    """A special period as facts that JSON keeps."""
    return {
        "name": period.name, "slug": period.slug, "start": period.start.isoformat(), "end": period.end.isoformat(),
        "rotation": dict(period.rotation), "rounds": period.rounds, "slots": dict(period.slots),
    }  # fmt: skip


def period_from(draft: dict[str, Any]) -> PeriodDraft:
    """The special period back from its facts."""
    start, end = (datetime.fromisoformat(draft[key]) for key in ("start", "end"))
    return PeriodDraft(draft["name"], draft["slug"], start, end, draft["rotation"], draft["rounds"], draft["slots"])


def change_lines(rota: Rota, stretch: Stretch, to: str, at: datetime) -> list[dict[str, Any]]:
    """What an override moves: each stretch of a holder by plan or change, "" where nobody holds it firmly."""
    rows = check_stretch(rota, stretch, at)
    people = people_by_id([row.person for row in rows if row.person is not None])
    moved = [
        Moved(row.role, row.slot, row.start, row.end,
              people[row.person].handle if row.person is not None and row.source in FIRM else "", to)
        for row in rows
    ]  # fmt: skip
    return [line_of(row) for row in joined(moved)]


def lines_now(edit: RotaEdit, at: datetime) -> list[dict[str, Any]]:
    """The stretches that the edit would move by now, among those it was asked about. Under the rota's lock."""
    if edit.kind == EditKind.OVERRIDE:
        change = edit.change
        if change is None:
            return []
        return change_lines(
            edit.rota, Stretch(change.role, *ends(change.during), change.slot), change.to_person.handle, at
        )
    if edit.kind == EditKind.PERIOD:
        period = period_from(edit.draft)
        diff = preview_special_period(actor=None, rota=edit.rota, period=period, at=edit.asked_at)
    else:
        diff, _ = diff_of(edit.rota, rules_from(edit.draft), edit.asked_at)
    return near_lines(diff.moved, diff.near)


def apply_edit(edit: RotaEdit, at: datetime) -> None:
    """Do what was agreed, as the one who asked. Under the locks of rota and edit; its lines were compared before."""
    if edit.kind == EditKind.OVERRIDE:
        _lay(edit, at)
        return
    if edit.kind == EditKind.PERIOD:
        row, diff = lay_period(edit.rota, period_from(edit.draft), at)
        settle_period(row, diff, edit.asked_by, edit.told_reason, at)
        return
    rules = rules_from(edit.draft)
    check_draft(edit.rota, rules)
    diff, start = diff_of(edit.rota, rules, edit.asked_at)
    applying = Applying(reason=edit.reason, told_reason=edit.told_reason)
    put_in_force(edit.asked_by, CheckedRules(edit.rota, rules, diff, start, edit.asked_at), applying, at)


def _lay(edit: RotaEdit, at: datetime) -> None:
    row = edit.change
    if row is None:
        return
    stretch = Stretch(row.role, *ends(row.during), row.slot)
    check_own_backup(edit.rota, stretch, row.to_person)
    row.state = ChangeState.SUPERSEDED
    row.save(update_fields=["state"])
    reason = edit.told_reason or row.reason
    wanted = Wanted(stretch, row.to_person, ChangeKind(row.kind), reason, row.group)
    made = save_change(edit.rota, wanted, ChangeState.ACTIVE, edit.asked_by, at)
    made.consented_by = list(edit.consents.filter(answer=Answer.YES).values_list("person_id", flat=True))
    made.save(update_fields=["consented_by"])
    line = shift_line(made.role, *ends(made.during), edit.rota.zone, at)
    why = f" Why it could not wait: {edit.told_reason}" if edit.told_reason else ""
    people = edit.consents.values_list("person_id", flat=True)
    said = f"{row.to_person.name} has it now: {line}.{why}"
    tell(edit.rota, CHANGED, people, said, key=f"edit.{edit.pk}:done", at=at)
