"""`/handoffs/`: offers to answer, one handover with its items and checklist, a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Q
from django.urls import reverse

from ownership import policies
from ownership.domain.handoffs import CLOSED, DRAFT, OFFERED
from ownership.domain.kinds import kind_of
from ownership.forms import HandoffForm, ReasonForm, in_zone
from ownership.models import Asset, Crossing, Handoff, HandoffCheck, Ownership
from ownership.queries.expected import expected_teams
from ownership.queries.handoffs import handoff_called, handoffs_of, party_key, speakers, waiting_for
from ownership.services.handoffs import (
    HandoffDraft,
    complete_check,
    decide_items,
    draft_handoff,
    offer_handoff,
    withdraw_handoff,
)
from ownership.web.shown import asset_url
from portal.core import clock
from portal.core.errors import DomainError, NotVisible
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Fact, Link, Row, Tab, count_words, when
from portal.core.web.shell import Shell
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

STATE_CSS = {OFFERED: "warn", CLOSED: "ok", DRAFT: "gray"}
CRUMBS = (("Handovers", "/handoffs/"),)
SHOWN_ITEMS = 200


class HandoffListView(PageView):
    """What waits for me, what I offered, everything."""

    page_title = "Handovers"
    nav_key = "handoffs"
    template_name = "ownership/boundaries/handoffs.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        view = self.request.GET.get("view", "mine")
        rows = handoffs_of(viewer)
        if view == "mine":
            waiting = waiting_for(viewer, at).values("pk")
            rows = rows.filter(Q(pk__in=waiting) | Q(created_by=viewer) | Q(from_person=viewer))
        page = keyset(rows, order=("-created_at",), cursor=self.request.GET.get("cursor", ""))
        return {
            "tabs": [Tab("Mine", "?view=mine", view == "mine"), Tab("All", "?view=all", view == "all")],
            "rows": [handoff_row(row, viewer.zone, at) for row in page.rows],
            "next_url": f"?view={view}&cursor={page.next_cursor}" if page.next_cursor else "",
            "empty": Empty(
                "No handovers", "Hand an asset to somebody who is expected to own it.", "hand-helping",
                Link("New handover", reverse("handoffs_new")),
            ),
        }  # fmt: skip


def handoff_row(row: Any, zone: Any, at: datetime) -> Row:
    """Who gives how much to whom, and what is decided."""
    giver, taker = row.from_person or row.from_team, row.to_person or row.to_team
    return Row(
        title=f"{giver} to {taker}",
        url=reverse("handoffs_detail", args=[row.code]),
        icon="hand-helping",
        number=row.code,
        badges=[Badge(row.state, STATE_CSS.get(row.state, "line"))],
        facts=[count_words(row.total, "asset"), f"{row.accepted} accepted", f"{row.waiting} wait"],
        side=when(row.offered_at or row.created_at, zone, at).text,
    )


def find_handoff(request: HttpRequest, code: str) -> Any:
    """The handover; raises `NotVisible`."""
    row = handoff_called(code, request.user)
    if row is None:
        raise NotVisible
    return row


def handoff_context(viewer: Any, row: Any, at: datetime, form: Any = None) -> dict[str, Any]:
    """Items, checklist, and what the viewer may do about them."""
    taker, giver = party_key(row.to_person, row.to_team), party_key(row.from_person, row.from_team)
    to_leads, from_leads = speakers(row.to_person, row.to_team, at), speakers(row.from_person, row.from_team, at)
    decides = policies.handoffs.can_decide(viewer, taker, [lead.pk for lead in to_leads]).allowed
    offers = policies.handoffs.can_offer(viewer, giver, [*(lead.pk for lead in from_leads), row.created_by_id]).allowed
    items = list(row.items.select_related("asset").order_by("state", "asset__name")[:SHOWN_ITEMS])
    is_open = row.state in {DRAFT, OFFERED, CLOSED}
    return {
        "page_title": f"{row.from_person or row.from_team} to {row.to_person or row.to_team}",
        "nav_key": "handoffs",
        "crumbs": CRUMBS,
        "handoff": row,
        "badges": [Badge(row.state, STATE_CSS.get(row.state, "line"))],
        "lead": f"{row.code}: {count_words(row.total, 'asset')}. The old owner answers until each is accepted.",
        "facts": _facts(row, viewer.zone, at),
        "items": [(item, _item_row(item)) for item in items],
        "hidden": max(0, row.total - len(items)),
        "checks": list(row.checks.select_related("by").order_by("pk")),
        "can_decide": decides and row.state == OFFERED,
        "can_offer": offers and row.state == DRAFT,
        "can_withdraw": offers and is_open and items and row.state != CLOSED,
        "can_check": (decides or offers) and is_open,
        "can_waive": viewer.is_admin or viewer in to_leads,
        "form": form or ReasonForm(),
    }


def _facts(row: Handoff, zone: Any, at: datetime) -> list[Fact]:
    wanted = (
        ("From when on", when(row.effective_at, zone, at).text),
        ("Shadow days", str(row.shadow_days) if row.shadow_days else ""),
        ("Moved", f"by {row.moved_days} days: a check was open" if row.moved_days else ""),
        ("Why", row.reason),
        ("To know", row.note),
    )
    return [Fact(label, value) for label, value in wanted if value]


def _item_row(item: Any) -> Row:
    role = "primary" if item.rank == 1 else "backup"
    state = "in force" if item.in_force_at else item.state
    return Row(
        item.asset.name, asset_url(item.asset.slug), icon=kind_of(item.asset.kind).icon, badges=[Badge(role)],
        facts=[fact for fact in (item.reason,) if fact], side=state,
    )  # fmt: skip


class HandoffView(PageView):
    template_name = "ownership/boundaries/handoff.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return handoff_context(self.request.user, find_handoff(self.request, str(self.kwargs["code"])), at)


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


class HandoffNewView(DomainFormMixin):
    """A filter resolves to names on screen first; what is written here is handed over, nothing else."""

    page_title = "New handover"
    nav_key = "handoffs"
    crumbs = CRUMBS
    template_name = "ownership/boundaries/handoff_new.html"
    form_class = HandoffForm

    def get_initial(self) -> dict[str, Any]:
        given, viewer = self.request.GET, self.request.user
        crossing = given.get("crossing", "")
        if crossing.isdecimal():
            return _from_crossing(int(crossing), clock.now())
        owner = given.get("owner") or getattr(viewer, "handle", "")
        held = Ownership.objects.filter(
            person__handle=owner, state="accepted", valid__upper_inf=True, asset__retired_at=None
        ).values_list("asset__slug", flat=True)
        slugs = given.getlist("asset") or list(held.order_by("asset__name").distinct()[:5000] if given else [])
        return {"giver": owner, "taker": given.get("taker", ""), "assets": "\n".join(slugs)}

    def perform(self, form: Any, at: datetime) -> str:
        data, actor = form.cleaned_data, self.request.user
        assets = dict(Asset.objects.filter(slug__in=data["assets"]).values_list("slug", "pk"))
        unknown = [slug for slug in data["assets"] if slug not in assets]
        if unknown:
            raise DomainError("ownership.unknown_asset", f"There is no asset {unknown[0][:80]}.", "assets")
        begins = data["effective_at"].replace(tzinfo=None) if data["effective_at"] else None
        draft = HandoffDraft(
            giver=data["giver"], taker=data["taker"], asset_ids=list(assets.values()),
            effective_at=in_zone(begins, Shell(self.request).zone) or at, shadow_days=data["shadow_days"] or 0,
            reason=data["reason"], note=data["note"],
            crossing_ids=[data["crossing"]] if data["crossing"] else [],
        )  # fmt: skip
        handoff = draft_handoff(actor=actor, draft=draft, at=at)  # type: ignore[arg-type] # signed in
        messages.success(self.request, "Written down. Look at it, then offer it.")
        return reverse("handoffs_detail", args=[handoff.code])


def _from_crossing(pk: int, at: datetime) -> dict[str, Any]:
    """The party that does the work gives the asset to the team that is expected to own it."""
    row = Crossing.objects.filter(pk=pk).select_related("asset", "person", "team").first()
    if row is None:
        return {}
    expected = expected_teams([row.asset_id], at).get(row.asset_id)
    giver = row.person.handle if row.person else row.team.slug if row.team else ""
    taker = expected.slug if expected and expected.slug != giver else ""
    return {"giver": giver, "taker": taker, "assets": row.asset.slug, "crossing": row.pk}
