"""Buttons: a POST that does one thing and goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib.auth.views import redirect_to_login
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View

from portal.core import clock
from portal.core.policies import ALLOWED, Decision, require
from portal.core.web.form_keys import once
from portal.core.web.views import DomainFormMixin, SeeOther

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse


AnyView = TypeVar("AnyView", bound=View)


class ActView(View):
    """`act(at)` calls one service and gives the URL to go to; a refusal has its own page.

    `allowed(at)` is asked before a password is, where the act is behind one; the service asks again.
    """

    http_method_names = ["post"]

    def allowed(self, at: datetime) -> Decision:
        del at
        return ALLOWED

    def act(self, at: datetime) -> str:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        del args, kwargs
        at = clock.now()
        return SeeOther(once(request, lambda: self.act(at), at=at))


class GuardedForm(DomainFormMixin):
    """A form that only shows itself to who may send it: 403 comes before any field is looked at."""

    def allowed(self, at: datetime) -> Decision:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.allowed(clock.now()))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # Django's wider type


# What opens doors asks for the password or factor again after 15 minutes (spec security 3).
_ask_again = method_decorator(reauthentication_required(allow_get=True))


def _has_only_the_company(request: HttpRequest) -> bool:
    """Whether a proof is due and allauth knows no way to ask for one: it takes such people at their word."""
    is_due = request.user.is_authenticated and get_adapter().is_reauthentication_required(app="")
    return is_due and not get_reauthentication_flows(request.user)


def step_up(view: type[AnyView]) -> type[AnyView]:
    """A method the view does not have is 405, whoever asks; who lacks the right is told so and not asked for proof."""
    dispatch: Any = view.dispatch
    asking: Any = _ask_again(dispatch)

    def guarded(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and request.user.is_authenticated and hasattr(self, "allowed"):
            require(self.allowed(clock.now()))
        if request.method == "POST" and _has_only_the_company(request):
            return redirect_to_login(request.get_full_path(), reverse("company_sign_in"), "next")
        is_known = callable(getattr(self, str(request.method).lower(), None))
        return (asking if is_known else dispatch)(self, request, *args, **kwargs)  # type: ignore[no-any-return]  # Django's view

    view.dispatch = guarded  # type: ignore[method-assign]  # what `method_decorator` does, but for unknown methods
    return view
