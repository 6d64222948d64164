"""Where imported schedules go: compared hour by hour, then made or published as rotas (spec oncall 13)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.text import slugify

from oncall.domain.imported import RotaFact, differences, in_step, instant, people_in, rota_from_json
from oncall.domain.rules import rules_sha256
from oncall.domain.words import ChangeKind, ChangeState, DutyRole
from oncall.models import Rota, RotaVersion, ShiftChange, StagedRota
from oncall.policies import can_import_rotas
from oncall.services.laying import Stretch, Wanted, save_change
from oncall.services.locking import lock_rota
from oncall.services.rotas import Applying, NewRota, RulesDraft, Seat, create_rota, publish_rota_version
from ownership.queries.parties import teams_led_by, teams_of_person
from portal.accounts.models import Person, Team
from portal.accounts.queries.people import resolve_identities
from portal.core.errors import DomainError
from portal.core.importing.protocol import PlanLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from portal.core.importing.protocol import Importer
    from portal.core.models import ImportRun, ImportSource
    from portal.core.policies import Decision

MOST_SHOWN = 20
SOON = timedelta(minutes=1)


class DutyRoom:
    """Stages schedules, settles names, shows each difference, and applies a schedule a chunk."""

    def may_import(self, person: Any, at: datetime) -> Decision:
        return can_import_rotas(person, at)

    def options_for(self, importer: Importer, source_scopes: list[str]) -> dict[str, Any]:
        del importer, source_scopes
        return {}

    def stage(self, run: ImportRun, facts: Iterator[RotaFact]) -> dict[str, int]:
        rows = [
            StagedRota(run=run, n=n, external_id=fact.external_id, facts=fact.as_json()) for n, fact in enumerate(facts)
        ]
        StagedRota.objects.bulk_create(rows)
        return {"rotas": len(rows)}

    def plan(self, run: ImportRun, at: datetime) -> dict[str, Any]:
        """Mapped and unmapped names, differences of 90 days, and what is new, changed or the same."""
        facts = _staged(run)
        unknown = [name for name, person in _people(run, facts).items() if person is None]
        apart = {
            fact.external_id: len(differences(fact, at.replace(minute=0, second=0, microsecond=0))) for fact in facts
        }
        changes = sum(_sign(run, fact) != "=" for fact in facts)
        return {"changes": changes, "unsettled": unknown, "differences": apart}

    def apply_next(self, run: ImportRun, actor: Any, at: datetime) -> bool:
        """One schedule in the caller's transaction; a second time it changes nothing."""
        done = int(run.progress.get("done", 0))
        row = StagedRota.objects.filter(run=run, n__gte=done).order_by("n").first()
        if row is None:
            return False
        _apply(run, rota_from_json(row.facts), actor, at)
        run.progress = {"done": row.n + 1}
        run.save(update_fields=["progress"])
        return True

    def refresh(self, source: ImportSource, actor: Any, at: datetime) -> int:
        del source, actor, at
        return 0

    def forget(self, run: ImportRun) -> None:
        StagedRota.objects.filter(run=run).delete()

    def sample(self, run: ImportRun, limit: int) -> list[PlanLine]:
        """Each rota, each name nobody is known by, and each stretch that would be another's than in the source."""
        lines = []
        facts = _staged(run)
        for name, person in _people(run, facts).items():
            if person is None:
                lines.append(PlanLine("~", "identity", name, "nobody is known by this name", "/identities/"))
        for fact in facts:
            kind = fact.rotation["kind"]
            lines.append(
                PlanLine(_sign(run, fact), "rota", fact.name, f"{kind}, {len(fact.members)} members, {fact.zone}")
            )
            start = (run.planned_at or run.created_at).replace(minute=0, second=0, microsecond=0)
            lines += [
                PlanLine(
                    "~",
                    "difference",
                    f"{at:%Y-%m-%d %H:%M} UTC",
                    f"here {mine or 'nobody'}, there {theirs or 'nobody'}",
                )
                for at, mine, theirs in differences(fact, start)[:MOST_SHOWN]
            ]
        return lines[:limit]


