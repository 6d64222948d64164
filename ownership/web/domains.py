"""Pages of domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from ownership.domain.kinds import kind_of
from ownership.forms import DomainForm
from ownership.policies import domains as policy
from ownership.queries.domains import domain_by_slug, figures_of, listed_domains
from ownership.queries.parties import teams_led_by
from ownership.services.domains import create_domain, update_domain
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Empty, Fact, Link, Row, count_words
from portal.core.web.views import DomainFormMixin, PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from ownership.models import Domain

CRUMBS = (("Domains", "/domains/"),)


def find_domain(request: HttpRequest, slug: str) -> Domain:
    """The visible domain; raises `NotVisible`."""
    domain = domain_by_slug(slug, request.user)
    if domain is None:
        raise NotVisible
    return domain


class DomainListView(PageView):
    """`/domains/`: the parts of the business, and who leads each."""

    page_title = "Domains"
    nav_key = "domains"
    template_name = "ownership/domains.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        page = keyset(listed_domains(viewer), order=("name",), cursor=self.request.GET.get("cursor", ""), size=50)
        may_add = policy.can_create(viewer, teams_led_by(viewer, at)).allowed
        return {
            "rows": [domain_row(domain) for domain in page.rows],
            "next_url": f"?cursor={page.next_cursor}" if page.next_cursor else "",
            "actions": [
                *([Link("New domain", reverse("domains_new"), "plus")] if may_add else []),
                Link("Download CSV", reverse("domains_export"), "download"),
            ],
            "empty": Empty("No domain yet", "A domain gathers assets under a team that answers for them.", "layers",
                           Link("New domain", reverse("domains_new"))),
        }  # fmt: skip


class DomainView(PageView):
    """`/domains/<slug>`."""

    nav_key = "domains"
    crumbs = CRUMBS
    template_name = "ownership/domain.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        domain = find_domain(self.request, str(self.kwargs["slug"]))
        figures = figures_of(domain)
        may_change = policy.can_change(viewer, domain, teams_led_by(viewer, at)).allowed
        url = f"{reverse('assets_list')}?domain={domain.slug}"
        return {
            "page_title": domain.name,
            "actions": [Link("Edit", reverse("domains_edit", args=[domain.slug]), "pencil")] if may_change else [],
            "facts": _facts(domain),
            "rows": [_kind_row(code, count, url) for code, count in figures["kinds"].items()],
            "without_owner": figures["without_owner"],
            "gap_url": f"{url}&gap=no_owner",
            "empty": Empty("No asset yet", "Files and people place assets here.", "database",
                           Link("Add one", f"{reverse('assets_new')}?domain={domain.slug}")),
        }  # fmt: skip


class DomainNewView(DomainFormMixin):
    """`/domains/new`."""

    page_title = "New domain"
    nav_key = "domains"
    crumbs = CRUMBS
    template_name = "accounts/form.html"
    form_class = DomainForm

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        return reverse("domains_detail", args=[create_domain(actor=actor, draft=form.draft(), at=at).slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"verb": "Add it", "back": reverse("domains_list")}


class DomainEditView(DomainFormMixin):
    """`/domains/<slug>/edit`."""

    nav_key = "domains"
    crumbs = CRUMBS
    template_name = "accounts/form.html"
    form_class = DomainForm

    @property
    def domain(self) -> Domain:
        return find_domain(self.request, str(self.kwargs["slug"]))

    def get_initial(self) -> dict[str, Any]:
        return DomainForm.of(self.domain)

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        domain = update_domain(actor=actor, domain=self.domain, draft=form.draft(), at=at)
        messages.success(self.request, f"{domain.name} is saved.")
        return reverse("domains_detail", args=[domain.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("domains_detail", args=[self.domain.slug])
        return super().get_context_data(**kwargs) | {
            "page_title": f"Edit {self.domain.name}", "verb": "Save", "back": back, "seen_at": clock.now(),
        }  # fmt: skip


def domain_row(domain: Any) -> Row:
    """One line of the list; `domain` carries `asset_count`."""
    facts = [f"led by {domain.lead_team.name}"] if domain.lead_team else ["nobody leads it"]
    if domain.parent:
        facts.append(f"part of {domain.parent.name}")
    return Row(
        title=domain.name,
        url=reverse("domains_detail", args=[domain.slug]),
        icon="layers",
        facts=facts,
        side=count_words(domain.asset_count, "asset"),
    )


def _kind_row(code: int, count: int, url: str) -> Row:
    kind = kind_of(code)
    return Row(kind.label, f"{url}&kind={kind.name}", icon=kind.icon, side=str(count))


def _facts(domain: Domain) -> list[Fact]:
    lead, default = domain.lead_team, domain.default_team
    return [
        Fact("Led by", lead.name if lead else "nobody", url=f"/teams/{lead.slug}" if lead else ""),
        Fact(
            "Where nobody owns", default.name if default else "nobody", url=f"/teams/{default.slug}" if default else ""
        ),
        Fact("Part of", domain.parent.name if domain.parent else "nothing larger"),
    ]
