"""`/identities/`: owner texts nobody is known by, one card at a time, decided by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from ownership.forms import IdentityForm
from ownership.queries.identities import known_nobodies, unknown_names, waiting_names
from ownership.services.identities import DECIDED, decide_identity, decide_new_person
from portal.core.errors import DomainError, NotVisible
from portal.core.models import AuditEntry
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Row, count_words
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import Claim
    from ownership.queries.identities import Waiting


@dataclass(frozen=True)
class Choice:
    """A suggestion with its key."""

    key: str
    value: int
    label: str
    line: str


class IdentityListView(DomainFormMixin):
    """The text on most assets first; one decision settles all of them."""

    page_title = "Names nobody is known by"
    nav_key = "identities"
    template_name = "ownership/identities.html"
    form_class = IdentityForm

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        data = form.cleaned_data
        claim = unknown_names(actor).filter(pk=data["name"]).first()
        if claim is None:
            raise NotVisible
        entry = decide(actor, claim, data, at)
        count = count_words(entry.after["assets"], "asset")
        messages.success(self.request, f"{claim.raw} is {entry.after['party']}: {count} settled.")
        return reverse("identities_list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        page = keyset(unknown_names(viewer), order=("-asset_count",), cursor=self.request.GET.get("cursor", ""))
        rows = waiting_names(page.rows)
        chosen = self.request.GET.get("name", "")
        card = next((row for row in rows if str(row.id) == chosen), rows[0] if rows else None)
        return super().get_context_data(**kwargs) | {
            "card": card,
            "choices": _choices(card) if card else [],
            "email": _email(card.raw) if card else "",
            "rows": [_row(row) for row in rows if card is None or row.id != card.id],
            "next_url": f"?cursor={page.next_cursor}" if page.next_cursor else "",
            "nobodies": known_nobodies(),
            "last": AuditEntry.objects.filter(actor=viewer, verb=DECIDED, undone_by=None).order_by("-pk").first(),
            "empty": Empty("Every owner is known", "Names that a file brings and nobody is known by wait here.",
                           "user-round-check"),
        }  # fmt: skip


def decide(actor: Any, claim: Claim, data: dict[str, Any], at: datetime) -> AuditEntry:
    """What the buttons mean."""
    if data["decision"] == "new":
        return decide_new_person(actor=actor, raw=claim.raw, email=data["email"], at=at)
    party = data["party"] if data["decision"] == "party" else None
    if data["decision"] == "party" and party is None:
        raise DomainError("ownership.unknown_party", "Write a handle or a team's slug.", "party")
    return decide_identity(actor=actor, raw=claim.raw, party=party, at=at)


def _choices(card: Waiting) -> list[Choice]:
    return [
        Choice(str(n), suggestion.candidate.key, suggestion.candidate.name, suggestion.why)
        for n, suggestion in enumerate(card.suggestions, start=1)
    ]


def _email(raw: str) -> str:
    inside = raw.rpartition("<")[2].rstrip(">").strip()
    return inside if "@" in inside and " " not in inside and not inside.startswith("@") else ""


def _row(waiting: Waiting) -> Row:
    names = ", ".join(suggestion.candidate.name for suggestion in waiting.suggestions)
    return Row(
        title=waiting.raw,
        url=f"{reverse('identities_list')}?name={waiting.id}",
        icon="user-round-x",
        facts=[f"perhaps {names}" if names else "no suggestion", f"in {waiting.sources}"],
        side=count_words(waiting.asset_count, "asset"),
    )
