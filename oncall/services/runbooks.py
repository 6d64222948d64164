"""Writing, publishing, archiving and using a runbook (spec oncall 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.agreements import AgreementState, may_wake
from oncall.domain.failure_kinds import FailureKind
from oncall.domain.runbooks import FLAGGED_AFTER, TEMPLATES, read_issues, to_json
from oncall.models import AgreementVersion, AssetDuty, Incident, Runbook, RunbookUse, RunbookVersion
from oncall.policies import can_work_in
from oncall.queries.night import terms_of
from oncall.queries.runbooks import has_published_runbook
from oncall.services.loans import tell_loan
from oncall.services.moving import locked, note_event
from ownership.queries.parties import owning_team
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ownership.models import Asset
    from portal.accounts.models import Team

OUTCOMES = ("worked", "did_not", "skipped")


@dataclass(frozen=True)
class Used:
    """A step that was tried: which issue and step of the version, and how it went."""

    issue: int
    step: int
    outcome: str


@transaction.atomic
def draft_runbook(
    *, actor: Any, asset: Asset | None, team: Team | None, issues: Sequence[Mapping[str, Any]] = (), at: datetime
) -> RunbookVersion:
    """Write the draft of the runbook of an asset, or of a team; without `issues` it begins with the templates.

    Raises `NotAllowed`, `DomainError` for issues that cannot be read.
    """
    owner = _owner(asset, team, at)
    require(can_work_in(actor, owner, at))
    checked = read_issues(issues) if issues else tuple(TEMPLATES.values())
    book = _book(asset, team)
    draft = book.versions.select_for_update().filter(state="draft").first()
    if draft is None:
        last = book.versions.order_by("-number").first()
        draft = RunbookVersion(runbook=book, number=last.number + 1 if last else 1)
    draft.issues, draft.written_by, draft.written_at = to_json(checked), actor, at
    draft.save()
    book.version += 1
    book.save(update_fields=["version"])
    record_audit(actor=actor, verb="oncall.runbook_drafted", subject=book, after={"version": draft.number}, at=at)
    return draft


@transaction.atomic
def publish_runbook(*, actor: Any, runbook: Runbook, at: datetime) -> RunbookVersion:
    """Put the draft in force; from then on it never changes. Raises `Conflict` `oncall.nothing_to_publish`."""
    book = _locked(runbook)
    require(can_work_in(actor, _owner(book.asset, book.team, at), at))
    draft = book.versions.select_for_update().filter(state="draft").first()
    if draft is None:
        raise Conflict("oncall.nothing_to_publish", "There is no draft. Change something first.")
    draft.state, draft.published_by, draft.published_at = "published", actor, at
    draft.save(update_fields=["state", "published_by", "published_at"])
    book.flagged_at, book.version = None, book.version + 1
    book.save(update_fields=["flagged_at", "version"])
    record_audit(actor=actor, verb="oncall.runbook_published", subject=book, after={"version": draft.number}, at=at)
    return draft


@transaction.atomic
def archive_runbook(*, actor: Any, runbook: Runbook, reason: str, at: datetime) -> Runbook:
    """Take it out of force. Refused (`oncall.runbook_required`) while somebody may be woken for its investor asset."""
    book = _locked(runbook)
    require(can_work_in(actor, _owner(book.asset, book.team, at), at))
    if book.asset is not None and _is_required(book):
        message = f"While {book.asset.name} may wake somebody, its runbook stays. Change the agreement first."
        raise Conflict("oncall.runbook_required", message)
    if book.archived_at is None:
        book.archived_at, book.version = at, book.version + 1
        book.save(update_fields=["archived_at", "version"])
        record_audit(actor=actor, verb="oncall.runbook_archived", subject=book, reason=reason, at=at)
    return book


@transaction.atomic
def record_use(
    *, actor: Any, version: RunbookVersion, used: Used, incident: Incident | None = None, at: datetime
) -> RunbookUse:
    """Tick a step, in an incident or in a rehearsal. A step that failed three times running flags the runbook.

    Raises `DomainError` for a step the version does not have, `Conflict` for a draft.
    """
    book = _locked(version.runbook)
    if incident is not None:
        incident = locked(actor=actor, incident=incident, at=at)
    else:
        require(can_work_in(actor, _owner(book.asset, book.team, at), at))
    if version.state != "published":
        raise Conflict("oncall.runbook_draft", "A draft is not used. Publish it first.")
    issues = read_issues(version.issues)
    if used.outcome not in OUTCOMES or not 0 <= used.issue < len(issues):
        raise DomainError("oncall.bad_step", "This runbook has no such step.", "step")
    if not 0 <= used.step < len(issues[used.issue].steps):
        raise DomainError("oncall.bad_step", "This runbook has no such step.", "step")
    use = RunbookUse.objects.create(
        version=version, incident=incident, issue=used.issue, step=used.step, outcome=used.outcome, used_by=actor, at=at
    )  # fmt: skip
    if incident is not None:
        step = issues[used.issue].steps[used.step]
        data = {"step": step.text[:200], "outcome": used.outcome, "is_loan": step.is_loan}
        note_event(actor=actor, incident=incident, kind="step", data=data, at=at)
        tell_loan(actor=actor, incident=incident, use=use, step=step, at=at)
    _flag(book, use, at)
    record_audit(
        actor=actor, verb="oncall.runbook_used", subject=book, at=at,
        after={"step": used.step, "outcome": used.outcome, "rehearsal": incident is None},
    )  # fmt: skip
    return use


def template_issues(kinds: Sequence[str]) -> list[dict[str, Any]]:
    """The templates of these kinds, for a form to begin with."""
    return to_json([TEMPLATES[FailureKind(kind)] for kind in kinds if FailureKind(kind) in TEMPLATES])


def _flag(book: Runbook, use: RunbookUse, at: datetime) -> None:
    rows = RunbookUse.objects.filter(version=use.version, issue=use.issue, step=use.step).exclude(outcome="skipped")
    last = list(rows.order_by("-at", "-pk").values_list("outcome", flat=True)[:FLAGGED_AFTER])
    if last == ["did_not"] * FLAGGED_AFTER and book.flagged_at is None:
        book.flagged_at = at
        book.save(update_fields=["flagged_at"])


def _is_required(book: Runbook) -> bool:
    asset = book.asset
    if asset is None or not AssetDuty.objects.filter(asset=asset, is_investor_facing=True).exists():
        return False
    live = AgreementVersion.objects.filter(agreement__asset=asset, state=AgreementState.ACTIVE)
    return any(may_wake(terms_of(row)) for row in live) and not has_published_runbook(asset, but=book)


def _owner(asset: Asset | None, team: Team | None, at: datetime) -> Team:
    if team is not None:
        return team
    found = owning_team([asset.pk], at)[asset.pk] if asset is not None else None
    if found is None:
        raise Conflict("oncall.no_owner", "Nobody owns this asset yet. Name an owner first.")
    return found


def _book(asset: Asset | None, team: Team | None) -> Runbook:
    slug = asset.slug if asset is not None else f"team-{team.slug if team is not None else ''}"
    title = f"Runbook of {asset.name if asset is not None else team}"
    free = slug[:100]
    live = Runbook.objects.select_for_update().filter(asset=asset, team=team, archived_at=None).first()
    if live is not None:
        return live
    n = Runbook.objects.filter(slug__startswith=free).count()
    made: Runbook = Runbook.objects.create(
        slug=_slug(f"{free}-{n + 1}" if n else free), title=title[:200], asset=asset, team=team
    )
    return made


def _slug(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in text)[:120]


def _locked(runbook: Runbook) -> Runbook:
    rows = Runbook.objects.select_for_update(of=("self",)).select_related("asset", "team")
    return rows.get(pk=runbook.pk)
