"""`/agreements/`: what was agreed for 3 am, by asset and downstream team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.views.decorators.http import require_GET

from oncall.domain.agreements import CLASS_WORDS, NightClass
from oncall.filters.incidents import AgreementFilter
from oncall.forms.agreements import RegisterForm, SignForm, TermsForm, initial_of
from oncall.policies import can_draft_agreement, sides_of
from oncall.queries.agreements import PARTED, listed_agreements, standing_of
from oncall.queries.named import asset_called, team_called
from oncall.services.agreements import draft_agreement, register_downstream, sign_agreement
from ownership.queries.parties import owning_team
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Fact, Link, Row, date_words
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.models import Agreement, AgreementVersion
    from oncall.queries.agreements import Standing

HEADER = ("asset", "team", "standing", "class", "until", "expires_on", "owner_signed_by", "downstream_signed_by")
WORD_COLOURS = {
    "agreed": "ok", "ends soon": "warn", "waits for a signature": "warn", "not agreed": "bad", "team archived": "gray",
}  # fmt: skip


def find(request: HttpRequest, pk: int) -> Agreement:
    """The visible agreement, else 404."""
    found = listed_agreements(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def filtered(request: HttpRequest) -> tuple[AgreementFilter, QuerySet[Agreement]]:
    """The filter of the address and its rows."""
    chosen: Any = AgreementFilter(request.GET, queryset=listed_agreements(request.user), request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


class AgreementListView(PageView):
    """`/agreements/`."""

    page_title = "3 am agreements"
    nav_key = "agreements"
    template_name = "oncall/agreements.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen, rows = filtered(self.request)
        page = keyset(rows, order=("registered_at",), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        return {
            "form": chosen.form, "rows": [agreement_row(row, at) for row in page.rows],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "query": self.request.GET.urlencode(),
            "empty": Empty("Nothing is agreed yet", "Say which team reads an asset, then what may wait at night.",
                           "moon-star", Link("Register a team", "/agreements/new")),
        }  # fmt: skip


@require_GET
def export_agreements(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    _, rows = filtered(request)
    at = clock.now()
    return csv_response("agreements", HEADER, (_line(row, at) for row in rows.order_by("pk")), count=rows.count())


class RegisterView(DomainFormMixin):
    """`/agreements/new`: a team reads an asset."""

    page_title = "A team reads an asset"
    nav_key = "agreements"
    crumbs = (("3 am agreements", "/agreements/"),)
    template_name = "oncall/form.html"
    form_class = RegisterForm

    def get_initial(self) -> dict[str, Any]:
        return {"asset": self.request.GET.get("asset", ""), "team": self.request.GET.get("team", "")}

    def perform(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        asset, team = asset_called(data["asset"], self.request.user), team_called(data["team"])
        return register_downstream(actor=self.request.user, asset=asset, team=team, at=at).get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = (
            "From then on it is asked what may happen to that team at night. Until both sides sign, it is not agreed."
        )
        return super().get_context_data(**kwargs) | {"lead": lead, "submit": "Register"}


class AgreementView(PageView):
    """`/agreements/<id>`."""

    nav_key = "agreements"
    template_name = "oncall/agreement.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return agreement_context(find(self.request, int(self.kwargs["pk"])), self.request.user, at)


class AgreementActView(DomainFormMixin):
    """`/agreements/<id>/do/<verb>`: draft or sign."""

    nav_key = "agreements"
    template_name = "oncall/agreement.html"
    http_method_names = ("post",)

    def get_form_class(self) -> Any:
        try:
            return {"draft": TermsForm, "sign": SignForm}[str(self.kwargs["verb"])]
        except KeyError:
            raise Http404 from None

    def perform(self, form: Any, at: datetime) -> str:
        standing = find(self.request, int(self.kwargs["pk"]))
        actor: Any = self.request.user
        if self.kwargs["verb"] == "draft":
            draft_agreement(actor=actor, agreement=standing, drafted=form.drafted(), at=at)
        else:
            signed = sign_agreement(actor=actor, agreement=standing, at=at, **form.cleaned_data)
            said = "It is in force." if signed.state == "active" else "The downstream lead signs next."
            messages.success(self.request, f"Signed. {said}")
        return standing.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"]
        shown = find(self.request, int(self.kwargs["pk"]))
        context = super().get_context_data(**kwargs) | agreement_context(shown, self.request.user, clock.now())
        return context | ({"terms_form": form} if isinstance(form, TermsForm) else {}) | {"refused": form}


def agreement_context(shown: Agreement, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything on the page of an agreement."""
    standing = standing_of(shown, at.date())
    owner = owning_team([shown.asset_id], at)[shown.asset_id]
    sides = sides_of(viewer, owner, shown.downstream_team, at) if owner is not None else frozenset()
    draft = standing.draft
    side = "owner" if draft is not None and draft.owner_signed_at is None else "downstream"
    may_draft = owner is not None and bool(can_draft_agreement(viewer, owner, shown.downstream_team, at))
    can_draft = may_draft and standing.word != PARTED
    return {
        "shown": shown, "page_title": f"{shown.asset.name} for {shown.downstream_team.name}",
        "crumbs": (("3 am agreements", "/agreements/"), (shown.asset.name, "")), "standing": standing, "owner": owner,
        "badge": Badge(standing.word.capitalize(), WORD_COLOURS[standing.word]),
        "facts": terms_facts(standing.active) if standing.active else [],
        "draft_facts": terms_facts(draft) if draft else [], "draft": draft,
        "can_sign": draft is not None and side in sides, "side": side,
        "can_draft": can_draft,
        "terms_form": TermsForm(initial=initial_of(draft or standing.active)),
        "history": [row for row in shown.versions.all() if row.state in ("replaced", "expired")],
    }  # fmt: skip


