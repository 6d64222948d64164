"""The welcome page: a setup link, or an invitation, becomes an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_not_required
from allauth.account.views import PasswordSetView
from allauth.core.exceptions import ReauthenticationRequired
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from portal.accounts.forms import NewcomerForm
from portal.accounts.services.arriving import Newcomer, accept_invitation, find_invitation, proposed_handle
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.middleware import client_address
from portal.core.services.rates import take
from portal.core.web.views import DomainFormMixin, SeeOther

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

MOST_AN_HOUR, HOUR = 30, 3600


class FirstPasswordView(PasswordSetView):  # type: ignore[misc]  # allauth ships no types
    """allauth's page for people without a password, behind a proof: a password is a new way in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not get_adapter().is_reauthentication_required(app=""):
            return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]  # allauth ships no types
        if request.method == "POST":
            return SeeOther(request.path)  # what was typed is not kept while somebody proves who they are
        raise ReauthenticationRequired


@method_decorator(login_not_required, name="dispatch")
class WelcomeView(TemplateView):
    """Without a link: where to find one; whoever is signed in goes on where they left off."""

    template_name = "accounts/welcome.html"
    extra_context = {"page_title": "Welcome"}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return SeeOther(reverse("welcome_next"))
        return super().get(request, *args, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class ArriveView(DomainFormMixin):
    """A link that is unknown, used or over gets one answer; tries are limited an address."""

    page_title = "Welcome to Headwater"
    template_name = "accounts/arrive.html"
    form_class = NewcomerForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        at = clock.now()
        try:
            self.invitation = find_invitation(kwargs["secret"], at)
        except NotVisible:
            address = client_address(request) or "unknown"
            take(key=f"arrive:{address}", capacity=MOST_AN_HOUR, per_seconds=HOUR, at=at)
            raise
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # Django's wider type

    def get_initial(self) -> dict[str, Any]:
        return {"email": self.invitation.email, "handle": proposed_handle(self.invitation.email), "zone": "UTC"}

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if self.invitation.email:
            form.fields["email"].disabled = True
        return form

    def perform(self, form: Any, at: datetime) -> str:
        accept_invitation(secret=self.kwargs["secret"], newcomer=Newcomer(**form.cleaned_data), at=at)
        door = reverse("account_login")
        return f"{door}?next={reverse('welcome_next')}" if self.invitation.kind == "setup" else door

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"invitation": self.invitation}
