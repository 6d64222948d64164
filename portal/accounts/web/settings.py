"""`/settings/`: what holds for the whole house, for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from portal.accounts.forms_teams import OrganizationForm
from portal.accounts.policies import can_administer, people_visible_to
from portal.accounts.queries.people import fallback_names
from portal.accounts.queries.teams import organization
from portal.accounts.services.organization import update_organization
from portal.accounts.web.acting import GuardedForm
from portal.core.errors import DomainError
from portal.core.web.presentation import Row
from portal.core.web.shell import url_of

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from portal.core.policies import Decision

# What else is set on pages: label, icon, URL name.
ELSEWHERE = (
    ("Is this installation sound?", "wrench", "setup"),
    ("Promises and hours", "timer", "sla"),
    ("Public holidays", "calendar", "holidays_list"),
    ("Patterns of who owns what", "layers", "patterns_list"),
    ("Names nobody is known by", "user-round-x", "identities_list"),
    ("Invite people", "user-round-plus", "people_invite"),
    ("A program's account", "code", "people_program"),
    ("Imports", "upload", "imports_list"),
)  # fmt: skip


class SettingsView(GuardedForm):
    """One form; what others decide is a link."""

    page_title = "Settings"
    nav_key = "settings"
    template_name = "accounts/settings.html"
    form_class = OrganizationForm

    def allowed(self, at: datetime) -> Decision:
        return can_administer(self.request.user, at)

    def get_initial(self) -> dict[str, Any]:
        house = organization()
        return {
            "name": house.name, "calendar": house.calendar_id, "urgency_tokens": house.urgency_tokens,
            "head_of_data": house.head_of_data.handle if house.head_of_data else "",
            "fallback": "\n".join(fallback_names()),
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        given = form.cleaned_data
        head = person_of(viewer, given["head_of_data"], "head_of_data")
        changes = {
            "name": given["name"], "calendar_id": given["calendar"].pk, "urgency_tokens": given["urgency_tokens"],
            "head_of_data_id": head.pk if head else None,
        }  # fmt: skip
        update_organization(actor=viewer, changes=changes, fallback=given["fallback"].split(), at=at)
        messages.success(self.request, "Kept. It holds from now on.")
        return reverse("settings")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        links = [Row(label, url, icon=icon) for label, icon, name in ELSEWHERE if (url := url_of(name))]
        return super().get_context_data(**kwargs) | {"links": links}


def person_of(viewer: Any, handle: str, field: str) -> Person | None:
    """The person of a field; None for an empty one. Raises `DomainError` of that field for a name nobody has."""
    name = handle.strip().lower().removeprefix("@")
    found = people_visible_to(viewer).filter(handle=name).first() if name else None
    if name and found is None:
        raise DomainError("accounts.unknown_person", f"Nobody is called {name[:40]}.", field)
    return found
