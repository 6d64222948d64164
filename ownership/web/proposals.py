"""`/proposals/`: guessed owners, one card at a time, answered by key; many at once with a tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse
from django.views.decorators.http import require_safe

from ownership.domain.states import DUTY_WORDS, Duty
from ownership.filters import ProposalFilter
from ownership.proposal_forms import ProposalForm
from ownership.queries.proposals import answerable, last_answer, proposals, rivals, sendable
from ownership.services.owning import accept_ownership, decline_ownership
from ownership.services.proposing import accept_proposals, drop_proposal, send_proposal, undo_answer
from ownership.web.shown import asset_badges, asset_url
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.presentation import Empty, Link, count_words
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import Ownership
    from portal.core.web.presentation import Badge

A_PAGE = 50
MOST_OWN = 1000
HEADER = ("asset", "party", "duty", "rank", "source", "confidence", "evidence", "since")


@dataclass(frozen=True)
class Proposal:
    """One guess as ready strings."""

    id: int
    asset: str
    url: str
    badges: Sequence[Badge]
    party: str
    duty: str
    why: str
    lines: Sequence[str]
    others: str


def filtered(request: HttpRequest) -> tuple[ProposalFilter, QuerySet[Ownership]]:
    """The proposals of the address."""
    chosen = ProposalFilter(request.GET, queryset=proposals(request.user), request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


class ProposalListView(DomainFormMixin):
    """What the viewer may answer comes first as a card; then everything that waits."""

    page_title = "Proposed owners"
    nav_key = "proposals"
    template_name = "ownership/proposals.html"
    form_class = ProposalForm

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        data = form.cleaned_data
        if data["decision"] == "many":
            done = accept_proposals(actor=actor, ids=data["chosen"], at=at)
            messages.success(self.request, f"{count_words(len(done), 'owner')} confirmed.")
        elif data["decision"] == "undo":
            back = undo_answer(actor=actor, at=at)
            messages.success(self.request, f"Taken back: {', '.join(row.asset.name for row in back[:3])}.")
        else:
            _answer(self.request, data, at)
        following = self.request.GET.urlencode()
        return f"{reverse('proposals_list')}{f'?{following}' if following else ''}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        chosen, rows = filtered(self.request)
        found = list(rows[: A_PAGE + 1])
        page = found[:A_PAGE]
        own = list(answerable(rows, viewer, at).values_list("pk", flat=True)[:MOST_OWN])
        first = _first(rows, own, sendable(rows, viewer, at))
        others = rivals([*page, *([first] if first else [])])
        shown = [(_shown(row, others), row.pk in own) for row in page if first is None or row.pk != first.pk]
        return super().get_context_data(**kwargs) | {
            "filters": chosen.form,
            "card": _shown(first, others) if first else None,
            "is_own": bool(own),
            "left": len(own),
            "skip_url": _after(self.request, first.pk) if first else "",
            "back_url": _before(self.request, first.pk) if first and "after" in self.request.GET else "",
            "last": last_answer(viewer, at),
            "rows": shown,
            "tickable": any(is_mine for _, is_mine in shown),
            "next_url": _after(self.request, page[-1].pk) if len(found) > A_PAGE else "",
            "start_url": reverse("proposals_list") if "after" in self.request.GET else "",
            "query": self.request.GET.urlencode(),
            "empty": Empty("All settled", "Owners that a file names or guesses wait here for their yes.",
                           "user-round-check", Link("Import a file", "/imports/")),
        }  # fmt: skip


def _first(rows: QuerySet[Ownership], own: Sequence[int], others: QuerySet[Ownership]) -> Ownership | None:
    """What the viewer answers for themself, else a guess about somebody else that nobody has sent."""
    return rows.filter(pk=own[0]).first() if own else others.first()


@require_safe
def export_proposals(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered proposals as CSV."""
    _, rows = filtered(request)
    lines = (
        (
            row.asset.slug, _party(row), DUTY_WORDS[Duty(row.duty)], row.rank, row.source.name if row.source else "",
            row.confidence, _evidence(row), row.recorded_at,
        )
        for row in rows.iterator()
    )  # fmt: skip
    return csv_response("proposals", HEADER, lines, count=rows.count())


def _answer(request: HttpRequest, data: dict[str, Any], at: datetime) -> None:
    actor: Any = request.user
    row = proposals(actor).filter(pk=data["proposal"]).first()
    if row is None:
        raise NotVisible
    decision, name = data["decision"], row.asset.name
    if decision == "accept":
        accept_ownership(actor=actor, row=row, at=at)
        messages.success(request, f"{name}: {_party(row)} has it now.")
    elif decision == "send":
        send_proposal(actor=actor, row=row, at=at)
        messages.success(request, f"{name}: {_party(row)} is asked.")
    else:
        act = drop_proposal if decision == "drop" else decline_ownership
        act(actor=actor, row=row, reason=data["reason"], at=at)
        messages.success(request, f"{name}: noted, not {_party(row)}.")


def _shown(row: Ownership, others: dict[int, list[Ownership]]) -> Proposal:
    beside = [_party(other) for other in others.get(row.asset_id, []) if other.pk != row.pk and other.duty == row.duty]
    return Proposal(
        id=row.pk,
        asset=row.asset.name,
        url=f"{asset_url(row.asset.slug)}#owners",
        badges=asset_badges(row.asset),
        party=_party(row),
        duty=f"{DUTY_WORDS[Duty(row.duty)]} {'owner' if row.rank == 1 else 'backup'}",
        why=_why(row),
        lines=_lines(row),
        others=f"also proposed: {', '.join(beside)}" if beside else "",
    )


def _why(row: Ownership) -> str:
    if row.source is None:
        return row.note or "asked by a colleague"
    said = _evidence(row)
    return f"{row.source.name}{f', {said}' if said else ''}; {row.confidence * 100:.0f} % sure"


def _lines(row: Ownership) -> list[str]:
    """What speaks for it, one line each: which source saw what."""
    told = [f"{each.get('kind', '')}: {each.get('ref', '')}".strip(": ") for each in row.evidence]
    if row.asked_at is not None:
        told.append("they were asked and have not answered")
    return told


def _evidence(row: Ownership) -> str:
    return ", ".join(str(each.get("ref", "")) for each in row.evidence if each.get("ref"))


def _party(row: Ownership) -> str:
    return row.person.name if row.person is not None else row.team.name if row.team is not None else "nobody"


def _before(request: HttpRequest, pk: int) -> str:
    """The address on which the one put off last is the card again."""
    earlier = answerable(proposals(request.user), request.user, clock.now()).filter(pk__lt=pk).last()
    return _after(request, earlier.pk - 1) if earlier is not None else ""


def _after(request: HttpRequest, pk: int) -> str:
    query = request.GET.copy()
    query["after"] = str(pk)
    return f"?{query.urlencode()}"
