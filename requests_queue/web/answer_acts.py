"""The acts on an answer: check, new version, edit, wordings, merge, put away, and what readers say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404

from portal.accounts.services.follows import follow, unfollow
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.web.views import DomainFormMixin
from portal.engine.domain.subjects import subject_of
from requests_queue.answer_forms import EditForm, LineForm, VersionForm
from requests_queue.models import FaqPhrase
from requests_queue.queries.answers import mergeable_into, newest_version
from requests_queue.queries.targets import person_called
from requests_queue.services.answer_merging import merge_entries
from requests_queue.services.answers import EntryChange, edit_entry, publish_answer, restore_entry, retire_entry
from requests_queue.services.asks import help_noted
from requests_queue.services.checking import report_wrong, verify_answer
from requests_queue.services.wordings import add_alias, remove_alias
from requests_queue.web.answer_pages import find
from requests_queue.web.answer_shown import answer_context
from requests_queue.web.answer_writing import version_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest

    from requests_queue.models import FaqAnswer

Given = dict[str, Any]
NOT_ASKED = ("helped", "not-quite")


def _version(entry: Any, number: str) -> FaqAnswer:
    found = next((answer for answer in entry.answers.all() if str(answer.n) == number), None) or newest_version(entry)
    if found is None:
        raise DomainError("faq.no_answer", "There is no answer to check yet.", "text")
    return found


def _verify(request: HttpRequest, entry: Any, _data: Given, at: datetime) -> None:
    verify_answer(actor=request.user, answer=_version(entry, request.POST.get("answer", "")), at=at)
    messages.success(request, "Checked. It holds as things stand now.")


def _alias(request: HttpRequest, entry: Any, data: Given, at: datetime) -> None:
    add_alias(actor=request.user, entry=entry, text=data["text"], at=at)


def _unalias(request: HttpRequest, entry: Any, _data: Given, at: datetime) -> None:
    phrase = FaqPhrase.objects.filter(entry=entry, pk=_number(request.POST.get("phrase", ""))).first()
    if phrase is None:
        raise Http404
    gone = remove_alias(actor=request.user, entry=entry, phrase=phrase, at=at)
    messages.success(request, f"Forgotten: “{gone}”. Add it again to take this back.")


def _merge(request: HttpRequest, entry: Any, data: Given, at: datetime) -> None:
    survivor = mergeable_into(entry, request.user, at).filter(slug=data["text"].strip().rsplit("/", 1)[-1]).first()
    if survivor is None:
        raise DomainError("faq.merge_refused", "There is no such answer with the same readers.", "text")
    merge_entries(actor=request.user, survivor=survivor, merged=entry, at=at)
    messages.success(request, "Merged. Every wording now finds this answer.")


def _retire(request: HttpRequest, entry: Any, data: Given, at: datetime) -> None:
    retire_entry(actor=request.user, entry=entry, reason=data["text"], at=at)


def _restore(request: HttpRequest, entry: Any, _data: Given, at: datetime) -> None:
    restore_entry(actor=request.user, entry=entry, at=at)


def _report(request: HttpRequest, entry: Any, data: Given, at: datetime) -> None:
    if not data["text"].strip():
        raise DomainError("faq.no_reason", "Say what is wrong with it.", "text")
    report_wrong(actor=request.user, answer=_version(entry, ""), text=data["text"], at=at)
    messages.success(request, "Marked as stale. Its owner is told.")


def _helped(request: HttpRequest, entry: Any, _data: Given, at: datetime) -> None:
    help_noted(actor=request.user, entry=entry, helped=True, at=at)
    messages.success(request, "Good to know, thank you.")


def _not_quite(request: HttpRequest, entry: Any, _data: Given, at: datetime) -> None:
    help_noted(actor=request.user, entry=entry, helped=False, at=at)
    messages.success(request, "Noted. Ask below what is missing.")


def _follow(request: HttpRequest, entry: Any, _data: Given, at: datetime) -> None:
    follow(actor=_reader(request), subject=subject_of(entry), at=at)
    messages.success(request, "You hear of it when this answer changes.")


def _unfollow(request: HttpRequest, entry: Any, _data: Given, at: datetime) -> None:
    unfollow(actor=_reader(request), subject=subject_of(entry), at=at)
    messages.success(request, "You no longer hear of this answer.")


def _reader(request: HttpRequest) -> Any:
    return request.user


ACTS: dict[str, Callable[[HttpRequest, Any, Given, Any], None]] = {
    "verify": _verify, "alias": _alias, "unalias": _unalias, "merge": _merge, "retire": _retire, "restore": _restore,
    "report": _report, "helped": _helped, "not-quite": _not_quite, "follow": _follow, "unfollow": _unfollow,
}  # fmt: skip


class _OnAnswer(DomainFormMixin):
    """A form of the page of an answer; a refusal is shown there with what was typed."""

    nav_key = "answers"
    template_name = "requests_queue/answers/detail.html"
    http_method_names = ("post",)

    def entry(self, at: datetime) -> Any:
        return find(self.request, str(self.kwargs["slug"]), at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at = clock.now()
        context = super().get_context_data(**kwargs)
        shown = answer_context(self.entry(at), self.request.user, at)
        return context | shown | {"refused": kwargs["form"], "verb": self.kwargs.get("verb", "")}


class AnswerActView(_OnAnswer):
    """`/faq/<slug>/do/<verb>`."""

    form_class = LineForm

    def perform(self, form: Any, at: datetime) -> str:
        verb = str(self.kwargs["verb"])
        entry = self.entry(at)
        if verb not in ACTS:
            raise Http404
        ACTS[verb](self.request, entry, form.cleaned_data, at)
        return "/faq/review/" if self.request.POST.get("next") == "review" else entry.get_absolute_url()


class NewVersionView(DomainFormMixin):
    """`/faq/<slug>/version`: the next version; the checked one stays shown until it is checked too."""

    page_title = "New version"
    nav_key = "answers"
    template_name = "requests_queue/answers/version.html"
    form_class = VersionForm

    def get_initial(self) -> dict[str, Any]:
        last = newest_version(find(self.request, str(self.kwargs["slug"]), clock.now()))
        if last is None:
            return {}
        lines = [" | ".join(row.values()) for row in last.parameters]
        return {
            "body": last.body, "sql": last.sql, "dialect": last.dialect, "limits": last.limits,
            "parameters": "\n".join(lines), "acknowledge": bool(last.unresolved),
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        entry = find(self.request, str(self.kwargs["slug"]), at)
        made = publish_answer(
            actor=self.request.user, entry=entry, answer=version_of(form, self.request.POST, self.request.user), at=at
        )
        if form.cleaned_data["is_checked"]:
            verify_answer(actor=self.request.user, answer=made, at=at)
        return str(entry.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entry = find(self.request, str(self.kwargs["slug"]), clock.now())
        last = newest_version(entry)
        linked = [rest.asset for rest in last.dependencies.filter(via="link").select_related("asset")] if last else []
        crumbs = (("Answers", "/faq/"), (entry.question or "Draft", entry.get_absolute_url()))
        return super().get_context_data(**kwargs) | {"entry": entry, "chosen": linked, "hits": [], "crumbs": crumbs}


class EditAnswerView(DomainFormMixin):
    """`/faq/<slug>/edit`: the question, its readers, its owner."""

    page_title = "Edit the answer"
    nav_key = "answers"
    template_name = "requests_queue/answers/edit.html"
    form_class = EditForm

    def get_initial(self) -> dict[str, Any]:
        entry = find(self.request, str(self.kwargs["slug"]), clock.now())
        return {
            "question": entry.question, "tier": str(entry.tier), "visibility": entry.visibility,
            "tags": ", ".join(entry.tags), "owner": entry.owner.handle if entry.owner else "",
            "verifier": entry.verifier.handle if entry.verifier else "",
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        entry = find(self.request, str(self.kwargs["slug"]), at)
        data = form.cleaned_data
        change = EntryChange(
            data["question"], int(data["tier"]), data["visibility"], data["tags"].split(","),
            _person(data["owner"], entry.owner, "owner"), _person(data["verifier"], entry.verifier, "verifier"),
        )  # fmt: skip
        edit_entry(actor=self.request.user, entry=entry, change=change, at=at)
        return str(entry.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entry = find(self.request, str(self.kwargs["slug"]), clock.now())
        crumbs = (("Answers", "/faq/"), (entry.question or "Draft", entry.get_absolute_url()))
        return super().get_context_data(**kwargs) | {"entry": entry, "crumbs": crumbs}


def _person(handle: str, standing: Any, field: str) -> Any:
    """Somebody else than now, or None where nothing changes."""
    named = handle.strip().lstrip("@")
    return None if not named or (standing and standing.handle == named) else person_called(named, field)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0  # noqa: PLR2004 (digits of a bigint)