def _staged(run: ImportRun) -> list[RotaFact]:
    return [
        rota_from_json(facts)
        for facts in StagedRota.objects.filter(run=run).order_by("n").values_list("facts", flat=True)
    ]


def _people(run: ImportRun, facts: list[RotaFact]) -> dict[str, Person | None]:
    found = resolve_identities(people_in(facts), run.importer)
    return {name: party if isinstance(party, Person) else None for name, party in found.items()}


def _existing(run: ImportRun, fact: RotaFact) -> Rota | None:
    return Rota.objects.filter(source=run.importer, external_id=fact.external_id).select_related("team").first()


def _mark(fact: RotaFact) -> str:
    """Equal rules and members have equal marks."""
    return rules_sha256([fact.rotation, fact.coverage, fact.members, fact.zone])


def _sign(run: ImportRun, fact: RotaFact) -> str:
    rota = _existing(run, fact)
    if rota is None:
        return "+"
    last = RotaVersion.objects.filter(rota=rota).order_by("number").last()
    return "=" if last is not None and last.fairness.get("imported") == _mark(fact) else "~"


def _apply(run: ImportRun, fact: RotaFact, actor: Any, at: datetime) -> None:
    people = _people(run, [fact])
    rota, sign = _existing(run, fact), _sign(run, fact)
    rules = _rules(fact, people, at)
    if rota is None:
        slug = slugify(f"{run.importer}-{fact.name}")[:60]
        new = NewRota(
            _team(actor, at),
            slug,
            fact.name[:80],
            zone=fact.zone,
            source=run.importer,
            external_id=fact.external_id,
        )
        rota = create_rota(actor=actor, rota=new, rules=rules, at=at)
    elif sign == "~":
        applying = Applying(told_reason="imported again", reason=f"import {run.pk}")
        publish_rota_version(actor=actor, rota=rota, rules=rules, applying=applying, at=at)
    _lay_overrides(rota, fact, people, actor, at)


def _rules(fact: RotaFact, people: dict[str, Person | None], at: datetime) -> RulesDraft:
    members = in_step(fact, at + SOON)
    seats = [Seat(person) for seat in members if seat and (person := people.get(seat[0])) is not None]
    unique = list({seat.person.pk: seat for seat in seats}.values())
    if not unique:
        raise DomainError(
            "oncall.import_nobody", f"Nobody of {fact.name} is known here. Settle the names first.", "members"
        )
    rotation = dict(fact.rotation)
    if rotation["kind"] == "fixed":
        named = {name: person.handle for name, person in people.items() if person is not None}
        rotation["blocks"] = [row | {"person": named.get(row["person"], "")} for row in rotation["blocks"]]
    roles = [{"role": DutyRole.PRIMARY.value, "slots": 1, "factor": 1, "planner": "turns"}]
    return RulesDraft(roles, rotation, unique, fact.coverage, {"imported": _mark(fact)}, starts_at=at + SOON)


def _team(actor: Any, at: datetime) -> Team:
    """The team that the importing person leads, else belongs to."""
    led, own = teams_led_by(actor, at), teams_of_person(actor, at)
    team = Team.objects.filter(pk__in=led or own, is_system=False).order_by("pk").first()
    if team is None:
        raise DomainError("oncall.import_team", "Rotas go to the team you lead; you lead none.", "team")
    return team


def _lay_overrides(rota: Rota, fact: RotaFact, people: dict[str, Person | None], actor: Any, at: datetime) -> None:
    """Overrides that lie ahead, once each by the id of the source."""
    row = lock_rota(rota)
    for entry in fact.overrides:
        person = people.get(entry.person)
        start, end = max(instant(entry.start), at + SOON), instant(entry.end)
        ref = f"import {entry.external_id or entry.start}"
        known = ShiftChange.objects.filter(rota=row, kind=ChangeKind.IMPORT, reason=ref).exists()
        covered = (
            row.planned_shifts.filter(role="primary", during__overlap=(start, end)).exists() if start < end else False
        )
        if person is None or start >= end or known or not covered:
            continue
        wanted = Wanted(Stretch(DutyRole.PRIMARY, start, end), person, ChangeKind.IMPORT, ref)
        save_change(row, wanted, ChangeState.ACTIVE, actor, at)
