"""How I am reached, and the tokens of my programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.forms import CodeForm, MethodForm, RuleForm, TokenForm
from portal.accounts.models import ApiToken, ContactMethod, NotificationRule
from portal.accounts.services.contact import (
    RuleWish,
    add_contact_method,
    own_channels,
    remove_contact_method,
    send_code,
    set_notification_rules,
    start_verification,
    verify_contact_method,
)
from portal.accounts.services.tokens import NewToken, issue_token, revoke_token, rotate_token
from portal.accounts.web.acting import ActView, step_up
from portal.accounts.web.presenting import method_row, token_facts
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.policies import ALLOWED, Decision
from portal.core.web.presentation import duration_words
from portal.core.web.views import DomainFormMixin, render

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse
    from django.views import View

ME = (("Me", "/me/"),)
Row = TypeVar("Row", ContactMethod, ApiToken)


@step_up
class NotificationsView(DomainFormMixin):
    page_title = "How I am reached"
    nav_key = "me"
    crumbs = ME
    template_name = "accounts/notifications.html"
    form_class = MethodForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"channels": own_channels()}

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        method = add_contact_method(actor=viewer, **form.cleaned_data, at=at)
        if send_code(method=method, code=start_verification(actor=viewer, method=method, at=at)):
            return reverse("me_method", args=[method.pk])
        return reverse("me_notifications")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        methods = ContactMethod.objects.filter(person=viewer).order_by("pk")
        rules = NotificationRule.objects.filter(person=viewer).select_related("contact_method")
        return super().get_context_data(**kwargs) | {
            "methods": [(method, method_row(method, viewer.zone, at)) for method in methods],
            "rules": [(rule, _sentence(rule)) for rule in rules.order_by("severity", "delay_seconds", "pk")],
            "rule_form": RuleForm(person=viewer),
        }


def _own(model: type[Row], view: View) -> Row:
    """The row that the address names, if it is the viewer's; 404 before anybody is asked for a password."""
    return get_object_or_404(model, pk=view.kwargs["pk"], person=view.request.user)


def _sentence(rule: NotificationRule) -> str:
    method = rule.contact_method.label or rule.contact_method.channel
    after = f"after {duration_words(rule.delay_seconds)}" if rule.delay_seconds else "at once"
    return f"{rule.severity.capitalize()}: {method}, {after}"


@step_up
class MethodView(DomainFormMixin):
    """Type in the code that was sent."""

    page_title = "Verify"
    nav_key = "me"
    crumbs = (*ME, ("How I am reached", "/me/notifications/"))
    template_name = "accounts/form.html"
    form_class = CodeForm
    extra_context = {"lead": "We sent six digits. They hold for 10 minutes.", "verb": "Verify", "verb_icon": "check"}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allowed(clock.now())
        return super().get(request, *args, **kwargs)

    def allowed(self, at: datetime) -> Decision:
        del at
        self.method = _own(ContactMethod, self)
        return ALLOWED

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        verify_contact_method(actor=viewer, method=self.method, code=form.cleaned_data["code"], at=at)
        return reverse("me_notifications")


@step_up
class MethodActView(ActView):
    """Send the code again, or remove the way."""

    def allowed(self, at: datetime) -> Decision:
        del at
        self.method = _own(ContactMethod, self)
        return ALLOWED

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        method = self.method
        if self.kwargs["verb"] == "remove":
            remove_contact_method(actor=viewer, method=method, at=at)
            return reverse("me_notifications")
        send_code(method=method, code=start_verification(actor=viewer, method=method, at=at))
        return reverse("me_method", args=[method.pk])


@step_up
class RulesView(ActView):
    """Adds a rule, or removes one; the service replaces the whole list."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        rules = NotificationRule.objects.filter(person=viewer).exclude(pk=self.request.POST.get("remove") or 0)
        wishes = [
            RuleWish(rule.severity, rule.contact_method_id, rule.delay_seconds, rule.repeat_every_seconds,
                     rule.repeat_max, rule.window)
            for rule in rules
        ]  # fmt: skip
        if "remove" not in self.request.POST:
            wishes.append(_wish(RuleForm(self.request.POST, person=viewer)))
        set_notification_rules(actor=viewer, person=viewer, wishes=wishes, at=at)
        return reverse("me_notifications")


def _wish(form: RuleForm) -> RuleWish:
    if not form.is_valid():
        raise DomainError("accounts.bad_rule", "Choose what comes, by which way, and after how many minutes.", "rules")
    given = form.cleaned_data
    return RuleWish(given["severity"], given["method"].pk, given["delay_minutes"] * 60)


@step_up
class TokensView(DomainFormMixin):
    """The secret is printed once, in the answer to the POST, and stored nowhere."""

    page_title = "Tokens"
    nav_key = "me"
    crumbs = ME
    template_name = "accounts/tokens.html"
    form_class = TokenForm

    def form_valid(self, form: Any) -> HttpResponse:
        viewer: Any = self.request.user
        given = form.cleaned_data
        networks = given["networks"].replace(",", " ").split()
        wish = NewToken(given["name"], given["scopes"], given["days"], networks)
        try:
            token, secret = issue_token(actor=viewer, person=viewer, wish=wish, at=clock.now())
        except DomainError as error:
            return self.refuse(form, error)
        return _shown_once(self.request, token, secret)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        live = ApiToken.objects.filter(person=viewer, revoked_at__isnull=True, expires_at__gt=at).order_by("-pk")
        tokens = [(token, token_facts(token, viewer.zone, at)) for token in live[:50]]
        return super().get_context_data(**kwargs) | {"tokens": tokens}


def _shown_once(request: HttpRequest, token: ApiToken, secret: str) -> HttpResponse:
    context = {"page_title": "Copy it now", "nav_key": "me", "crumbs": (*ME, ("Tokens", "/me/tokens/"))}
    return render(request, "accounts/token_made.html", context | {"token": token, "secret": secret}, status=201)


@step_up
class TokenActView(ActView):
    """Rotate or revoke."""

    def allowed(self, at: datetime) -> Decision:
        del at
        self.token = _own(ApiToken, self)
        return ALLOWED

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer: Any = request.user
        if kwargs["verb"] == "revoke":
            return super().post(request, *args, **kwargs)
        new, secret = rotate_token(actor=viewer, token=self.token, at=clock.now())
        return _shown_once(request, new, secret)

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        revoke_token(actor=viewer, token=self.token, at=at)
        return reverse("me_tokens")
