"""The engine's Router: by which ways a notice reaches its recipient (spec accounts 5, engine 9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from portal.accounts.domain.routing import INBOX, Rule, ways
from portal.accounts.domain.vocabulary import PAGE_CLASS, PersonState
from portal.accounts.models import Absence, ContactMethod, Endpoint, FallbackRecipient, NotificationRule, Person
from portal.accounts.queries.working import working_persons
from portal.engine.channels.webhook import webhook_address
from portal.engine.domain.drafts import DeliveryDraft, Recipient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from portal.engine.domain.drafts import NoticeFacts

ENDPOINT_CHANNELS = {"webhook": "webhook", "slack": "slack", "mail": "email"}
HELD_WHILE_AWAY = frozenset({"info", "digest"})
VERIFIED = "verified"


@dataclass
class Reach:
    """What is known of one recipient while a batch is planned."""

    person: Person
    is_away: bool
    rules: list[NotificationRule] = field(default_factory=list)


class PeopleRouter:
    """People by their own rules, endpoints by their row; at most 3 queries a batch, one more when hours matter."""

    def plan(self, notices: Sequence[NoticeFacts], *, at: datetime) -> Mapping[UUID, Sequence[DeliveryDraft]]:
        reach = _reach({notice.recipient_id for notice in notices if notice.recipient_id is not None}, at)
        endpoints = _endpoints({notice.endpoint_ref for notice in notices if notice.endpoint_ref})
        at_work = _at_work(reach, at)
        plans: dict[UUID, Sequence[DeliveryDraft]] = {}
        for notice in notices:
            if notice.endpoint_ref:
                endpoint = endpoints.get(notice.endpoint_ref)
                plans[notice.id] = [_to_endpoint(endpoint)] if endpoint and not notice.is_private else []
            else:
                own = reach.get(notice.recipient_id or 0)
                plans[notice.id] = _to_person(own, notice.severity, at_work) if own else []
        return plans

    def fallback(self, *, at: datetime) -> Sequence[Recipient]:
        """The organization's fallback in order; people who left and closed endpoints are passed over."""
        del at
        found = []
        for row in FallbackRecipient.objects.select_related("person", "endpoint").order_by("position"):
            if row.person is not None and row.person.is_active:
                found.append(Recipient(person_id=row.person.pk))
            elif row.endpoint is not None and row.endpoint.is_active:
                found.append(Recipient(endpoint=f"endpoint:{row.endpoint.pk}"))
        return found


def _reach(person_ids: set[int], at: datetime) -> dict[int, Reach]:
    if not person_ids:
        return {}
    away = Absence.objects.filter(person=OuterRef("pk"), cancelled_at__isnull=True, during__contains=at)
    people = Person.objects.filter(pk__in=person_ids, state=PersonState.ACTIVE).annotate(is_away_now=Exists(away))
    reach = {person.pk: Reach(person, person.is_away_now) for person in people}
    rules = NotificationRule.objects.filter(person_id__in=reach, contact_method__state=VERIFIED)
    for rule in rules.select_related("contact_method").order_by("delay_seconds", "pk"):
        reach[rule.person_id].rules.append(rule)
    return reach


def _at_work(reach: Mapping[int, Reach], at: datetime) -> set[int]:
    """Only people with a rule that has a window need their calendar read."""
    asked = [own.person for own in reach.values() if any(rule.window != "always" for rule in own.rules)]
    return working_persons(asked, at) if asked else set()


def _to_person(own: Reach, severity: str, at_work: set[int]) -> list[DeliveryDraft]:
    inbox = DeliveryDraft(INBOX, INBOX, "")
    if severity in HELD_WHILE_AWAY and own.is_away and own.person.hold_while_away:
        return [inbox]
    methods = {rule.contact_method_id: rule.contact_method for rule in own.rules}
    rules = [
        Rule(
            rule.severity, rule.contact_method_id, rule.delay_seconds, rule.repeat_every_seconds, rule.repeat_max,
            rule.window,
        )
        for rule in own.rules
    ]  # fmt: skip
    planned = ways(rules, severity, is_working=own.person.pk in at_work)
    drafts = [_by_method(methods[way.method_id], way.delay_seconds, way.repeat_no) for way in planned]
    if not drafts and own.person.email:
        drafts = [DeliveryDraft("email", f"person:{own.person.pk}", own.person.email)]
    return [inbox, *drafts]


def _by_method(method: ContactMethod, delay_seconds: int, repeat_no: int) -> DeliveryDraft:
    return DeliveryDraft(method.channel, f"method:{method.pk}", method.address, delay_seconds, repeat_no)


def _endpoints(refs: set[str]) -> dict[str, Endpoint]:
    ids = {int(ref.removeprefix("endpoint:")): ref for ref in refs if _is_own(ref)}
    if not ids:
        return {}
    return {ids[row.pk]: row for row in Endpoint.objects.filter(pk__in=ids, is_active=True)}


def _is_own(ref: str) -> bool:
    return ref.startswith("endpoint:") and ref.removeprefix("endpoint:").isdecimal()


def _to_endpoint(endpoint: Endpoint) -> DeliveryDraft:
    """A webhook is signed with the newest secret, and with the one before while it is being rotated."""
    address = endpoint.address
    if endpoint.kind == "webhook":
        address = webhook_address(endpoint.address, endpoint.secrets.split())
    return DeliveryDraft(ENDPOINT_CHANNELS[endpoint.kind], f"endpoint:{endpoint.pk}", address)


def has_waking_way(person: Person) -> bool:
    """Whether a verified method of the person can wake them."""
    rows = ContactMethod.objects.filter(person=person, state=VERIFIED, channel__in=PAGE_CLASS)
    return rows.exists()
