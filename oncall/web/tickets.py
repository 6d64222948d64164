"""`/upstream/`: what waits on somebody upstream, and the page on which they answer without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET

from oncall.domain.ticket_texts import as_markdown, make_token, read_token
from oncall.filters.incidents import TicketFilter
from oncall.forms.tickets import AnswerForm, AskForm, GuestForm, LinkForm, MoveForm
from oncall.policies import can_move_ticket
from oncall.queries.named import asset_called
from oncall.queries.tickets import listed_tickets, open_tickets, scoreboard
from oncall.services.tickets import Asking, advance_ticket, answer_ticket, link_ticket, open_upstream_ticket
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core import clock
from portal.core.context import Context, current, use
from portal.core.errors import NotVisible
from portal.core.secrets import derived_key
from portal.core.services.rates import take
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Fact, Link, Row, Tab, left_class, when
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.models import UpstreamTicket

HEADER = ("number", "title", "state", "problem", "team", "asset", "opened_at", "unblock_due", "fix_due", "external_url")
COLOURS = {"open": "bad", "unblocked": "warn", "fixed": "ok", "declined": "gray"}
FORMS = {"move": MoveForm, "answer": AnswerForm, "link": LinkForm}
TRIES, MINUTE, LONGEST_PK = 20, 60, 18


def find(request: HttpRequest, number: str) -> UpstreamTicket:
    """The visible ticket of this number, else 404."""
    pk = number.upper().removeprefix("UP-")
    rows = listed_tickets(request.user)
    found = rows.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < LONGEST_PK else None
    if found is None:
        raise Http404
    return found


def filtered(request: HttpRequest) -> tuple[TicketFilter, QuerySet[UpstreamTicket]]:
    """The filter of the address and its rows."""
    chosen: Any = TicketFilter(request.GET, queryset=listed_tickets(request.user), request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


class TicketListView(PageView):
    """`/upstream/`."""

    page_title = "Asked upstream"
    nav_key = "upstream"
    template_name = "oncall/tickets.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen, rows = filtered(self.request)
        page = keyset(rows, order=("-opened_at",), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        viewer: Any = self.request.user
        state = self.request.GET.get("state", "")
        return {
            "form": chosen.form, "rows": [ticket_row(row, viewer.zone, at) for row in page.rows],
            "tabs": [Tab(label, f"?state={value}", state == value) for label, value in (("All", ""), ("Live", "live"))],
            "scores": scoreboard(viewer, at)[:12], "query": self.request.GET.urlencode(),
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "empty": Empty("Nobody upstream is asked anything", "A failed pre-check or an incident opens a ticket.",
                           "ticket", Link("Ask upstream", "/upstream/new")),
        }  # fmt: skip


@require_GET
def export_tickets(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    _, rows = filtered(request)
    ordered = rows.order_by("opened_at", "pk")
    return csv_response("upstream", HEADER, (_line(row) for row in ordered.iterator(1000)), count=ordered.count())


class AskView(DomainFormMixin):
    """`/upstream/new`: without an incident."""

    page_title = "Ask upstream"
    nav_key = "upstream"
    crumbs = (("Asked upstream", "/upstream/"),)
    template_name = "oncall/form.html"
    form_class = AskForm

    def get_initial(self) -> dict[str, Any]:
        return {"asset": self.request.GET.get("asset", "")}

    def perform(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        viewer: Any = self.request.user
        asking = Asking(
            data["problem"], data["title"], asset_called(data["asset"], viewer),
            asking_team=main_team(viewer, local_day(viewer, at)), evidence={"seen": data["evidence"]},
        )  # fmt: skip
        return open_upstream_ticket(actor=viewer, asking=asking, at=at).get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = (
            "Two clocks run in their calendar: unblock us in four working hours, fix it for good in ten working days."
        )
        return super().get_context_data(**kwargs) | {"lead": lead, "submit": "Send it"}


class TicketView(PageView):
    """`/upstream/UP-<n>`."""

    nav_key = "upstream"
    template_name = "oncall/ticket.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return ticket_context(find(self.request, str(self.kwargs["number"])), self.request.user, at)


class TicketActView(DomainFormMixin):
    """`/upstream/<number>/do/<verb>`: move, answer or link."""

    nav_key = "upstream"
    template_name = "oncall/ticket.html"
    http_method_names = ("post",)

    def get_form_class(self) -> Any:
        if self.kwargs["verb"] not in FORMS:
            raise Http404
        return FORMS[self.kwargs["verb"]]

    def perform(self, form: Any, at: datetime) -> str:
        run = {"move": advance_ticket, "answer": answer_ticket, "link": link_ticket}[self.kwargs["verb"]]
        shown = find(self.request, str(self.kwargs["number"]))
        run(actor=self.request.user, ticket=shown, at=at, **form.cleaned_data)  # type: ignore[operator] # three services
        return shown.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["number"]))
        typed = {"refused": kwargs["form"], "typed": self.request.POST}
        return super().get_context_data(**kwargs) | ticket_context(shown, self.request.user, clock.now()) | typed


@method_decorator(login_not_required, name="dispatch")
class GuestView(DomainFormMixin):
    """`/t/<token>`: a software engineer answers without an account. Looking changes nothing."""

    page_title = "A ticket for your team"
    template_name = "oncall/ticket_guest.html"
    form_class = GuestForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        address = current().address
        take(key=f"ack:{address}", capacity=TRIES, per_seconds=MINUTE, at=clock.now())
        with use(Context("link", current().request_id, address=address)):
            response = super().dispatch(request, *args, **kwargs)
        response["Referrer-Policy"] = "same-origin"
        return response

    def perform(self, form: Any, at: datetime) -> str:
        data, ticket = form.cleaned_data, self.ticket()
        if data["move"]:
            advance_ticket(
                actor=None, ticket=ticket, state=data["move"], cause=data["text"], said_by=data["said_by"], at=at
            )
        else:
            answer_ticket(actor=None, ticket=ticket, text=data["text"], said_by=data["said_by"], at=at)
        return self.request.path

    def ticket(self) -> UpstreamTicket:
        """The ticket of the token; private, unknown and altered ones are alike."""
        pk = read_token(str(self.kwargs["token"]), derived_key("upstream-ticket"))
        rows = open_tickets().select_related("team", "upstream_asset", "asking_team")
        found = rows.filter(pk=pk or 0).first()
        if found is None:
            raise NotVisible
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ticket, at = self.ticket(), clock.now()
        facts = {"shown": ticket, "facts": ticket_facts(ticket, ticket.team.zone, at), "events": _events(ticket, at)}
        return super().get_context_data(**kwargs) | facts


def guest_url(ticket: UpstreamTicket) -> str:
    """The link for somebody without an account."""
    return f"{settings.BASE_URL}/t/{make_token(ticket.pk, derived_key('upstream-ticket'))}"


def ticket_context(shown: UpstreamTicket, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything on the page of a ticket."""
    moves = [state for state in ("unblocked", "fixed", "declined", "open") if state != shown.state]
    text = as_markdown(
        number=shown.number, title=shown.title, url=guest_url(shown), dues=(shown.unblock_due, shown.fix_due),
        evidence=shown.evidence,
    )  # fmt: skip
    return {
        "shown": shown, "page_title": f"{shown.number} {shown.title}", "badge": Badge(shown.state.capitalize(),
        COLOURS[shown.state]), "crumbs": (("Asked upstream", "/upstream/"), (shown.number, "")),
        "facts": ticket_facts(shown, viewer.zone, at), "events": _events(shown, at), "copy": text,
        "moves": [state for state in moves if can_move_ticket(viewer, shown, state, at)], "guest_url": guest_url(shown),
    }  # fmt: skip


