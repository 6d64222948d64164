"""`/oncall/edits/`: changes of a rota that wait for the people whose shifts they move soon."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse
from django.views.decorators.http import require_GET

from oncall.domain.consent import ANSWER_WORDS, STATE_WORDS, Answer, EditKind, EditState, moved_of
from oncall.filters.edits import EditFilter
from oncall.forms.edits import EditAnswerForm
from oncall.policies import can_manage_rota
from oncall.queries.edits import consent_of, listed_edits
from oncall.queries.shifts import names_of
from oncall.services.consents import answer_edit, overrule_edit, withdraw_edit
from oncall.services.shift_news import rota_url, shift_line
from oncall.web.filtering import filtered
from oncall.web.rotas import ONCALL
from oncall.web.shift_lists import FilteredList
from oncall.web.timeline import Face
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import Badge, Empty, Link, Row, avatar, count_words, when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from oncall.models import EditConsent, RotaEdit

TITLES = {
    EditKind.RULES: "New rules",
    EditKind.OVERRIDE: "A shift for somebody else",
    EditKind.PERIOD: "A special period",
}
STATE_CSS = {EditState.WAITING: "warn", EditState.APPLIED: "ok", EditState.DECLINED: "bad"}
ANSWER_CSS = {Answer.YES: "ok", Answer.NO: "bad", Answer.NONE: "warn"}
HEADER = (
    "edit",
    "rota",
    "kind",
    "state",
    "asked_by",
    "asked_at",
    "begins_at",
    "moved",
    "person",
    "answer",
    "answered_at",
)


class EditsView(FilteredList):
    """One line an edit, the newest first."""

    page_title = "Changes that wait for a yes"
    filter_class = EditFilter
    order = ("-asked_at",)
    export = "oncall_edits_export"
    lead = "Whoever loses or gets a shift within the notice period is asked; nothing moves before they agree."
    empty = Empty(
        "No change matches", "New rules and overrides that move shifts soon appear here.", "repeat",
        Link("Who is on call", "/oncall/"),
    )  # fmt: skip

    def listed(self) -> Any:
        return listed_edits(self.request.user)

    def line(self, row: RotaEdit, zone: str, at: datetime) -> Row:
        asker = row.asked_by
        state = EditState(row.state)
        silent = [each.person.name for each in row.consents.all() if each.answer == Answer.NONE]
        facts = [asker.name if asker else "The portal", count_words(row.moved_count, "stretch moves", "stretches move"),
                 f"from {when(row.begins_at, zone, at).text}"]  # fmt: skip
        return Row(
            f"{row.rota.name}: {TITLES[EditKind(row.kind)].lower()}", reverse("oncall_edit", args=[row.pk]),
            icon="repeat", badges=[Badge(STATE_WORDS[state], STATE_CSS.get(state, "gray"))],
            facts=[*facts, *([f"not answered: {', '.join(silent)}"] if silent and state == EditState.WAITING else [])],
        )  # fmt: skip


@require_GET
def export_edits(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV, a line a person asked."""
    rows = filtered(EditFilter, listed_edits(request.user), request).qs.order_by("asked_at", "pk")
    lines = [
        (row.pk, row.rota.slug, row.kind, row.state, row.asked_by.handle if row.asked_by else "",
         row.asked_at.isoformat(), row.begins_at.isoformat(), row.moved_count, each.person.handle, each.answer,
         each.answered_at.isoformat() if each.answered_at else "")
        for row in rows for each in row.consents.all()
    ]  # fmt: skip
    return csv_response("edits", HEADER, lines, count=len(lines))


