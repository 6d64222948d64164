"""Answers while somebody asks: the panel of the request form, the desk's library, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from ownership.queries.assets import assets_by_slug
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.services.drafts import save_draft
from portal.core.web.views import SeeOther
from requests_queue.answer_policies import findable_entries
from requests_queue.answer_rows import helped_words, plain, truth_badge, truth_words
from requests_queue.domain.matching import is_long_enough, marked
from requests_queue.policies import visible_to
from requests_queue.queries.incidents import late_assets
from requests_queue.queries.suggest import LEXICAL, suggest
from requests_queue.services.asks import DRAFT, read_ask, record_event, sign_ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.http import HttpRequest

    from ownership.models import Asset
    from portal.core.web.presentation import Badge
    from requests_queue.models import DataRequest, FaqEntry
    from requests_queue.queries.suggest import Shown
    from requests_queue.services.asks import Ask

KEPT = ("title", "decision_served", "body", "wanted_by", "team", "kind", "asset_words")
MOST_KEPT = 100_000
UPPER_BAND = "upper"
CLOSE_BEHIND = 0.8
PRESSED = ("solved", "not_quite", "opened")


@dataclass(frozen=True)
class Offer:
    """An answer as the panel shows it; `parts` are its question with the words of the asker marked."""

    slug: str
    url: str
    parts: Sequence[tuple[str, bool]]
    excerpt: str
    badge: Badge
    facts: Sequence[str]
    is_best: bool
    warning: str


@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """The panel under the title; fewer than five words find nothing until the field is left."""
    viewer: Any = request.user
    slugs = request.GET.getlist("assets")[:50]
    complete = bool(request.GET.get("complete"))
    facts = panel_of(request.GET, slugs, viewer, clock.now(), complete=complete)
    return render(request, "requests_queue/answers/suggest.html", facts)


def panel_of(
    given: Mapping[str, Any], assets: Sequence[str | Asset], viewer: Any, at: datetime, *, complete: bool = False
) -> dict[str, Any]:
    """What the panel shows for what the form holds: answers, open requests to join, and the mark of the ask."""
    text = str(given.get("title", ""))
    if not text.strip() or not (complete or is_long_enough(text)):
        return dict.fromkeys(("likely", "related", "open"), ()) | {
            "band": "", "ask": "", "asked": "", "by_words": False
        }  # fmt: skip
    ids = tuple(_ids(assets, viewer))
    found = suggest(viewer=viewer, text=text, assets=ids, at=at)
    late = set(late_assets(ids, viewer)) if ids else set[str]()
    offers = [(one, _offer(one, found.text, found.band, viewer.zone, at, late)) for one in found.entries]
    likely = [offer for one, offer in offers if found.band == UPPER_BAND and _looks_right(one, found.entries[0])]
    return {
        "likely": likely,
        "related": [offer for _, offer in offers if offer not in likely],
        "open": found.requests,
        "band": found.band,
        "ask": sign_ask(found, viewer=viewer, assets=ids),
        "asked": found.text,
        "by_words": found.model == LEXICAL,
    }


@require_POST
def ask_event(request: HttpRequest) -> HttpResponse:
    """This answers it, not quite, or read for ten seconds: one button of the panel, without a script as well."""
    at = clock.now()
    viewer: Any = request.user
    pressed = next((kind for kind in PRESSED if request.POST.get(kind)), "")
    ask = read_ask(request.POST.get("ask", ""), viewer=viewer)
    entry = _entry(request.POST.get(pressed, ""), viewer, at)
    record_event(actor=viewer, ask=ask, kind=pressed, entry=entry, at=at)
    if getattr(request, "htmx", None) and pressed != "solved":
        return render(request, "requests_queue/answers/noted.html", {"kind": pressed})
    if pressed == "solved":
        messages.success(request, "Good. Nothing was sent, and your draft is closed.")
        return SeeOther(entry.get_absolute_url())
    return SeeOther("/requests/new")


@require_GET
def library(request: HttpRequest, number: str) -> HttpResponse:
    """For the desk: answers that fit a waiting request, each one press away from being its answer."""
    at = clock.now()
    viewer: Any = request.user
    shown = visible_to(viewer).filter(number=number).first()
    if shown is None:
        raise Http404
    if not getattr(request, "htmx", None):
        return SeeOther(f"/faq/?{urlencode({'q': shown.title})}")
    assets = list(shown.assets.values_list("asset_id", flat=True))
    found = suggest(viewer=viewer, text=f"{shown.title} {shown.body}"[:500], assets=assets, at=at)
    offers = [_offer(one, found.text, found.band, viewer.zone, at, set()) for one in found.entries]
    texts = [f"[{one.question}]({one.entry.get_absolute_url()})\n\n{_body(one)}" for one in found.entries]
    facts = {"shown": shown, "offers": list(zip(offers, texts, strict=True))}
    return render(request, "requests_queue/answers/library.html", facts)


def look_first(request: HttpRequest, title: str, assets: Sequence[Asset], at: datetime) -> str:
    """Without a script the suggestions come once, after Send, as a step: the sentence of that step, or "".

    What was typed is kept as the draft, since a press on an answer does not send it.
    """
    if request.POST.get("ask"):
        return ""
    viewer: Any = request.user
    if not suggest(viewer=viewer, text=title, assets=[asset.pk for asset in assets], at=at).entries:
        return ""
    body: dict[str, Any] = {name: request.POST[name][:MOST_KEPT] for name in KEPT if request.POST.get(name)}
    save_draft(actor=viewer, kind=DRAFT, body=body | {"assets": [asset.slug for asset in assets]}, at=at)
    return "Is it one of these? If none is, send again."


def note_filed(request: HttpRequest, made: DataRequest, at: datetime) -> None:
    """The form was sent although answers were shown: that is what the next fit learns from."""
    ask = _ask_of(request)
    if ask is not None and ask.entries:
        record_event(actor=request.user, ask=ask, kind="submitted_anyway", request=made, at=at)


def note_joined(request: HttpRequest, joined: DataRequest, at: datetime) -> None:
    """Somebody who was about to ask stands behind an open request instead; without a mark there is nothing to note."""
    ask = _ask_of(request)
    if ask is not None:
        record_event(actor=request.user, ask=ask, kind="joined", request=joined, at=at)


def _ask_of(request: HttpRequest) -> Ask | None:
    """The ask whose mark came with the form; None without one, and for one too old to count."""
    mark = request.POST.get("ask", "")
    if not mark:
        return None
    try:
        return read_ask(mark, viewer=request.user)
    except DomainError:
        return None


def _looks_right(one: Shown, best: Shown) -> bool:
    """Close behind the best one; a stale answer is never said to look right."""
    return not one.is_stale and one.score >= best.score * CLOSE_BEHIND


def _offer(one: Shown, text: str, band: str, zone: str, at: datetime, late: set[str]) -> Offer:
    words = plain(truth_words(one.entry.current, zone, at))
    warning = "Data late now" if late else ""
    return Offer(
        one.entry.slug, one.entry.get_absolute_url(), marked(one.question, text), one.excerpt,
        truth_badge(one.entry), [*words, *helped_words(one.entry.helped)],
        is_best=band == "upper" and one.rank == 1 and not one.is_stale, warning=warning,
    )  # fmt: skip


def _body(one: Shown) -> str:
    return one.entry.current.body if one.entry.current else ""


def _entry(slug: str, viewer: Any, at: datetime) -> FaqEntry:
    found = findable_entries(viewer, at).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _ids(assets: Sequence[str | Asset], viewer: Any) -> list[int]:
    slugs = [one for one in assets if isinstance(one, str)]
    known = assets_by_slug(slugs, viewer) if slugs else {}
    given = [known.get(one) if isinstance(one, str) else one for one in assets]
    return [asset.pk for asset in given if asset is not None]
