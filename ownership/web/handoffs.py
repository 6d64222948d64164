"""`/handoffs/`: offers to answer, one handover with its items and checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from ownership import policies
from ownership.domain.handoffs import ACCEPTED, CLOSED, DRAFT, EXPIRED, OFFERED, STATE_WORDS, WITHDRAWN
from ownership.domain.kinds import kind_of
from ownership.forms import ReasonForm
from ownership.models import Handoff, HandoffCheck
from ownership.queries.handoffs import answer_due, handoff_called, items_of, party_key, speakers
from ownership.services.handoffs import complete_check, decide_items, offer_handoff, withdraw_handoff
from ownership.web.handoff_files import filtered
from ownership.web.handoff_new import CRUMBS
from ownership.web.shown import asset_url
from portal.core import clock
from portal.core.errors import DomainError, NotVisible
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Fact, Link, Row, Tab, count_words, when
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

STATE_CSS = {OFFERED: "warn", CLOSED: "ok", DRAFT: "gray"}
SHOWN_ITEMS = 100
VIEWS = (("mine", "Mine"), ("all", "All"))


class HandoffListView(PageView):
    """What waits for me, what I offered, everything."""

    page_title = "Handovers"
    nav_key = "handoffs"
    template_name = "ownership/boundaries/handoffs.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        chosen, rows = filtered(self.request, "mine")
        page = keyset(rows, order=("-created_at",), cursor=self.request.GET.get("cursor", ""))
        view = chosen.form.cleaned_data["view"]
        here = f"{address(self.request, view=view)}"
        return {
            "form": chosen.form,
            "tabs": [Tab(label, f"?{address(self.request, view=name)}", view == name) for name, label in VIEWS],
            "rows": [handoff_row(row, viewer.zone, at) for row in page.rows],
            "next_url": f"?{here}&cursor={page.next_cursor}" if page.next_cursor else "",
            "query": here,
            "empty": _empty(is_filtered=len(self.request.GET) > ("view" in self.request.GET)),
        }


def address(request: HttpRequest, **more: str) -> str:
    """The filters of the address with these changed, from the first page on."""
    given = request.GET.copy()
    given.pop("cursor", None)
    for name, value in more.items():
        given[name] = value
    return given.urlencode()


def _empty(*, is_filtered: bool) -> Empty:
    if is_filtered:
        return Empty("Nothing matches these filters", "Clear them, or look at all.", "hand-helping",
                     Link("Clear", "?view=all"))  # fmt: skip
    return Empty(
        "No handovers", "Hand an asset to somebody who is expected to own it.", "hand-helping",
        Link("New handover", reverse("handoffs_new")),
    )  # fmt: skip


def handoff_row(row: Any, zone: Any, at: datetime) -> Row:
    """Who gives how much to whom, and what is decided."""
    giver, taker = row.from_person or row.from_team, row.to_person or row.to_team
    return Row(
        title=f"{giver} to {taker}",
        url=reverse("handoffs_detail", args=[row.code]),
        icon="hand-helping",
        number=row.code,
        badges=[Badge(STATE_WORDS[row.state], STATE_CSS.get(row.state, "line"))],
        facts=[count_words(row.total, "asset"), f"{row.accepted} accepted", f"{row.waiting} wait"],
        side=when(row.offered_at or row.created_at, zone, at).text,
    )


def find_handoff(request: HttpRequest, code: str) -> Any:
    """The handover; raises `NotVisible`."""
    row = handoff_called(code, request.user)
    if row is None:
        raise NotVisible
    return row


def handoff_context(viewer: Any, row: Any, at: datetime, form: Any = None, cursor: str = "") -> dict[str, Any]:
    """Items, those that wait first, checklist, and what the viewer may do about them."""
    taker, giver = party_key(row.to_person, row.to_team), party_key(row.from_person, row.from_team)
    to_leads, from_leads = speakers(row.to_person, row.to_team, at), speakers(row.from_person, row.from_team, at)
    decides = policies.handoffs.can_decide(viewer, taker, [lead.pk for lead in to_leads]).allowed
    offers = policies.handoffs.can_offer(viewer, giver, [*(lead.pk for lead in from_leads), row.created_by_id]).allowed
    page = keyset(items_of(row), order=("turn", "asset__name"), cursor=cursor, size=SHOWN_ITEMS)
    is_unfinished = row.items.filter(state__in=[OFFERED, ACCEPTED], in_force_at=None).exists()
    is_open = row.state in {DRAFT, OFFERED, CLOSED}
    return {
        "page_title": f"{row.from_person or row.from_team} to {row.to_person or row.to_team}",
        "nav_key": "handoffs",
        "crumbs": CRUMBS,
        "handoff": row,
        "badges": [Badge(STATE_WORDS[row.state], STATE_CSS.get(row.state, "line"))],
        "lead": f"{row.code}: {_lead(row, at, is_unfinished=is_unfinished)}",
        "facts": _facts(row, viewer.zone, at),
        "items": [(item, _item_row(item)) for item in page.rows],
        "next_url": f"?cursor={page.next_cursor}" if page.next_cursor else "",
        "checks": list(row.checks.select_related("by").order_by("pk")),
        "can_decide": decides and row.state == OFFERED,
        "can_offer": offers and row.state == DRAFT,
        "can_withdraw": offers and is_open and is_unfinished,
        "can_check": (decides or offers) and is_open and is_unfinished,
        "can_waive": viewer.is_admin or viewer in to_leads,
        "form": form or ReasonForm(),
    }


def _lead(row: Any, at: datetime, *, is_unfinished: bool) -> str:
    """Where it stands, in a sentence."""
    count = count_words(row.total, "asset")
    accepted = f"{row.accepted} of {count} accepted"
    begins = "on its day" if row.effective_at > at else "as soon as what is needed is done"
    told = {
        DRAFT: f"{count}. Nobody hears of it before it is offered.",
        OFFERED: f"{count}. The old owner answers until each is accepted and its day has come.",
        EXPIRED: f"nobody answered in 10 working days. The old owner answers for {count}.",
        WITHDRAWN: f"{count}. What had not begun was taken back; the old owner answers for it.",
    }
    if row.state in told:
        return told[row.state]
    if not row.accepted:
        return "nothing was accepted. The old owner stays accountable."
    if is_unfinished:
        return f"{accepted}. It begins {begins}; the old owner answers until then."
    return f"{accepted} and handed over."


def _facts(row: Handoff, zone: Any, at: datetime) -> list[Fact]:
    due_at = answer_due(row) if row.state == OFFERED else None
    wanted = (
        ("Offered", when(row.offered_at, zone, at).text if row.offered_at else ""),
        ("Answer by", when(due_at, zone, at).text if due_at else ""),
        ("From when on", when(row.effective_at, zone, at).text),
        ("Shadow days", str(row.shadow_days) if row.shadow_days else ""),
        ("Moved", f"by {row.moved_days} days: a check was open" if row.moved_days else ""),
        ("Why", row.reason),
        ("To know", row.note),
    )
    sides = (("From", row.from_person, row.from_team), ("To", row.to_person, row.to_team))
    return [
        *(_party(label, person, team) for label, person, team in sides),
        *(Fact(label, value) for label, value in wanted if value),
    ]


def _party(label: str, person: Any, team: Any) -> Fact:
    if person is not None:
        return Fact(label, person.name, url=f"/people/{person.handle}")
    return Fact(label, team.name, url=f"/teams/{team.slug}")


def _item_row(item: Any) -> Row:
    role = "primary" if item.rank == 1 else "backup"
    state = "handed over" if item.in_force_at else "waits" if item.state == OFFERED else item.state
    return Row(
        item.asset.name, asset_url(item.asset.slug), icon=kind_of(item.asset.kind).icon, badges=[Badge(role)],
        facts=[fact for fact in (item.reason,) if fact], side=state,
    )  # fmt: skip


class HandoffView(PageView):
    template_name = "ownership/boundaries/handoff.html"

    def context(self, at: datetime) -> dict[str, Any]:
        row = find_handoff(self.request, str(self.kwargs["code"]))
        return handoff_context(self.request.user, row, at, cursor=self.request.GET.get("cursor", ""))


class HandoffActView(DomainFormMixin):
    """Offer, withdraw, tick a line, say yes or no: one form each, the page again on refusal."""

    template_name = "ownership/boundaries/handoff.html"
    http_method_names = ("post",)
    form_class = ReasonForm
    verb = ""

    def get_form(self, form_class: Any = None) -> Any:
        """The reason is optional but for a no, which the service asks for."""
        form = super().get_form(form_class)
        form.fields["reason"].required = False
        return form

    def perform(self, form: Any, at: datetime) -> str:
        row = find_handoff(self.request, str(self.kwargs["code"]))
        ACTS[self.verb](self.request, row, form.cleaned_data["reason"], at)
        messages.success(self.request, SAID[self.verb])
        return reverse("handoffs_detail", args=[row.code])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = find_handoff(self.request, str(self.kwargs["code"]))
        return handoff_context(self.request.user, row, clock.now(), kwargs["form"])


def _offer(request: Any, row: Handoff, reason: str, at: datetime) -> None:
    del reason
    offer_handoff(actor=request.user, handoff=row, at=at)


def _withdraw(request: Any, row: Handoff, reason: str, at: datetime) -> None:
    del reason
    withdraw_handoff(actor=request.user, handoff=row, at=at)


def _decide(request: Any, row: Handoff, reason: str, at: datetime) -> None:
    """Chosen items, or all that wait with `all=1`."""
    chosen = [int(pk) for pk in request.POST.getlist("item") if pk.isdecimal()]
    if request.POST.get("all"):
        chosen = list(row.items.filter(state=OFFERED).values_list("pk", flat=True))
    is_no = request.POST.get("answer") == "decline"
    accept, decline = ([], dict.fromkeys(chosen, reason)) if is_no else (chosen, {})
    decide_items(actor=request.user, handoff=row, accept=accept, decline=decline, at=at)


def _tick(request: Any, row: Handoff, reason: str, at: datetime) -> None:
    given = request.POST.get("check", "")
    check = HandoffCheck.objects.filter(handoff=row, pk=int(given)).first() if given.isdecimal() else None
    if check is None:
        raise DomainError("ownership.unknown_check", "There is no such line.", "reason")
    complete_check(actor=request.user, check=check, state=request.POST.get("state", "done"), note=reason, at=at)


ACTS = {"offer": _offer, "withdraw": _withdraw, "decide": _decide, "check": _tick}
SAID = {
    "offer": "Offered. You stay accountable until it is accepted.", "withdraw": "Taken back.",
    "decide": "Noted.", "check": "Ticked.",
}  # fmt: skip
