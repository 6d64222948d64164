"""`/patterns/`: who is expected for what; a domain gets another one after a look at the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from ownership.domain.patterns import CROSSING, DISCIPLINES, OK, pattern_kinds
from ownership.forms import AssignForm, CellForm, CopyForm, in_zone
from ownership.models import Domain, DomainPattern, Pattern
from ownership.queries.domains import domain_by_slug
from ownership.queries.suggested_rules import suggested_rules
from ownership.services.patterns import (
    CellDraft,
    assign_pattern,
    cell_of,
    copy_pattern,
    edit_rule,
    preview_pattern,
)
from portal.core import clock
from portal.core.errors import DomainError, NotVisible
from portal.core.web.presentation import Empty, Link, Row, count_words, day_words
from portal.core.web.shell import Shell
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

CRUMBS = (("Patterns", "/patterns/"),)


class PatternListView(PageView):
    """Every pattern, and which domain has which."""

    page_title = "Patterns"
    nav_key = "patterns"
    template_name = "ownership/boundaries/patterns.html"

    def context(self, at: datetime) -> dict[str, Any]:
        assigned = {
            row.domain_id: row.pattern.name
            for row in DomainPattern.objects.filter(valid__contains=at).select_related("pattern")
        }
        return {
            "rows": [
                Row(pattern.name, reverse("patterns_detail", args=[pattern.slug]), icon="split", facts=[pattern.note])
                for pattern in Pattern.objects.order_by("-is_built_in", "name")
            ],
            "domains": [
                Row(
                    domain.name, reverse("patterns_domain", args=[domain.slug]), icon="folder-tree",
                    side=assigned.get(domain.pk, "as above it"),
                )
                for domain in Domain.objects.order_by("name")
            ],
            "empty": Empty("No domains yet", "Without one every asset follows SE / DE / Analyst.", "folder-tree"),
        }  # fmt: skip


def find_pattern(slug: str) -> Pattern:
    """The pattern of this address; raises `NotVisible`."""
    pattern = Pattern.objects.filter(slug=slug).first()
    if pattern is None:
        raise NotVisible
    return pattern


class PatternView(DomainFormMixin):
    """The crossing table of one pattern; one's own may be edited cell by cell, any may be copied."""

    nav_key = "patterns"
    crumbs = CRUMBS
    template_name = "ownership/boundaries/pattern.html"
    form_class = CopyForm

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        source = find_pattern(str(self.kwargs["slug"]))
        made = copy_pattern(actor=actor, source=source, name=form.cleaned_data["name"], at=at)
        return reverse("patterns_detail", args=[made.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pattern = find_pattern(str(self.kwargs["slug"]))
        more = {"cell_form": CellForm(initial=self._asked()), "suggestions": _suggestions(pattern)}
        return super().get_context_data(**kwargs) | self._table(pattern) | more

    def _asked(self) -> dict[str, str]:
        """The cell that a suggestion leads to, as it would be."""
        asked = {name: self.request.GET.get(name, "")[:40] for name in ("discipline", "kind")}
        return asked | {"verdict": OK} if asked["kind"] else {}

    def _table(self, pattern: Pattern) -> dict[str, Any]:
        cells = {(rule.kind, rule.discipline): rule for rule in pattern.rules.all()}
        expected = {row.kind: row for row in pattern.rows.all()}
        table = [
            (kind.label, ", ".join(expected[kind.code].expected), [cells[kind.code, craft] for craft in DISCIPLINES])
            for kind in pattern_kinds()
            if kind.code in expected
        ]
        return {"page_title": pattern.name, "pattern": pattern, "crafts": DISCIPLINES, "table": table,
                "crossing": CROSSING}  # fmt: skip


def _suggestions(pattern: Pattern) -> list[Row]:
    """Cells that leads keep dismissing; those of a pattern of one's own lead to the form that changes them."""
    rows = []
    for each in suggested_rules(pattern):
        change = Link("Make it fine", f"?discipline={each.discipline}&kind={each.kind}#cell")
        title = f"{each.discipline} on {each.kind_label.lower()}: perhaps this is fine"
        action = None if pattern.is_built_in else change
        rows.append(Row(title, "", icon="split", facts=[each.words], action=action))
    return rows


class CellView(DomainFormMixin):
    """Change one cell of a pattern of one's own."""

    nav_key = "patterns"
    crumbs = CRUMBS
    template_name = "ownership/boundaries/cell.html"
    http_method_names = ("post",)
    form_class = CellForm

    def perform(self, form: Any, at: datetime) -> str:
        data, actor = dict(form.cleaned_data), self.request.user
        pattern = find_pattern(str(self.kwargs["slug"]))
        rule = cell_of(pattern, data.pop("kind"), data.pop("discipline"))
        edit_rule(actor=actor, rule=rule, draft=CellDraft(**data), version=None, at=at)  # type: ignore[arg-type] # signed in
        return reverse("patterns_detail", args=[pattern.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pattern = find_pattern(str(self.kwargs["slug"]))
        return super().get_context_data(**kwargs) | {"page_title": pattern.name, "pattern": pattern}


class DomainPatternView(DomainFormMixin):
    """`?pattern=&since=` shows what would change; the same form sent assigns it."""

    nav_key = "patterns"
    crumbs = CRUMBS
    template_name = "ownership/boundaries/domain_pattern.html"
    form_class = AssignForm

    def get_initial(self) -> dict[str, Any]:
        return {"pattern": self.request.GET.get("pattern", ""), "since": self.request.GET.get("since", "")}

    def perform(self, form: Any, at: datetime) -> str:
        domain, actor = self._domain(), self.request.user
        pattern = _pattern(form.cleaned_data["pattern"])
        assign_pattern(actor=actor, domain=domain, pattern=pattern, since=self._since(form, at), at=at)  # type: ignore[arg-type] # signed in
        messages.success(self.request, f"{domain.name} has another pattern; what was before stays as it was.")
        return reverse("patterns_domain", args=[domain.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at, domain = clock.now(), self._domain()
        history = DomainPattern.objects.filter(domain=domain).select_related("pattern").order_by("-valid")
        rows = [
            Row(each.pattern.name, "", icon="split", side=f"from {day_words(each.valid.lower.date(), at.date())}")
            for each in history
            if each.valid.lower
        ]
        own = {"page_title": f"Pattern of {domain.name}", "domain": domain, "rows": rows,
               "choices": Pattern.objects.order_by("name"), "difference": self._difference(domain, at)}  # fmt: skip
        return super().get_context_data(**kwargs) | own

    def _difference(self, domain: Domain, at: datetime) -> str:
        """Such as "12 crossings end, 3 begin", once a pattern is chosen."""
        slug = self.request.GET.get("pattern", "")
        found = Pattern.objects.filter(slug=slug).first() if slug else None
        if found is None:
            return ""
        change = preview_pattern(domain=domain, pattern=found, since=at)
        return f"{count_words(change.end, 'crossing')} end, {change.begin or 'none'} begin"

    def _domain(self) -> Domain:
        domain = domain_by_slug(str(self.kwargs["slug"]), self.request.user)
        if domain is None:
            raise NotVisible
        return domain

    def _since(self, form: Any, at: datetime) -> datetime:
        given = form.cleaned_data["since"]
        return in_zone(given.replace(tzinfo=None), Shell(self.request).zone) or at if given else at


def _pattern(slug: str) -> Pattern:
    found = Pattern.objects.filter(slug=slug).first()
    if found is None:
        raise DomainError("ownership.unknown_pattern", f"There is no pattern {slug[:40]!r}.", "pattern")
    return found