def agreement_row(row: Agreement, at: datetime) -> Row:
    """An agreement as a line of a list."""
    standing = standing_of(row, at.date())
    facts = [f"read by {row.downstream_team.name}"]
    if standing.active is not None:
        facts.append(class_words(standing.active))
    if standing.active is not None and standing.active.shown_meanwhile:
        facts.append(f"meanwhile: {standing.active.shown_meanwhile[:80]}")
    side = f"until {standing.active.expires_on:%d %b %Y}" if standing.active and standing.active.expires_on else ""
    badges = [Badge(standing.word.capitalize(), WORD_COLOURS[standing.word])]
    badges += [Badge("To review", "warn")] if row.review_wanted_at else []
    return Row(row.asset.name, row.get_absolute_url(), icon="moon-star", badges=badges, facts=facts, side=side)


def class_words(version: AgreementVersion) -> str:
    """What happens at night, in words."""
    if version.night_class == NightClass.WAIT_UNTIL:
        day = ", on a working day" if version.working_day_only else ""
        return f"wait until {version.until_time:%H:%M}{day}"
    return CLASS_WORDS[NightClass(version.night_class)]


def terms_facts(version: AgreementVersion) -> list[Fact]:
    """A text line by line."""
    facts = [
        Fact("If it breaks at night", class_words(version).capitalize()),
        Fact("Page at once between", f"{version.page_from:%H:%M} and {version.page_to:%H:%M}"),
        Fact("Shown meanwhile", version.shown_meanwhile or "nothing else"),
        Fact("If it is not fixed", version.consequence or "nobody is hurt before the morning"),
    ]
    facts += [Fact("Told", f"{team}, within {minutes} min") for team, minutes in version.tell]
    facts += [
        Fact(f"{each['first']} to {each['last']}", CLASS_WORDS[NightClass(each["night_class"])])
        for each in version.exceptions
    ]
    if version.columns:
        facts.append(Fact("Columns that stay", ", ".join(version.columns)))
    if version.expires_on is not None:
        facts.append(Fact("Ends", f"{date_words(version.expires_on)} {version.expires_on.year}"))
    signers = (("Owner", version.owner_signed_by), ("Downstream", version.downstream_signed_by))
    return facts + [
        Fact(side, f"signed by {who.name}" if who is not None else "has not signed", "" if who else "text-bad")
        for side, who in signers
    ]


def _line(row: Agreement, at: datetime) -> tuple[Any, ...]:
    standing: Standing = standing_of(row, at.date())
    live = standing.active
    if live is None:
        return (row.asset.slug, row.downstream_team.slug, standing.word, "", "", "", "", "")
    signers = [who.handle if who else "" for who in (live.owner_signed_by, live.downstream_signed_by)]
    until = f"{live.until_time:%H:%M}"
    return (row.asset.slug, row.downstream_team.slug, standing.word, live.night_class, until, live.expires_on, *signers)
