"""How allauth meets our people: sign-up is closed, wrong passwords are counted in PostgreSQL."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context as allauth_context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.safestring import SafeString

from portal.accounts.models import Person
from portal.accounts.oidc.adapter import has_company
from portal.accounts.services.sending import send_mail_now
from portal.accounts.services.sessions import note_door_change
from portal.core import clock, metrics
from portal.core.errors import TooMany
from portal.core.middleware import client_address
from portal.core.secrets import cipher
from portal.core.services.audit import record_audit
from portal.core.services.rates import give_back, take

if TYPE_CHECKING:
    from django.http import HttpRequest

QUARTER_OF_AN_HOUR = 15 * 60
HOUR = 60 * 60
MAIL_SECONDS = 10.0
XML_HEAD = re.compile(r"^<\?xml[^>]*\?>\s*")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by themselves; tries are limited a person and address, never a person alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """A stranger cannot lock out the on-call person: the address is part of the key (spec decisions)."""
        at = clock.now()
        try:
            for key, capacity, seconds in _buckets(request, credentials):
                take(key=key, capacity=capacity, per_seconds=seconds, at=at)
        except TooMany as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        """Only wrong passwords count."""
        person: Person | None = super().authenticate(request, **credentials)
        if person is not None:
            for key, capacity, _ in _buckets(request, credentials):
                give_back(key=key, capacity=capacity)
        return person

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        del request
        metrics.SIGNIN_FAILURES.inc()
        person = Person.objects.filter(email__iexact=str(credentials.get("email") or "")).first()
        if person is not None:
            record_audit(actor=None, verb="accounts.sign_in_failed", subject=person, at=clock.now())

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Password or factor within 15 minutes, a sign-in included (spec security 3).

        On its own pages, where `app` is named, allauth takes people who have neither at their word: here they come by
        the company's sign-in once more. Our pages ask with an empty `app` and send them there themselves.
        """
        del kwargs
        request = allauth_context.request
        proofs = get_authentication_records(request, request.user)
        newest = max((proof["at"] for proof in proofs), default=0.0)
        is_due = time.time() - newest > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        if is_due and app and not get_reauthentication_flows(request.user):
            raise ReauthenticationRequired
        return is_due

    def send_notification_mail(self, template_prefix: str, user: Person, *args: Any, **kwargs: Any) -> None:
        """Allauth says so after each change of password, factor or address: sessions elsewhere end."""
        super().send_notification_mail(template_prefix, user, *args, **kwargs)
        change = template_prefix.rpartition("/")[2].replace("_", " ")
        keep = self.request.session.session_key or ""
        note_door_change(person=user, change=change, keep=keep, at=clock.now())

    def get_reauthentication_methods(self, user: Person) -> list[dict[str, str]]:
        """Beside password and factor, the company's sign-in: somebody who came by it may have nothing else."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        if has_company() and SocialAccount.objects.filter(user=user).exists():
            url = reverse("company_sign_in")
            methods.append({"id": "company", "description": f"Use {settings.ENV.oidc_name}", "url": url})
        return methods

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sent at once and never stored, since such a mail holds a link that opens the account."""
        mail = self.render_mail(template_prefix, email, context)
        send_mail_now(address=email, subject=str(mail.subject), text=str(mail.body), stop_at=_stop())


def _buckets(request: HttpRequest, credentials: dict[str, Any]) -> list[tuple[str, int, int]]:
    address = client_address(request) or "unknown"
    name = str(credentials.get("email") or credentials.get("username") or "").casefold()[:120]
    return [
        (f"sign-in:{address}:{name}", 5, QUARTER_OF_AN_HOUR),
        (f"sign-in:{address}", 50, HOUR),
    ]


def _stop() -> float:
    return time.monotonic() + MAIL_SECONDS


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets of second factors are encrypted at rest; the QR code stands in the page, not in a data: address."""

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """Dark on white in both themes, so that every camera reads it; it is drawn by us and holds no text."""
        drawn = XML_HEAD.sub("", super().build_totp_svg(url))
        return SafeString(drawn.replace("<path", '<rect width="100%" height="100%" fill="white"/><path', 1))
