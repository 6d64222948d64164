"""`/conflicts/`: where a file and a person name different owners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from ownership.domain.states import DUTY_WORDS, Duty
from ownership.forms import ConflictForm
from ownership.queries.conflicts import open_conflicts
from ownership.queries.owners import current_owners
from ownership.services.conflicts import decide_conflict
from ownership.web.shown import asset_url
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Link, Row, When, when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.domain.parties import Owners
    from ownership.models import Claim

SAID = {
    "keep": "Ours stays.",
    "take": "They are asked to take over; until the yes, ours stays accountable.",
    "mute": "This file is not heard on this any more.",
}


@dataclass(frozen=True)
class ConflictRow:
    """A claim against what people said."""

    id: int
    row: Row


class ConflictListView(DomainFormMixin):
    """Keep ours, take theirs, or never hear this again."""

    page_title = "Owner conflicts"
    nav_key = "conflicts"
    template_name = "ownership/conflicts.html"
    form_class = ConflictForm

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        claim = open_conflicts(actor).filter(pk=form.cleaned_data["claim"]).first()
        if claim is None:
            raise NotVisible
        decision = form.cleaned_data["decision"]
        decide_conflict(actor=actor, claim=claim, decision=decision, at=at)
        messages.success(self.request, SAID[decision])
        return reverse("conflicts_list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        page = keyset(open_conflicts(viewer), order=("first_seen",), cursor=self.request.GET.get("cursor", ""))
        owners = current_owners({claim.asset_id for claim in page.rows})
        return super().get_context_data(**kwargs) | {
            "conflicts": [
                ConflictRow(claim.pk, _row(claim, owners[claim.asset_id], viewer.zone, at)) for claim in page.rows
            ],
            "next_url": f"?cursor={page.next_cursor}" if page.next_cursor else "",
            "actions": [Link("Download CSV", reverse("conflicts_export"), "download")],
            "empty": Empty("Files and people agree", "When an import names another owner than a person, it waits here.",
                           "badge-check"),
        }  # fmt: skip


def _row(claim: Claim, owners: Owners, zone: str, at: datetime) -> Row:
    ours = next((held.party.name for held in owners.holders if held.duty == claim.duty), "nobody")
    facts: list[str | When] = [
        f"ours: {ours}",
        f"{claim.source.name} says {claim.person or claim.team} ({DUTY_WORDS[Duty(claim.duty)]})",
        "since",
        when(claim.first_seen, zone, at),
    ]
    return Row(claim.asset.name, asset_url(claim.asset.slug), icon="split", facts=facts)
