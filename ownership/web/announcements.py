"""`/announcements/`: write one, see whom it reaches, read and answer it."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.urls import reverse
from django.views.decorators.http import require_safe

from ownership.domain.impact import CHANGE_WORDS, NAMES_FIRST_ABOVE, tally
from ownership.filters import AnnouncementFilter
from ownership.forms import AnnounceForm, AnswerAnnouncementForm, ReplyForm
from ownership.models import AnnouncementRecipient
from ownership.policies import announcements as policy
from ownership.queries.announcements import STATES, listed_announcements, told_of
from ownership.queries.impact import impact_of
from ownership.queries.plans import plan_by_code
from ownership.services.announcing import AnnouncementDraft, announce_change, answer_announcement, reply_to_objection
from ownership.web.details import find
from ownership.web.shown import asset_url
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Fact, Link, Row, avatar, count_words, when
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

    from ownership.models import Announcement
    from ownership.queries.announcements import Told
    from ownership.queries.impact import Impact

STATE_BADGES = {
    "pending": Badge("not answered", "line"),
    "acknowledged": Badge("read", "ok", "check"),
    "objected": Badge("objects", "bad", "hand"),
    "superseded": Badge("superseded", "gray"),
}
HEADER = ("id", "asset", "change", "author", "asked_at", "ack_due_at", *STATES)
CRUMBS = (("Announcements", "/announcements/"),)
NAMED = 6


def filtered(request: HttpRequest) -> QuerySet[Announcement]:
    """The rows of the address; a value that fits no filter is refused."""
    chosen = AnnouncementFilter(request.GET, queryset=listed_announcements(request.user), request=request)
    ensure_valid(chosen)
    rows: QuerySet[Announcement] = chosen.qs
    return rows


class AnnouncementListView(PageView):
    """What was told, newest first, and how far the answers are."""

    page_title = "Announcements"
    nav_key = "assets"
    template_name = "ownership/announcements.html"
    partial = "rows"

    def context(self, at: datetime) -> dict[str, Any]:
        page = keyset(filtered(self.request), order=("-asked_at",), cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        viewer: Any = self.request.user
        return {
            "given": self.request.GET,
            "changes": list(CHANGE_WORDS.items()),
            "rows": [_list_row(row, viewer.zone, at) for row in page.rows],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "query": self.request.GET.urlencode(),
            "empty": Empty(
                "Nothing announced", "Open an asset and tell whom its change touches.", "megaphone",
                Link("Choose an asset", "/assets/"),
            ),
        }  # fmt: skip


@require_safe
def export_announcements(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    rows = filtered(request).order_by("-asked_at", "-pk")
    return csv_response("announcements", HEADER, _lines(rows), count=rows.count())


class AnnouncementView(PageView):
    """`/announcements/<n>`: the text, one's own answer, and everybody else's."""

    nav_key = "assets"
    template_name = "ownership/announcement.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return announcement_context(visible(self.request, int(self.kwargs["pk"])), self.request.user, at)


class AnnounceView(DomainFormMixin):
    """`/assets/<slug>/announce`: the text; above ten people their names first."""

    form_class = AnnounceForm
    template_name = "ownership/announce.html"
    nav_key = "assets"
    page_title = "Announce a change"

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        return {"change": asked.get("change", "breaking")[:12], "depth": 3, "plan": asked.get("plan", "")[:20]}

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        times = {name: _here(form.cleaned_data[name], actor.zone) for name in ("happens_at", "ack_due_at")}
        asset = find(self.request, str(self.kwargs["slug"]))
        plan = plan_by_code(form.cleaned_data["plan"], actor)
        draft = AnnouncementDraft(asset=asset, **{**form.cleaned_data, **times, "plan": plan})
        row = announce_change(actor=actor, draft=draft, at=at)
        messages.success(self.request, "Told. Each person hears once, with all of their assets.")
        return reverse("announcements_detail", args=[row.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asset, at = find(self.request, str(self.kwargs["slug"])), clock.now()
        form = kwargs.get("form") or self.get_form()
        change = form["change"].value() if form["change"].value() in CHANGE_WORDS else "breaking"
        depth = int(form["depth"].value()) if str(form["depth"].value()) in {"1", "2", "3", "4", "5"} else 3
        impact = impact_of(asset, change, at, depth)
        crumbs = (("Assets", "/assets/"), (asset.name, asset_url(asset.slug)))
        shown = {"asset": asset, "crumbs": crumbs, **impact_context(impact), "form": form}
        return super().get_context_data(**kwargs) | shown


class AnswerView(DomainFormMixin):
    """POST: read it, or object."""

    form_class = AnswerAnnouncementForm
    template_name = "ownership/announcement.html"
    http_method_names = ("post",)

    def perform(self, form: Any, at: datetime) -> str:
        row = visible(self.request, int(self.kwargs["pk"]))
        actor: Any = self.request.user
        answer_announcement(actor=actor, announcement=row, objection=form.cleaned_data["objection"], at=at)
        messages.success(self.request, "Noted. The author sees it.")
        return reverse("announcements_detail", args=[row.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = visible(self.request, int(self.kwargs["pk"]))
        return announcement_context(row, self.request.user, clock.now()) | {"refusal": kwargs["form"]}


class ReplyView(AnswerView):
    """POST: the author answers an objection."""

    form_class = ReplyForm  # type: ignore[assignment] # another form on the same page

    def perform(self, form: Any, at: datetime) -> str:
        row = visible(self.request, int(self.kwargs["pk"]))
        objector = AnnouncementRecipient.objects.filter(announcement=row, pk=form.cleaned_data["recipient"]).first()
        if objector is None:
            raise NotVisible
        actor: Any = self.request.user
        reply_to_objection(actor=actor, recipient=objector, text=form.cleaned_data["text"], at=at)
        return reverse("announcements_detail", args=[row.pk])


def visible(request: HttpRequest, pk: int) -> Announcement:
    """The announcement of this number; raises `NotVisible`."""
    row = listed_announcements(request.user).select_related("plan", "superseded_by").filter(pk=pk).first()
    if row is None:
        raise NotVisible
    return row


def impact_context(impact: Impact) -> dict[str, Any]:
    """Whom it reaches, as rows."""
    return {
        "people": [
            Row(
                each.person.name, f"/people/{each.person.handle}", avatar=avatar(each.person),
                facts=[", ".join(impact.assets[one.asset_id].name for one in each.touched[:NAMED])],
                side=count_words(len(each.touched), "asset"),
            )
            for each in impact.people
        ],
        "names_first": len(impact.people) > NAMES_FIRST_ABOVE,
        "reach": _reach(impact),
        "tier_one": impact.tier_one,
        "nobody": [impact.assets[one.asset_id] for one in impact.nobody[:20]],
        "nobody_count": len(impact.nobody),
    }  # fmt: skip


def _reach(impact: Impact) -> str:
    people = count_words(len(impact.people), "person", "people")
    return f"{count_words(len(impact.touched), 'asset')} below, {people} in {count_words(len(impact.teams), 'team')}"


def announcement_context(row: Announcement, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything the page of one announcement prints."""
    told, nobody = told_of(row)
    mine = next((each for each in told if each.row.person_id == viewer.pk), None)
    counts = {state: sum(each.row.state == state for each in told) for state in STATES}
    return {
        "page_title": f"{row.asset.name}: {CHANGE_WORDS[row.change]}",
        "crumbs": CRUMBS,
        "nav_key": "assets",
        "row": row,
        "change": CHANGE_WORDS[row.change],
        "tally": tally(counts),
        "facts": _facts(row, viewer.zone, at),
        "mine": mine,
        "can_answer": mine is not None and mine.row.state != "superseded" and row.superseded_by_id is None,
        "can_reply": bool(policy.can_reply(viewer, row)),
        "objections": [each for each in told if each.row.objection],
        "silent": [_told_row(each, viewer.zone, at) for each in told if each.row.state == "pending"],
        "answered": [_told_row(each, viewer.zone, at) for each in told if each.row.state != "pending"],
        "is_over": row.ack_due_at <= at,
        "nobody": nobody,
    }


