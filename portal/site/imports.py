"""`/imports/`: upload, look at the difference, apply; what was not understood, and what came before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.urls import reverse

from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.importing.protocol import readers
from portal.core.limits import UPLOAD_BYTES
from portal.core.models import ImportRun
from portal.core.queries.imports import import_runs, issues_of
from portal.core.services.imports import FileToImport, apply_import, discard_import, plan_import
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Row, count_words, when
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

LINES = 40
ISSUES = 100
STATE_CSS = {"applied": "ok", "planned": "info", "failed": "bad", "applying": "warn"}
LEVEL_CSS = {"fatal": "bad", "error": "bad", "warning": "warn", "info": "gray"}
SIGN_ICONS = {"+": "plus", "~": "pencil", "-": "minus", "?": "user-round-x"}


class UploadForm(forms.Form):
    """One file and its format."""

    file = forms.FileField(label="File", help_text="For example target/manifest.json of a dbt project, plain or gzip.")
    source = forms.ChoiceField(label="Format")
    repo = forms.CharField(
        label="Repository",
        max_length=300,
        required=False,
        help_text="For CODEOWNERS and git log: whose files these are.",
    )
    repo_prefix = forms.CharField(
        label="Folder", max_length=300, required=False, help_text="Put before the paths of the file, such as dbt/."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["source"]
        field.choices = [(code, reader.importer.label) for code, reader in readers.items()]


class ApplyForm(forms.Form):
    """The button; a shrinking import needs a tick."""

    confirm_shrink = forms.BooleanField(label="Yes, let them go", required=False)


@dataclass(frozen=True)
class Numbers:
    """One line of the difference in numbers."""

    label: str
    text: str


def find_run(pk: int) -> ImportRun:
    """The run of this number; raises `NotVisible`."""
    run = import_runs().filter(pk=pk).first()
    if run is None:
        raise NotVisible
    return run


class ImportListView(DomainFormMixin):
    """The history, and the form that plans a file."""

    page_title = "Imports"
    nav_key = "imports"
    template_name = "imports/list.html"
    form_class = UploadForm

    def perform(self, form: Any, at: datetime) -> str:
        upload, code = form.cleaned_data["file"], form.cleaned_data["source"]
        options = {name: form.cleaned_data[name] for name in ("repo", "repo_prefix") if form.cleaned_data[name]}
        given = FileToImport(code, upload.file, upload.name, options, UPLOAD_BYTES)
        run = plan_import(actor=self.request.user, given=given, at=at)
        return reverse("imports_detail", args=[run.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at, viewer = clock.now(), self.request.user
        page = keyset(import_runs(), order=("-id",), cursor=self.request.GET.get("cursor", ""))
        return super().get_context_data(**kwargs) | {
            "rows": [run_row(run, getattr(viewer, "zone", "UTC"), at) for run in page.rows],
            "next_url": f"?cursor={page.next_cursor}" if page.next_cursor else "",
            "empty": Empty(
                "No file was imported yet", "The first one shows its difference before it changes anything.", "file-up"
            ),
        }


class ImportDetailView(PageView):
    """One run: the difference, the button with its numbers, the issues."""

    nav_key = "imports"
    template_name = "imports/run.html"

    def context(self, at: datetime) -> dict[str, Any]:
        run = find_run(int(self.kwargs["pk"]))
        return run_context(run, self.request, at)


class ImportApplyView(DomainFormMixin):
    """Apply a plan; a refusal is shown on its page."""

    nav_key = "imports"
    template_name = "imports/run.html"
    form_class = ApplyForm
    http_method_names = ("post",)

    def perform(self, form: Any, at: datetime) -> str:
        run = find_run(int(self.kwargs["pk"]))
        confirmed = form.cleaned_data["confirm_shrink"]
        run = apply_import(actor=self.request.user, run=run, confirm_shrink=confirmed, at=at)
        messages.success(self.request, f"Applied: {count_words(run.plan.get('changes', 0), 'change')}.")
        return reverse("imports_detail", args=[run.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = find_run(int(self.kwargs["pk"]))
        return run_context(run, self.request, clock.now()) | super().get_context_data(**kwargs)


class ImportDiscardView(ImportApplyView):
    """Drop a plan."""

    def perform(self, form: Any, at: datetime) -> str:
        del form
        discard_import(actor=self.request.user, run=find_run(int(self.kwargs["pk"])), at=at)
        return reverse("imports_list")


def run_row(run: ImportRun, zone: str, at: datetime) -> Row:
    """One line of the history."""
    return Row(
        title=run.file_name or f"Import {run.pk}",
        url=reverse("imports_detail", args=[run.pk]),
        icon="file-up",
        badges=[Badge(run.state, STATE_CSS.get(run.state, "gray"))],
        facts=[run.source.name if run.source else run.importer, run.actor.name if run.actor else "by command"],
        side=when(run.created_at, zone, at).text,
    )


def run_context(run: ImportRun, request: HttpRequest, at: datetime) -> dict[str, Any]:
    """Everything the page of one run shows."""
    reader = readers.get(run.importer)
    is_open = run.state == ImportRun.State.PLANNED
    lines = reader.room.sample(run, LINES) if reader and is_open and not run.plan.get("is_unchanged") else []
    return {
        "page_title": f"Import {run.pk}",
        "crumbs": (("Imports", reverse("imports_list")),),
        "run": run,
        "row": run_row(run, getattr(request.user, "zone", "UTC"), at),
        "is_open": is_open or run.state == ImportRun.State.APPLYING,
        "button": button_words(run),
        "numbers": numbers_of(run),
        "lines": [
            Row(
                line.title,
                line.url,
                icon=SIGN_ICONS.get(line.sign, "circle"),
                badges=[Badge(line.sort)],
                side=line.line,
            )
            for line in lines
        ],
        "issues": [
            Row(
                title=issue.message,
                url="",
                badges=[Badge(issue.level, LEVEL_CSS[issue.level]), Badge(issue.code, "line")],
                facts=[fact for fact in (issue.record, _place(issue), issue.sample) if fact],
            )
            for issue in issues_of(run)[:ISSUES]
        ],
        "issue_count": run.counts.get("issues", 0),
        "form": ApplyForm(),
    }


def button_words(run: ImportRun) -> str:
    """The numbers again, where they are decided: "Apply: 38 new, 6 changed, 4 without an owner"."""
    if run.state == ImportRun.State.APPLYING:
        return "Go on applying"
    plan = run.plan
    if plan.get("is_unchanged"):
        return "Apply: the same file as last time"
    if not plan:
        return "Apply"
    assets = plan["assets"]
    parts = [f"{assets['new']} new", f"{assets['changed']} changed"]
    parts += [f"{assets['missing']} missing"] if assets["missing"] else []
    parts += [f"{plan['owners']['without']} without an owner"] if plan["owners"]["without"] else []
    return f"Apply: {', '.join(parts)}"


def numbers_of(run: ImportRun) -> list[Numbers]:
    """The difference in numbers, a line a sort."""
    plan = run.plan
    if not plan or plan.get("is_unchanged"):
        return []
    assets, owners, identities = plan["assets"], plan["owners"], plan["identities"]
    return [
        Numbers(
            "Assets",
            f"{assets['new']:,} new, {assets['changed']:,} changed, {assets['missing']:,} missing, "
            f"{assets['same']:,} same",
        ),
        Numbers(
            "Edges",
            f"{plan['edges']['new']:,} new, {plan['edges']['closed']:,} closed, {plan['edges']['same']:,} as before",
        ),
        Numbers(
            "Owner claims",
            f"{plan['claims']['new']:,} new, {plan['claims']['closed']:,} closed, {plan['claims']['same']:,} as before",
        ),
        Numbers("Owners", f"{owners['starting']:,} start, {owners['without']:,} assets without one"),
        Numbers(
            "Names nobody is known by",
            f"{identities['unknown']} on {count_words(identities['claims'], 'claim')}"
            if identities["unknown"]
            else "none",
        ),
    ]


def _place(issue: Any) -> str:
    if issue.pointer:
        return str(issue.pointer)
    return f"line {issue.line}, column {issue.column}" if issue.line else ""
