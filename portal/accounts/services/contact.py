"""How a person is reached: methods with verification, and rules (spec accounts 5)."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from portal.accounts.domain import checks
from portal.accounts.domain.secrets import new_code
from portal.accounts.domain.vocabulary import PAGE_CLASS
from portal.accounts.models import ContactMethod, NotificationRule, Person
from portal.accounts.models.reach import SEVERITIES
from portal.accounts.services.changing import locked
from portal.accounts.services.refusing import refusing
from portal.accounts.services.sending import send_mail_now
from portal.accounts.services.urls import clean_url
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.registries import contributions
from portal.core.secrets import derived_key
from portal.core.services.audit import record_audit
from portal.core.services.rates import take
from portal.engine.domain.drafts import NoticeFacts
from portal.engine.domain.messages import Words
from portal.engine.domain.outcomes import Sent
from portal.engine.domain.subjects import Subject
from portal.engine.registries import channels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

CODE_LIFE = timedelta(minutes=10)
MOST_TRIES, SENDS_AN_HOUR, HOUR = 5, 3, 3600
MOST_METHODS, MOST_RULES = 20, 10
SEND_SECONDS = 10.0
PHONE_CHANNELS = frozenset({"sms", "voice"})
OWN_CHANNELS = ("email", "push", "sms", "voice", "webhook", "file")


@dataclass(frozen=True)
class RuleWish:
    """One line of the time line: which method, after how long, how often again, in which hours."""

    severity: str
    method_id: int
    delay_seconds: int = 0
    repeat_every_seconds: int | None = None
    repeat_max: int = 0
    window: str = "always"


def own_channels() -> list[str]:
    """Channels a person may add here, those that are installed."""
    known = ((slug, channels.get(slug)) for slug in OWN_CHANNELS)
    return [slug for slug, way in known if way is not None and getattr(way, "is_ready", True)]


@transaction.atomic
def add_contact_method(*, actor: Person, channel: str, address: str, label: str = "", at: datetime) -> ContactMethod:
    """An address that counts once its code was typed in. A changed address is a new row; only for oneself."""
    Person.objects.select_for_update().get(pk=actor.pk)
    if channel not in own_channels():
        raise DomainError("accounts.unknown_channel", f"One of {', '.join(own_channels())}.", "channel")
    if ContactMethod.objects.filter(person=actor).count() >= MOST_METHODS:
        raise DomainError("accounts.limit_methods", f"At most {MOST_METHODS} ways.", "channel")
    kept = _checked_address(channel, address)
    row = ContactMethod(
        person=actor, channel=channel, address=kept, address_hash=_keyed(f"{channel}:{kept.casefold()}"),
        label=checks.clean_text(label, "label", longest=60, is_required=False),
    )  # fmt: skip
    known = Conflict("accounts.method_known", "You have this address already.", "address")
    with refusing({"accounts_contactmethod_once": known}):
        row.save(force_insert=True)
    record_audit(actor=actor, verb="accounts.method_added", subject=row, after={"channel": channel}, at=at)
    return row


def _checked_address(channel: str, address: str) -> str:
    if channel == "email":
        return checks.clean_email(address, "address")
    if channel in PHONE_CHANNELS:
        return checks.clean_phone(address)
    kept = checks.clean_text(address, "address", longest=500)
    known = channels.get(channel)
    if channel == "webhook" and urlsplit(kept).scheme not in ("https", "http"):
        raise DomainError("accounts.bad_address", "A full address that begins with https://.", "address")
    if channel == "webhook" and known is not None:
        return clean_url(kept, known)
    return known.validate(kept) if known is not None else kept


def _keyed(text: str) -> str:
    return hmac.new(derived_key("addresses"), text.encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def mark_addresses_anew() -> int:
    """After a change of the data key an address is known again by a mark of the newest one; how many were marked.

    Idempotent. Locks each row that it writes.
    """
    marked = 0
    for row in ContactMethod.objects.select_for_update().order_by("pk"):
        mark = _keyed(f"{row.channel}:{row.address.casefold()}")
        if row.address and mark != row.address_hash:
            row.address_hash = mark
            row.save(update_fields=["address_hash"])
            marked += 1
    return marked


@transaction.atomic
def start_verification(*, actor: Person, method: ContactMethod, at: datetime) -> str:
    """The code to send, six digits, 10 minutes, kept as a hash; at most 3 an hour. The caller sends it."""
    take(key=f"verify:{method.pk}", capacity=SENDS_AN_HOUR, per_seconds=HOUR, at=at)
    row = _own(actor, method)
    if row.state == "verified":
        raise Conflict("accounts.method_verified", "This way is verified already.")
    code = new_code()
    row.code_hash, row.code_expires_at, row.tries = _keyed(f"{row.pk}:{code}"), at + CODE_LIFE, 0
    row.save(update_fields=["code_hash", "code_expires_at", "tries"])
    return code


def send_code(*, method: ContactMethod, code: str) -> bool:
    """Send the code at once; it is never stored in a delivery. What stays in the house cannot: a log shows those."""
    if method.channel in PAGE_CLASS:
        return _send_code_by(method, code)
    if method.channel != "email":
        return False
    text = f"Type {code} into Headwater within 10 minutes to receive messages here.\n\nNot you? Then do nothing."
    stop_at = time.monotonic() + SEND_SECONDS
    return send_mail_now(address=method.address, subject=f"{code} is your code", text=text, stop_at=stop_at)


def _send_code_by(method: ContactMethod, code: str) -> bool:
    """The code by the very channel it proves: a push, a text message, a call."""
    way = channels.get(method.channel)
    if way is None or way.is_local:
        return False
    title = f"{' '.join(code)} is your code" if method.channel == "voice" else f"{code} is your code"
    words = [Words(title, "Type it into Headwater within 10 minutes.", f"{settings.BASE_URL}/me/notifications", "")]
    about = NoticeFacts(
        uuid4(), "engine.test", "warn", Subject("accounts.contactmethod", method.pk), method.person_id, "", {},
        is_acknowledgeable=False, is_private=False, created_at=method.code_expires_at or method.person.joined_at,
    )  # fmt: skip
    key = str(uuid4())
    message = way.render(words, about, address=method.address, key=key)
    return isinstance(way.send(message, key=key, stop_at=time.monotonic() + SEND_SECONDS), Sent)


def verify_contact_method(*, actor: Person, method: ContactMethod, code: str, at: datetime) -> ContactMethod:
    """Raises `DomainError` for a wrong or old code; after 5 wrong ones a new code is needed. The count commits."""
    with transaction.atomic():
        row = _own(actor, method)
        is_live = row.code_expires_at is not None and row.code_expires_at > at and row.tries < MOST_TRIES
        is_right = is_live and hmac.compare_digest(row.code_hash, _keyed(f"{row.pk}:{code.strip()}"))
        row.tries += 1
        if is_right:
            row.state, row.verified_at, row.code_hash, row.code_expires_at = "verified", at, "", None
            record_audit(actor=actor, verb="accounts.method_verified", subject=row, at=at)
        row.save(update_fields=["tries", "state", "verified_at", "code_hash", "code_expires_at"])
    if not is_right:
        message = "This code is wrong." if is_live else "This code has ended. Ask for a new one."
        raise DomainError("accounts.wrong_code", message, "code")
    return row


@transaction.atomic
def trust_contact_method(*, actor: Person | None, method: ContactMethod, at: datetime) -> ContactMethod:
    """Mark as verified without a code: the demo, tests, and channels that cannot answer. The installation only."""
    if actor is not None:
        raise NotAllowed("accounts.not_allowed", "A way is verified by its code.")
    row: ContactMethod = locked(ContactMethod, method.pk)
    row.state, row.verified_at = "verified", at
    row.save(update_fields=["state", "verified_at"])
    record_audit(actor=actor, verb="accounts.method_verified", subject=row, at=at)
    return row


@transaction.atomic
def remove_contact_method(*, actor: Person, method: ContactMethod, at: datetime) -> None:
    """Its rules go with it. Raises `Conflict` for the last way that wakes somebody who is needed at night."""
    row = _own(actor, method)
    others = ContactMethod.objects.filter(person=actor, state="verified", channel__in=PAGE_CLASS).exclude(pk=row.pk)
    if row.channel in PAGE_CLASS and row.state == "verified" and not others.exists():
        for is_required in contributions("contact.required"):
            if is_required(actor, at):
                message = "You are on call soon, and this is the last way that wakes you. Add another one first."
                raise Conflict("accounts.last_page_route", message)
    record_audit(actor=actor, verb="accounts.method_removed", subject=row, before={"channel": row.channel}, at=at)
    row.delete()


def _own(actor: Person, method: ContactMethod) -> ContactMethod:
    row: ContactMethod = locked(ContactMethod, method.pk)
    if row.person_id != actor.pk:
        raise NotAllowed("accounts.not_allowed", "These are somebody else's ways.")
    return row


@transaction.atomic
def set_notification_rules(*, actor: Person | None, person: Person, wishes: Sequence[RuleWish], at: datetime) -> None:
    """Replace all rules of the person by `wishes`. Raises `DomainError` with the number of the wrong line."""
    if actor is not None and actor.pk != person.pk:
        raise NotAllowed("accounts.not_allowed", "Everybody sets their own rules.")
    locked(Person, person.pk)
    verified = dict(ContactMethod.objects.filter(person=person, state="verified").values_list("pk", "channel"))
    for number, wish in enumerate(wishes, start=1):
        _check_rule(number, wish, verified)
    for severity in SEVERITIES:
        if len([wish for wish in wishes if wish.severity == severity]) > MOST_RULES:
            raise DomainError("accounts.limit_rules", f"At most {MOST_RULES} rules for {severity}.", "rules")
    NotificationRule.objects.filter(person=person).delete()
    rows = [
        NotificationRule(
            person=person, severity=wish.severity, contact_method_id=wish.method_id, delay_seconds=wish.delay_seconds,
            repeat_every_seconds=wish.repeat_every_seconds, repeat_max=wish.repeat_max, window=wish.window,
        )
        for wish in wishes
    ]  # fmt: skip
    NotificationRule.objects.bulk_create(rows)
    record_audit(actor=actor, verb="accounts.rules_set", subject=person, after={"rules": len(rows)}, at=at)


def _check_rule(number: int, wish: RuleWish, verified: dict[int, str]) -> None:
    faults = [
        (wish.severity in SEVERITIES, f"the severity is one of {', '.join(SEVERITIES)}"),
        (wish.method_id in verified, "the way must be yours and verified"),
        (0 <= wish.delay_seconds <= HOUR, "the delay is 0 to 3600 seconds"),
        (_is_repeat(wish), "repeats come every 60 to 3600 seconds, at most 10"),
        (wish.window in ("always", "working_hours", "outside_hours"), "the window is unknown"),
        (wish.severity != "page" or wish.window == "always", "a page has no quiet hours"),
    ]
    for holds, need in faults:
        if not holds:
            raise DomainError("accounts.bad_rule", f"Rule {number}: {need}.", "rules", line=number)


def _is_repeat(wish: RuleWish) -> bool:
    if wish.repeat_every_seconds is None:
        return wish.repeat_max == 0
    return 60 <= wish.repeat_every_seconds <= HOUR and 0 <= wish.repeat_max <= 10  # noqa: PLR2004 (the rule itself)