def _here(instant: datetime | None, zone: str) -> datetime | None:
    """What a person typed is their own wall time."""
    return instant.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if instant is not None else None


def _told_row(told: Told, zone: str, at: datetime) -> Row:
    row = told.row
    facts: list[Any] = [", ".join(asset.name for asset in told.assets[:NAMED])]
    if len(told.assets) > NAMED:
        facts.append(f"and {len(told.assets) - NAMED} more")
    if told.backups:
        facts.append(f"backup {', '.join(told.backups)}")
    if row.answered_at:
        facts.append(when(row.answered_at, zone, at))
    return Row(
        row.person.name, f"/people/{row.person.handle}", avatar=avatar(row.person), badges=[STATE_BADGES[row.state]],
        facts=facts,
    )  # fmt: skip


def _facts(row: Announcement, zone: str, at: datetime) -> list[Fact]:
    happens = when(row.happens_at, zone, at).text if row.happens_at else ""
    plan = row.plan.code if row.plan else ""
    wanted = [
        Fact("Told", f"{when(row.asked_at, zone, at).text} by {row.author.name}"),
        Fact("Happens", happens),
        Fact("Answers by", when(row.ack_due_at, zone, at).text),
        Fact("Part of", plan, url=f"/backfills/{plan}"),
    ]
    return [fact for fact in wanted if fact.value]


def _list_row(row: Any, zone: str, at: datetime) -> Row:
    """`row` carries the counts of `listed_announcements`."""
    counts = {state: getattr(row, state) for state in STATES}
    css = "text-bad" if counts["objected"] else "muted"
    facts: list[Any] = [CHANGE_WORDS[row.change], f"by {row.author.name}", when(row.asked_at, zone, at)]
    if row.superseded_by_id:
        facts.append("superseded")
    return Row(
        row.asset.name, f"/announcements/{row.pk}", icon="megaphone", facts=facts, side=tally(counts), side_css=css
    )


def _lines(rows: QuerySet[Announcement]) -> Iterator[tuple[Any, ...]]:
    for row in rows.iterator(chunk_size=1000):
        counts = tuple(getattr(row, state) for state in STATES)
        dates = (row.asked_at.isoformat(), row.ack_due_at.isoformat())
        yield (row.pk, row.asset.slug, row.change, row.author.handle, *dates, *counts)
