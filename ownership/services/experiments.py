"""What an experiment is about to show and what was decided; ended ones retire after 90 days (spec additions)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from ownership.domain.experiments import KEY, experiment_of, last_day_kept
from ownership.domain.kinds import EXPERIMENT
from ownership.models import Asset
from ownership.services.keeping import end_asset, save_asset, writable
from portal.core.errors import Conflict, DomainError
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.domain.experiments import Experiment
    from portal.accounts.models import Person

DECISION_CHARACTERS = 1000


@transaction.atomic
def describe_experiment(*, actor: Person, asset: Asset, told: Experiment, at: datetime) -> Asset:
    """Its days and its decision. Raises `DomainError` naming the field. Locks the asset."""
    locked = writable(actor, asset, at)
    if locked.kind != EXPERIMENT.code:
        raise Conflict("ownership.not_experiment", "Only an experiment has days and a decision.")
    if not told.is_in_order:
        raise DomainError("ownership.bad_range", "It would end before it starts.", "ends_on")
    if len(told.decision) > DECISION_CHARACTERS or "\x00" in told.decision:
        raise DomainError("ownership.long_note", f"At most {DECISION_CHARACTERS:,} characters.", "decision")
    before, after = experiment_of(locked.attrs).as_facts(), told.as_facts()
    if before != after:
        locked.attrs = {**locked.attrs, KEY: after}
        save_asset(locked, ["attrs"], at)
        record_audit(actor=actor, verb="ownership.asset_changed", subject=locked, before=before, after=after, at=at)
    return locked


def retire_experiments(*, at: datetime) -> int:
    """Those that ended more than 90 days ago leave the lists, each in a transaction of its own. Safe to repeat."""
    kept = last_day_kept(at.date()).isoformat()
    over = Asset.objects.filter(
        kind=EXPERIMENT.code, retired_at=None, attrs__experiment__ends_on__gt="", attrs__experiment__ends_on__lt=kept
    )
    ids = list(over.order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        with transaction.atomic():
            locked = Asset.objects.select_for_update().get(pk=pk)
            if locked.retired_at is None:
                end_asset(actor=None, asset=locked, reason="The experiment ended 90 days ago.", at=at)
    return len(ids)
