"""`/runbooks/`: what to do when it breaks, written before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.views.decorators.http import require_GET

from oncall.domain.failure_kinds import KIND_WORDS, FailureKind
from oncall.domain.runbook_text import from_text, to_text
from oncall.domain.runbooks import STALE_DAYS, read_issues, to_json
from oncall.filters.keeping import RunbookFilter
from oncall.forms.tickets import OfAssetForm, ReasonForm, RunbookForm, UseForm
from oncall.models import Runbook
from oncall.policies import can_work_in, is_reader
from oncall.queries.named import asset_called
from oncall.queries.runbooks import listed_runbooks, uses_of
from oncall.services.runbooks import Used, archive_runbook, draft_runbook, publish_runbook, record_use
from ownership.queries.parties import owning_team
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Link, Row, when
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse

HEADER = ("slug", "title", "asset", "team", "published_version", "known_failures", "flagged_at")
FORMS = {"draft": RunbookForm, "publish": ReasonForm, "archive": ReasonForm, "use": UseForm}


def find(request: HttpRequest, slug: str) -> Runbook:
    """The runbook of this slug, else 404."""
    rows = Runbook.objects.select_related("asset", "team")
    found = rows.filter(slug=slug).first() if is_reader(request.user) else None
    if found is None:
        raise Http404
    return found


def filtered(request: HttpRequest) -> tuple[RunbookFilter, QuerySet[Runbook]]:
    """The filter of the address and its rows; a value that fits no filter is refused."""
    chosen: Any = RunbookFilter(request.GET, queryset=listed_runbooks(), request=request)
    ensure_valid(chosen)
    return chosen, chosen.qs


@require_GET
def export_runbooks(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV."""
    _, rows = filtered(request)
    ordered = rows.order_by("title", "pk")
    return csv_response("runbooks", HEADER, (_line(book) for book in ordered), count=ordered.count())


class RunbookListView(PageView):
    """`/runbooks/`."""

    page_title = "Runbooks"
    nav_key = "runbooks"
    template_name = "oncall/runbooks.html"

    def context(self, at: datetime) -> dict[str, Any]:
        chosen, rows = filtered(self.request)
        page = keyset(rows, order=("title",), cursor=self.request.GET.get("cursor", ""))
        following, books = self.request.GET.copy(), page.rows
        following["cursor"] = page.next_cursor
        newest = {
            use.version_id: use.at for use in reversed(uses_of([v.pk for book in books for v in _versions(book)]))
        }
        viewer: Any = self.request.user
        return {
            "form": chosen.form, "query": self.request.GET.urlencode(),
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "rows": [_row(book, newest, viewer.zone, at) for book in books],
            "empty": Empty("No runbook yet", "Begin with the template of a failure you know.", "book-open-check",
                           Link("Write one", "/runbooks/new")),
        }  # fmt: skip


class NewRunbookView(DomainFormMixin):
    """`/runbooks/new?asset=`: begins with the templates."""

    page_title = "A new runbook"
    nav_key = "runbooks"
    crumbs = (("Runbooks", "/runbooks/"),)
    template_name = "oncall/form.html"
    form_class = OfAssetForm

    def get_initial(self) -> dict[str, Any]:
        return {"asset": self.request.GET.get("asset", "")}

    def perform(self, form: Any, at: datetime) -> str:
        asset = asset_called(form.cleaned_data["asset"], self.request.user)
        draft = draft_runbook(actor=self.request.user, asset=asset, team=None, at=at)
        messages.success(self.request, "It begins with the five templates. Make them yours, then publish.")
        return draft.runbook.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = "For one asset. It begins with a template for each kind of failure."
        return super().get_context_data(**kwargs) | {"lead": lead, "submit": "Begin"}


class RunbookView(PageView):
    """`/runbooks/<slug>`."""

    nav_key = "runbooks"
    template_name = "oncall/runbook.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return runbook_context(find(self.request, str(self.kwargs["slug"])), self.request.user, at)