def ticket_facts(shown: UpstreamTicket, zone: str, at: datetime) -> list[Fact]:
    """The two clocks, who is asked and what shows it."""
    unblock = left_class((shown.unblock_due - at).total_seconds()) if shown.state == "open" else ""
    fix = left_class((shown.fix_due - at).total_seconds()) if shown.is_live else ""
    asset = shown.upstream_asset
    facts = [
        Fact("Asked of", shown.team.name),
        Fact("Unblock us by", when(shown.unblock_due, zone, at).text, unblock),
        Fact("Fix it by", when(shown.fix_due, zone, at).text, fix),
    ]
    facts += [Fact("Upstream", asset.name, url=f"/assets/{asset.slug}")] if asset is not None else []
    facts += [Fact("Waits", shown.asking_team.name)] if shown.asking_team is not None else []
    facts += [Fact("Cause", shown.cause)] if shown.cause else []
    for name, value in shown.evidence.items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        facts += [Fact(name.replace("_", " ").capitalize(), text)] if text else []
    return facts


def ticket_row(row: UpstreamTicket, zone: str, at: datetime) -> Row:
    """A ticket as a line of a list."""
    due = row.unblock_due if row.state == "open" else row.fix_due
    left = (due - at).total_seconds()
    words = "unblock" if row.state == "open" else "fix"
    side = f"{words} {'was due' if left < 0 else 'by'} {when(due, zone, at).text}" if row.is_live else row.state
    return Row(
        row.title, row.get_absolute_url(), icon="ticket", number=row.number,
        badges=[Badge(row.state.capitalize(), COLOURS[row.state])],
        facts=[row.team.name, row.problem.replace("_", " ")], side=side,
        side_css=left_class(left) if row.is_live else "muted",
    )  # fmt: skip


def _events(shown: UpstreamTicket, at: datetime) -> list[Row]:
    words = {"opened": "asked", "answered": "answered", "unblock_overdue": "the first clock ran out",
             "fix_overdue": "the second clock ran out"}  # fmt: skip
    rows = shown.events.select_related("actor").order_by("-seq")[:100]
    return [
        Row(row.actor.name if row.actor else row.said_by or "Headwater", "",
            facts=[words.get(row.kind, row.kind), *([row.text] if row.text else [])],
            side=when(row.at, shown.team.zone, at).text)
        for row in rows
    ]  # fmt: skip


def _line(row: UpstreamTicket) -> tuple[Any, ...]:
    asset = row.upstream_asset.slug if row.upstream_asset is not None else ""
    times = [moment.isoformat() for moment in (row.opened_at, row.unblock_due, row.fix_due)]
    return (row.number, row.title, row.state, row.problem, row.team.slug, asset, *times, row.external_url)
