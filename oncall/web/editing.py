"""Making a rota and changing its rules, with the diff before anything moves."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.urls import reverse

from oncall.forms.changes import RestoreForm, RotaForm, RulesForm
from oncall.queries.facts import newest_version
from oncall.queries.shifts import names_of
from oncall.services.consents import ask_rota_version
from oncall.services.restoring import former_rules, preview_restored_version, restore_rota_version
from oncall.services.rotas import (
    Applying,
    NewRota,
    create_rota,
    preview_rota_version,
    publish_rota_version,
    rules_of_version,
    warnings_of,
)
from oncall.web.managed import ManagedRotaForm
from oncall.web.rotas import ONCALL
from oncall.web.typed_rules import rules_from, typed_from
from portal.accounts.models import Team
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.web.presentation import Link, Row, when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from oncall.domain.diff import Diff
    from oncall.models import Rota
    from oncall.services.rotas import RulesDraft

MOST_LINES, MOST_VERSIONS = 60, 20


class NewRotaView(DomainFormMixin):
    """`/oncall/rotas/new`."""

    page_title = "New rota"
    nav_key = "oncall"
    crumbs = ONCALL
    template_name = "oncall/shift_form.html"
    form_class = RotaForm
    extra_context = {"verb": "Make the rota", "lead": "A year is planned at once; a special rhythm comes by the API."}

    def perform(self, form: Any, at: datetime) -> str:
        given, actor = form.cleaned_data, self.request.user
        team = Team.objects.filter(slug=given["team"], archived_at=None).first()
        if team is None:
            raise DomainError("oncall.unknown_team", "There is no such team.", "team")
        new = NewRota(team, given["slug"], given["name"], given["kind"], given["zone"])
        rules = rules_from(given, given["zone"], at)
        rota = create_rota(actor=actor, rota=new, rules=rules, at=at)
        messages.success(self.request, "Planned for the coming year.")
        for warning in warnings_of(rules):
            messages.warning(self.request, warning)
        return reverse("oncall_rota", args=[rota.slug])


class EditRotaView(ManagedRotaForm):
    """`/oncall/rotas/<slug>/edit`: the first POST shows the diff, the second with its mark publishes."""

    page_title = "Edit the rules"
    nav_key = "oncall"
    template_name = "oncall/edit.html"
    form_class = RulesForm

    def get_initial(self) -> dict[str, Any]:
        return typed_from(self.former) if self.former is not None else {}

    @cached_property
    def former(self) -> RulesDraft | None:
        version = newest_version(self.rota)
        return rules_of_version(version) if version is not None else None

    def form_valid(self, form: Any) -> HttpResponse:
        if form.cleaned_data["diff_sha256"]:
            return super().form_valid(form)
        at = clock.now()
        try:
            rules = rules_from(form.cleaned_data, self.rota.zone, at, self.former)
            diff = preview_rota_version(actor=self.request.user, rota=self.rota, rules=rules, at=at)
        except DomainError as error:
            return self.refuse(form, error)
        form.data = form.data.copy() | {"diff_sha256": diff.sha256}
        return self.render_to_response(
            self.get_context_data(form=form, diff=diff, asked=asked_names(diff), rows=moved_rows(diff, self.rota, at))
        )

    def perform(self, form: Any, at: datetime) -> str:
        given, actor = form.cleaned_data, self.request.user
        rules = rules_from(given, self.rota.zone, at, self.former)
        if self.request.POST.get("act") == "ask":
            return ask_them(self.request, self.rota, rules, given, at)
        applying = Applying(given["diff_sha256"], told_reason=given["told_reason"])
        publish_rota_version(actor=actor, rota=self.rota, rules=rules, applying=applying, at=at)
        messages.success(self.request, "Published. Everybody concerned is told.")
        return reverse("oncall_rota", args=[self.rota.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("oncall_rota", args=[self.rota.slug])
        crumbs = (*ONCALL, (self.rota.name, back))
        versions = _versions(self.rota, clock.now())
        return super().get_context_data(**kwargs) | {
            "crumbs": crumbs, "back": back, "rota": self.rota, "versions": versions if len(versions) > 1 else [],
        }  # fmt: skip


class RestoreRotaView(ManagedRotaForm):
    """`/oncall/rotas/<slug>/versions/<n>/restore`: what former rules would move, then publishes them again."""

    nav_key = "oncall"
    template_name = "oncall/edit.html"
    form_class = RestoreForm

    @cached_property
    def diff(self) -> Diff:
        number = int(self.kwargs["number"])
        if not self.rota.versions.filter(number=number).exists():
            raise Http404
        return preview_restored_version(actor=self.request.user, rota=self.rota, number=number, at=clock.now())

    def get_initial(self) -> dict[str, Any]:
        return {"diff_sha256": self.diff.sha256}

    def perform(self, form: Any, at: datetime) -> str:
        given, actor, number = form.cleaned_data, self.request.user, int(self.kwargs["number"])
        if self.request.POST.get("act") == "ask":
            rules = former_rules(self.rota, number, at)
            return ask_them(self.request, self.rota, rules, given, at)
        applying = Applying(given["diff_sha256"], told_reason=given["told_reason"])
        restore_rota_version(actor=actor, rota=self.rota, number=number, applying=applying, at=at)
        messages.success(self.request, f"The rules of version {number} are in force again. Everybody is told.")
        return reverse("oncall_rota", args=[self.rota.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("oncall_rota_edit", args=[self.rota.slug])
        return super().get_context_data(**kwargs) | {
            "page_title": f"Bring back version {self.kwargs['number']}", "back": back, "rota": self.rota,
            "crumbs": (*ONCALL, (self.rota.name, reverse("oncall_rota", args=[self.rota.slug]))),
            "diff": self.diff, "asked": asked_names(self.diff),
            "rows": moved_rows(self.diff, self.rota, clock.now()),
        }  # fmt: skip


def ask_them(request: HttpRequest, rota: Rota, rules: RulesDraft, given: dict[str, Any], at: datetime) -> str:
    """Everybody whose shift moves soon is asked; the address of the question."""
    mark, reason = given["diff_sha256"], given["told_reason"]
    edit = ask_rota_version(actor=request.user, rota=rota, rules=rules, reason=reason, diff_sha256=mark, at=at)
    messages.success(request, "They are asked. Nothing moves before all have agreed.")
    return reverse("oncall_edit", args=[edit.pk])


def _versions(rota: Rota, at: datetime) -> list[Row]:
    """The last rules, the newest first; those of before with the button that brings them back."""
    versions = list(rota.versions.order_by("-number")[:MOST_VERSIONS])
    return [
        Row(
            f"Version {row.number}", "", icon="history", number="in force" if row is versions[0] else "",
            facts=[f"made {when(row.created_at, rota.zone, at).text}", *([row.reason] if row.reason else [])],
            action=None if row is versions[0] else Link(
                "Bring back", reverse("oncall_rota_restore", args=[rota.slug, row.number])
            ),
        )
        for row in versions
    ]  # fmt: skip


def asked_names(diff: Diff) -> list[str]:
    """Whose yes is asked for, by name."""
    return sorted(names_of(diff.consent).values())


def moved_rows(diff: Diff, rota: Rota, at: datetime) -> list[Row]:
    """What a diff moves, a line a stretch, the first sixty."""
    names = names_of(diff.people)
    rows = [
        Row(
            f"{names.get(row.before, 'nobody')} to {names.get(row.after, 'nobody')}", "", icon="repeat",
            facts=[row.role, f"{when(row.start, rota.zone, at).text} to {when(row.end, rota.zone, at).text}"],
        )
        for row in diff.moved[:MOST_LINES]
    ]  # fmt: skip
    more = len(diff.moved) - MOST_LINES
    return [*rows, Row(f"and {more} more", "")] if more > 0 else rows
