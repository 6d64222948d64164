"""Edits of rotas that were asked about, and whose answer is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch

from oncall.domain.consent import Answer, EditState
from oncall.models import EditConsent, RotaEdit
from oncall.policies import rotas_visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from oncall.models import Rota
    from portal.accounts.models import Person

MOST = 20


def listed_edits(viewer: Any) -> QuerySet[RotaEdit]:
    """Every edit that was asked about, in the rotas the viewer sees, with who was asked; two queries."""
    rows = RotaEdit.objects.filter(rota__in=rotas_visible_to(viewer))
    consents = EditConsent.objects.select_related("person").order_by("person__name", "pk")
    return rows.select_related("rota__team", "asked_by", "closed_by", "change__to_person").prefetch_related(
        Prefetch("consents", queryset=consents)
    )


def edits_for(person: Person) -> list[RotaEdit]:
    """The first edits that wait for this person's own word, the soonest first."""
    rows = RotaEdit.objects.filter(
        state=EditState.WAITING, consents__person=person, consents__answer=Answer.NONE
    ).select_related("rota", "asked_by")  # fmt: skip
    return list(rows.order_by("begins_at", "pk")[:MOST])


def waiting_edits(rota: Rota) -> list[tuple[RotaEdit, str]]:
    """What of the rota waits, with the names of those who have not answered; one query."""
    rows = EditConsent.objects.filter(edit__rota=rota, edit__state=EditState.WAITING, answer=Answer.NONE)
    found: dict[int, tuple[RotaEdit, list[str]]] = {}
    for row in rows.select_related("edit__asked_by", "person").order_by("edit__begins_at", "edit", "person__name")[:50]:
        found.setdefault(row.edit_id, (row.edit, []))[1].append(row.person.name)
    return [(edit, ", ".join(names)) for edit, names in found.values()]


def consent_of(edit: RotaEdit, person: Any) -> EditConsent | None:
    """The person's own row among those of the edit, if they are asked."""
    rows: Sequence[EditConsent] = list(edit.consents.all())
    return next((row for row in rows if row.person_id == person.pk), None)
