"""`/faq/new` and the parts that htmx asks for while somebody writes an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ownership.queries.assets import search_assets
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import teams_of
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.web.views import DomainFormMixin
from requests_queue.answer_forms import EntryForm
from requests_queue.answer_policies import findable_entries
from requests_queue.domain.sql_reading import read_sql
from requests_queue.policies import taking_teams, visible_to
from requests_queue.queries.answers import prefill_from, with_question
from requests_queue.queries.targets import assets_called
from requests_queue.services.answers import AnswerDraft, EntryDraft
from requests_queue.services.one_step import team_of_answer, twins_of, write_entry

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, QueryDict

    from ownership.models import Asset
    from requests_queue.answer_forms import VersionForm
    from requests_queue.models import DataRequest

HITS = 8
FROM = "request"


class NewAnswerView(DomainFormMixin):
    """A new answer, or one out of an answered request in one step."""

    page_title = "New answer"
    nav_key = "answers"
    crumbs = (("Answers", "/faq/"),)
    template_name = "requests_queue/answers/new.html"
    form_class = EntryForm

    def source(self) -> DataRequest | None:
        """The visible request of the address, else 404."""
        number = self.request.POST.get(FROM) or self.request.GET.get(FROM, "")
        found = visible_to(self.request.user).filter(number=number).first() if number else None
        if number and found is None:
            raise Http404
        return found

    def get_initial(self) -> dict[str, Any]:
        viewer: Any = self.request.user
        request = self.source()
        team = team_of_answer(request, teams_of(viewer, local_day(viewer, clock.now())))
        facts: dict[str, Any] = {"team": team.slug if team else "", "question": self.request.GET.get("question", "")}
        known = prefill_from(request, viewer) if request else None
        if known is not None:
            facts |= {"question": known.question, "body": known.body, "aliases": "\n".join(known.aliases)}
        return facts

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        data = form.cleaned_data
        draft = EntryDraft(
            data["question"], taking_teams().get(slug=data["team"]), tier=int(data["tier"]),
            visibility=data["visibility"], tags=data["tags"].split(","), aliases=data["aliases"].splitlines(),
            created_from=self.source(),
        )  # fmt: skip
        answer = version_of(form, self.request.POST, viewer)
        made = write_entry(actor=viewer, draft=draft, answer=answer, is_checked=data["is_checked"], at=at)
        messages.success(self.request, "The answer is there. The next person finds it while typing.")
        return made.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        request = self.source()
        known = prefill_from(request, viewer) if request else None
        chosen = known_assets(self.request.POST.getlist("assets"), viewer) or list(known.assets if known else ())
        context = super().get_context_data(**kwargs)
        words = self.request.POST.get("asset_words", "")
        return context | {"source": request, "chosen": chosen, "hits": hits_for(words, chosen, viewer)}


@require_GET
def asset_hits(request: HttpRequest) -> HttpResponse:
    """Assets whose name fits, as boxes to tick; ticked ones stay."""
    chosen = known_assets(request.GET.getlist("assets"), request.user)
    facts = {"chosen": chosen, "hits": hits_for(request.GET.get("asset_words", ""), chosen, request.user)}
    return render(request, "requests_queue/answers/asset_hits.html", facts)


@require_GET
def alike(request: HttpRequest) -> HttpResponse:
    """Answers that probably say this already, shown before a second one is written."""
    at = clock.now()
    visible = findable_entries(request.user, at)
    question = request.GET.get("question", "")
    ids = twins_of(question, visible) if question.strip() else []
    found: Any = with_question(visible).in_bulk(ids)
    twins = [found[pk] for pk in ids if pk in found]
    return render(request, "requests_queue/answers/alike.html", {"twins": twins})


def version_of(form: VersionForm, given: QueryDict, viewer: Any) -> AnswerDraft:
    """The version a form holds; raises `DomainError` naming the field."""
    data = form.cleaned_data
    assets = assets_called(given.getlist("assets"), viewer)
    words = data["asset_words"].strip()
    if words and not assets:
        assets = _typed(words, viewer)
    said = read_sql(data["sql"], data["dialect"]).tables if data["acknowledge"] else ()
    return AnswerDraft(
        data["body"], data["sql"], data["dialect"], form.parameter_rows(), data["limits"], assets, said
    )  # fmt: skip


def known_assets(slugs: list[str], viewer: Any) -> list[Asset]:
    """The visible assets of these slugs; none when one of them is unknown."""
    try:
        return assets_called(slugs[:50], viewer)
    except DomainError:
        return []


def hits_for(words: str, chosen: list[Asset], viewer: Any) -> list[Asset]:
    """Assets whose name fits and that are not chosen yet."""
    taken = {asset.pk for asset in chosen}
    return [asset for asset in search_assets(words, viewer, HITS) if asset.pk not in taken] if words.strip() else []


def _typed(words: str, viewer: Any) -> list[Asset]:
    """Without a script a name that was only typed counts if it is exactly one."""
    hits = search_assets(words, viewer, HITS)
    found = [asset for asset in hits if words.casefold() in {asset.slug, asset.name.casefold()}]
    if len(found) != 1:
        raise DomainError("requests.unknown_asset", "Tick the asset you mean, or empty this field.", "asset_words")
    return found