class RunbookActView(DomainFormMixin):
    """`/runbooks/<slug>/do/<verb>`: draft, publish, archive, or tick a step of a rehearsal."""

    nav_key = "runbooks"
    template_name = "oncall/runbook.html"
    http_method_names = ("post",)

    def get_form_class(self) -> Any:
        if self.kwargs["verb"] not in FORMS:
            raise Http404
        return FORMS[self.kwargs["verb"]]

    def perform(self, form: Any, at: datetime) -> str:
        book, actor = find(self.request, str(self.kwargs["slug"])), self.request.user
        data = form.cleaned_data
        match self.kwargs["verb"]:
            case "draft":
                issues = to_json(from_text(data["text"]))
                draft_runbook(actor=actor, asset=book.asset, team=book.team, issues=issues, at=at)
            case "publish":
                publish_runbook(actor=actor, runbook=book, at=at)
            case "archive":
                archive_runbook(actor=actor, runbook=book, reason=data["reason"], at=at)
                return "/runbooks/"
            case _:
                _rehearse(actor, book, data, at)
        return book.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = find(self.request, str(self.kwargs["slug"]))
        context = super().get_context_data(**kwargs) | runbook_context(shown, self.request.user, clock.now())
        form = kwargs["form"]
        return context | {"refused": form} | ({"form": form} if isinstance(form, RunbookForm) else {})


def runbook_context(shown: Runbook, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything on the page of a runbook."""
    versions = list(shown.versions.order_by("-number"))
    live = next((row for row in versions if row.state == "published"), None)
    draft = next((row for row in versions if row.state == "draft"), None)
    team = shown.team or (owning_team([shown.asset_id], at)[shown.asset_id] if shown.asset_id else None)
    issues = read_issues(live.issues) if live is not None else ()
    uses = uses_of([live.pk]) if live is not None else []
    source = draft or live
    return {
        "shown": shown, "page_title": shown.title, "crumbs": (("Runbooks", "/runbooks/"), (shown.title, "")),
        "live": live, "draft": draft, "badges": _badges(shown, live, uses[0].at if uses else None, at),
        "issues": [
            (n, issue, list(enumerate(issue.steps)), KIND_WORDS[FailureKind(issue.failure_kind)])
            for n, issue in enumerate(issues)
        ],
        "uses": [_use_row(use, viewer.zone, at) for use in uses[:20]],
        "can_write": team is not None and bool(can_work_in(viewer, team, at)),
        "form": RunbookForm(initial={"text": to_text(read_issues(source.issues)) if source is not None else ""}),
    }  # fmt: skip


def _rehearse(actor: Any, book: Runbook, data: dict[str, Any], at: datetime) -> None:
    live = book.versions.filter(state="published").order_by("-number").first()
    if live is None:
        raise Http404
    record_use(actor=actor, version=live, used=Used(data["issue"], data["step"], data["outcome"]), at=at)


def _line(book: Runbook) -> tuple[Any, ...]:
    live = next(iter(_versions(book)), None)
    asset, team = book.asset.slug if book.asset else "", book.team.slug if book.team else ""
    issues = len(live.issues) if live is not None else 0
    return book.slug, book.title, asset, team, live.number if live else "", issues, book.flagged_at


def _versions(book: Runbook) -> list[Any]:
    found: list[Any] = getattr(book, "published", [])
    return found


def _row(book: Runbook, newest: dict[int, datetime], zone: str, at: datetime) -> Row:
    live = next(iter(_versions(book)), None)
    used = newest.get(live.pk) if live is not None else None
    of = book.asset.name if book.asset is not None else f"all of {book.team.name}" if book.team is not None else ""
    side = f"used {when(used, zone, at).text}" if used is not None else ""
    return Row(
        book.title, book.get_absolute_url(), icon="book-open-check", badges=_badges(book, live, used, at), facts=[of],
        side=side,
    )  # fmt: skip


def _badges(book: Runbook, live: Any, used: datetime | None, at: datetime) -> list[Badge]:
    if book.archived_at is not None:
        return [Badge("Archived", "gray")]
    if live is None:
        return [Badge("Draft", "warn")]
    found = [Badge(f"Version {live.number}", "ok")]
    if book.flagged_at is not None:
        found.append(Badge("A step failed three times", "bad"))
    if used is None:
        found.append(Badge("Never rehearsed", "warn"))
    elif (at - used).days > STALE_DAYS:
        found.append(Badge("Not used for half a year", "warn"))
    return found


def _use_row(use: Any, zone: str, at: datetime) -> Row:
    outcome = {"worked": "worked", "did_not": "did not help", "skipped": "was skipped"}[use.outcome]
    where = use.incident.number if use.incident is not None else "rehearsal"
    url = use.incident.get_absolute_url() if use.incident is not None else ""
    return Row(f"Step {use.step + 1} {outcome}", url, facts=[where, use.used_by.name], side=when(use.at, zone, at).text)