class EditView(DomainFormMixin):
    """`/oncall/edits/<pk>`: what would move, who has answered, and one's own yes or no."""

    nav_key = "oncall"
    template_name = "oncall/edit_asked.html"
    form_class = EditAnswerForm

    @cached_property
    def edit(self) -> RotaEdit:
        found = listed_edits(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    @cached_property
    def mine(self) -> EditConsent | None:
        return consent_of(self.edit, self.request.user)

    def get_initial(self) -> dict[str, Any]:
        return {"diff_sha256": self.mine.diff_sha256 if self.mine is not None else ""}

    def perform(self, form: Any, at: datetime) -> str:
        given, actor, edit = form.cleaned_data, self.request.user, self.edit
        acts: dict[str, Callable[[], RotaEdit]] = {
            "accept": lambda: self._answer(given, at, is_yes=True),
            "decline": lambda: self._answer(given, at, is_yes=False),
            "overrule": lambda: overrule_edit(actor=actor, edit=edit, told_reason=given["told_reason"], at=at),
            "withdraw": lambda: withdraw_edit(actor=actor, edit=edit, at=at),
        }
        done = acts[given["act"]]()
        messages.success(self.request, f"Noted: {STATE_WORDS[EditState(done.state)]}.")
        return reverse("oncall_edit", args=[edit.pk])

    def _answer(self, given: dict[str, Any], at: datetime, *, is_yes: bool) -> RotaEdit:
        viewer: Any = self.request.user
        return answer_edit(actor=viewer, edit=self.edit, is_yes=is_yes, diff_sha256=given["diff_sha256"],
                           words=given["words"], at=at)  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        edit, mine, at, viewer = self.edit, self.mine, clock.now(), self.request.user
        state, zone = EditState(edit.state), edit.rota.zone
        is_open = state == EditState.WAITING and edit.begins_at > at
        may_manage = can_manage_rota(viewer, edit.rota.team, at).allowed
        asker = edit.asked_by.name if edit.asked_by is not None else "The portal"
        names = names_of(handle for line in edit.lines for handle in (line["before"], line["after"]))
        return super().get_context_data(**kwargs) | {
            "page_title": TITLES[EditKind(edit.kind)], "edit": edit,
            "crumbs": (*ONCALL, (edit.rota.name, rota_url(edit.rota))),
            "lead": f"{asker} asks. It would hold from {when(edit.begins_at, zone, at).text}, {zone}.",
            "state": Badge(STATE_WORDS[state], STATE_CSS.get(state, "gray")),
            "mine": [_line(line, zone, at, names, mine.person.handle) for line in mine.lines] if mine else [],
            "rows": [_line(line, zone, at, names) for line in edit.lines],
            "later": edit.moved_count - len(edit.lines),
            "answers": [_answered(row, zone, at) for row in edit.consents.all()],
            "may_answer": is_open and mine is not None and mine.answer in (Answer.NONE, Answer.NO),
            "may_overrule": may_manage and edit.begins_at > at and state in (EditState.WAITING, EditState.DECLINED),
            "may_withdraw": is_open and (may_manage or edit.asked_by == viewer),
        }  # fmt: skip


def _line(line: dict[str, Any], zone: str, at: datetime, names: Mapping[str, str], own: str = "") -> Row:
    """A stretch that moves: for oneself as lost or got, for all with both names."""
    row = moved_of(line)
    span = shift_line(row.role, row.start, row.end, zone, at)
    before, after = (names.get(handle, handle) or "nobody" for handle in (row.before, row.after))
    title = f"{before} to {after}"
    if own:
        title = f"You no longer have it; {after} does" if row.before == own else "You would have it"
    return Row(title, "", icon="repeat", facts=[span])


def _answered(row: EditConsent, zone: str, at: datetime) -> Row:
    answer = Answer(row.answer)
    said = [when(row.answered_at, zone, at).text] if row.answered_at is not None else []
    return Row(
        row.person.name, "", avatar=avatar(Face(row.person_id, row.person.name)),
        badges=[Badge(ANSWER_WORDS[answer], ANSWER_CSS.get(answer, "gray"))],
        facts=[*said, *([row.words] if row.words else [])],
    )  # fmt: skip
