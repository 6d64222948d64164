"""`/reviews/<quarter>`: is this still yours, asked where work says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.views.decorators.http import require_safe

from ownership import policies
from ownership.domain.kinds import kind_of
from ownership.domain.reviews import ANSWER_WORDS, HAND_OVER, STATE_WORDS
from ownership.domain.states import DUTY_WORDS, PRIMARY, Duty
from ownership.queries.reviews import (
    Progress,
    campaign_called,
    campaigns,
    mine,
    progress_by_team,
    progress_of,
    quarter_label,
    quarter_name,
    review_items,
)
from ownership.review_forms import ReviewAnswerForm, ReviewItemFilter
from ownership.services.reviewing import Answer, answer_reviews, next_quarter, start_review
from ownership.web.shown import asset_url
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link, Row, count_words, date_words, day_words
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import Ownership, ReviewCampaign, ReviewItem

MOST_MINE = 100
HEADER = ("asset", "kind", "tier", "party", "duty", "rank", "state", "answered_at", "note")
STATE_CSS = {"asked": "warn", "silent": "bad", "auto": "gray", "mine": "ok"}
CRUMBS = (("Reviews", "/reviews/"),)
NOTHING = Progress({})


class ReviewListView(DomainFormMixin):
    """Every review with how far it is; an admin starts the next one early."""

    page_title = "Reviews"
    nav_key = "reviews"
    template_name = "ownership/reviews/list.html"
    form_class = forms.Form

    def perform(self, form: Any, at: datetime) -> str:
        del form
        actor: Any = self.request.user
        row = start_review(actor=actor, quarter=next_quarter(at), at=at)
        return reverse("reviews_detail", args=[quarter_label(row)])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        page = keyset(campaigns(viewer), order=("-quarter_start",), cursor=self.request.GET.get("cursor", ""))
        counts = progress_of(page.rows)
        coming = next_quarter(at)
        is_held = any(row.quarter_start == coming.starts_on for row in page.rows)
        return super().get_context_data(**kwargs) | {
            "rows": [_campaign_row(row, counts.get(row.pk, NOTHING), at) for row in page.rows],
            "next_url": f"?cursor={page.next_cursor}" if page.next_cursor else "",
            "start": "" if is_held or not policies.reviews.can_start(viewer).allowed else coming.name,
            "empty": Empty(
                "No review yet",
                "Fifty days before a quarter everybody is asked once what is still theirs, where work does not say it.",
                "list-checks", Link("See the assets", reverse("assets_list")),
            ),
        }  # fmt: skip


class ReviewView(DomainFormMixin):
    """One review: first the viewer's own lines with their answers, then how far the teams are, then every line."""

    nav_key = "reviews"
    crumbs = CRUMBS
    template_name = "ownership/reviews/detail.html"
    form_class = ReviewAnswerForm

    def perform(self, form: Any, at: datetime) -> str:
        campaign = find_campaign(self.request, str(self.kwargs["quarter"]))
        actor: Any = self.request.user
        data = form.cleaned_data
        answers = [Answer(pk, data["answer"], data["note"]) for pk in data["chosen"]]
        done = answer_reviews(actor=actor, answers=answers, at=at)
        messages.success(self.request, f"{count_words(len(done), 'asset')}: {ANSWER_WORDS[data['answer']].lower()}.")
        if data["answer"] == HAND_OVER:
            return _handover_url(done[0].ownership, [row.ownership.asset.slug for row in done])
        return reverse("reviews_detail", args=[quarter_label(campaign)])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign = find_campaign(self.request, str(self.kwargs["quarter"]))
        viewer: Any = self.request.user
        at = clock.now()
        chosen, rows = lines_of(self.request, campaign)
        page = keyset(rows, order=(), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        progress = progress_of([campaign]).get(campaign.pk, NOTHING)
        own = mine(review_items(viewer).filter(campaign=campaign), viewer, at).order_by("ownership__asset__name", "pk")
        return super().get_context_data(**kwargs) | {
            "page_title": f"Review of {quarter_name(campaign)}",
            "campaign": campaign,
            "label": quarter_label(campaign),
            "lead": _lead(campaign, at),
            "badges": _badges(progress),
            "progress": progress,
            "share": progress.answered / progress.asked if progress.asked else 1.0,
            "mine": [(row.pk, line_row(row, at)) for row in own[:MOST_MINE]],
            "answers": list(ANSWER_WORDS.items()),
            "teams": [_team_row(team, counts) for team, counts in progress_by_team(campaign)],
            "filters": chosen.form,
            "rows": [line_row(row, at) for row in page.rows],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "query": self.request.GET.urlencode(),
            "empty": Empty("Nothing matches these filters", "Clear them to see every line.", "list-checks",
                           Link("Clear", "?")),
        }  # fmt: skip


@require_safe
def export_review(request: HttpRequest, quarter: str) -> StreamingHttpResponse:
    """The filtered lines of a review as CSV."""
    _, rows = lines_of(request, find_campaign(request, quarter))
    lines = (
        (
            row.ownership.asset.slug, kind_of(row.ownership.asset.kind).name, row.ownership.asset.tier,
            _party(row.ownership), DUTY_WORDS[Duty(row.ownership.duty)], row.ownership.rank, row.state,
            row.answered_at, row.note,
        )
        for row in rows.order_by("pk").iterator()
    )  # fmt: skip
    return csv_response(f"review-{quarter.lower()}", HEADER, lines, count=rows.count())


def find_campaign(request: HttpRequest, label: str) -> ReviewCampaign:
    """The review of the address; raises `NotVisible`."""
    found = campaign_called(label, request.user)
    if found is None:
        raise NotVisible
    return found


def lines_of(request: HttpRequest, campaign: ReviewCampaign) -> tuple[ReviewItemFilter, QuerySet[ReviewItem]]:
    """The lines of the address."""
    rows = review_items(request.user).filter(campaign=campaign)
    chosen = ReviewItemFilter(request.GET, queryset=rows, request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


def line_row(row: ReviewItem, at: datetime) -> Row:
    """One line: the asset, who holds it as what, and the answer."""
    held = row.ownership
    kind = kind_of(held.asset.kind)
    tier = f" · tier {held.asset.tier}" if held.asset.tier else ""
    answered = day_words(row.answered_at.date(), at.date()) if row.answered_at else ""
    return Row(
        title=held.asset.name,
        url=f"{asset_url(held.asset.slug)}#owners",
        icon=kind.icon,
        badges=[Badge(STATE_WORDS[row.state], STATE_CSS.get(row.state, "line")), Badge(kind.label + tier)],
        facts=[fact for fact in (f"{_party(held)}, {_role(held)}", answered, row.note) if fact],
    )


def _campaign_row(row: ReviewCampaign, counts: Progress, at: datetime) -> Row:
    state = (
        Badge("over", "gray") if row.closed_at else Badge(f"until {day_words(row.due_at.date(), at.date())}", "info")
    )
    return Row(
        title=f"Review of {quarter_name(row)}",
        url=reverse("reviews_detail", args=[quarter_label(row)]),
        icon="list-checks",
        badges=[state],
        facts=[f"{counts.asked} asked", f"{counts.answered} answered", f"{counts.automatic} confirmed by work"],
        side=f"{counts.silent} without an answer" if counts.silent else "",
    )


def _team_row(team: Any, counts: Progress) -> tuple[tuple[str, bool], ...]:
    name = team.name if team is not None else "People without a team"
    figures = (counts.asked, counts.automatic, counts.answered, counts.waiting, counts.silent)
    return ((name, False), *((str(figure), True) for figure in figures))


def _lead(campaign: ReviewCampaign, at: datetime) -> str:
    if campaign.closed_at:
        return f"It ended on {date_words(campaign.closed_at.date())}. A late answer still counts."
    return f"Open until {day_words(campaign.due_at.date(), at.date())}. What your work shows is not asked."


def _badges(counts: Progress) -> list[Badge]:
    badges = [Badge(f"{counts.asked} asked"), Badge(f"{counts.automatic} confirmed by work", "ok")]
    if counts.waiting:
        badges.append(Badge(f"{counts.waiting} wait", "warn"))
    if counts.silent:
        badges.append(Badge(f"{counts.silent} without an answer", "bad"))
    return badges


def _party(row: Ownership) -> str:
    return row.person.name if row.person is not None else row.team.name if row.team is not None else ""


def _role(row: Ownership) -> str:
    return "primary" if row.rank == PRIMARY and row.duty == Duty.TECHNICAL else (
        "backup" if row.duty == Duty.TECHNICAL else DUTY_WORDS[Duty(row.duty)]
    )  # fmt: skip


def _handover_url(row: Ownership, slugs: list[str]) -> str:
    giver = row.person.handle if row.person is not None else row.team.slug if row.team is not None else ""
    return f"{reverse('handoffs_new')}?{urlencode([('owner', giver), *(('asset', slug) for slug in slugs)])}"
