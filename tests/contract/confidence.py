"""What only two people may know of, with everything that hangs on it: the request, its words, work and incident."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import uuid4

from oncall.domain.signals import FIRING, Signal
from oncall.models import Incident
from oncall.services.alerts import Arrival, receive_alert
from oncall.services.incidents import add_note
from ownership.models import Asset
from requests_queue.services.attachments import attach_file
from requests_queue.services.concluding import answer_request
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.one_step import answer_from_request
from requests_queue.services.privacy import make_private
from requests_queue.services.talking import post_message
from requests_queue.services.time_log import log_time
from requests_queue.services.working import start_work, wait_on_upstream

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import Attachment, DataRequest, FaqEntry, RequestMessage
    from tests.contract.cast import Cast

WORD = "Zeppelin"
REASON = "Kept in confidence"


@dataclass(frozen=True)
class Secret:
    """The lead and the member of the cast know of it; `was` is the number under which it was public."""

    request: DataRequest
    was: str
    put_off: DataRequest
    answered: DataRequest
    message: RequestMessage
    file: Attachment
    entry: FaqEntry
    incident: Incident


def lay_secret(cast: Cast, *, at: datetime) -> Secret:
    """A request in work, one put off to the plan, one answered with a draft of an answer, and a private incident."""
    lead, member = cast.people["lead"], cast.people["member"]
    broken = Asset.objects.get(slug=cast.objects["@held"])
    open_one = _filed(cast, "inquiry", at)
    post_message(actor=lead, request=open_one, body=f"{WORD}, said @{member.handle}, is open yet", at=at)
    was = open_one.number
    request = _closed_off(cast, open_one, at)
    message = post_message(actor=lead, request=request, body=f"{WORD} @{member.handle}", asked_of=member, at=at).message
    post_message(actor=member, request=request, body=f"{WORD} for us", is_public=False, at=at)
    file = attach_file(actor=lead, request=request, name=f"{WORD}.txt", file=BytesIO(b"secret"), size=6, at=at)
    decide_request(actor=lead, request=request, estimate=Estimate("question", assignee=member), at=at)
    start_work(actor=member, request=request, at=at)
    log_time(actor=member, request=request, minutes=30, work_date=at.date(), idem_key=uuid4(), at=at)
    request = wait_on_upstream(actor=member, request=request, reason=f"{WORD} is late", at=at)
    put_off = _closed_off(cast, _filed(cast, "model", at, kind="metric"), at)
    put_off = decide_request(actor=lead, request=put_off, estimate=Estimate("complex", 6000), at=at)
    answered = _closed_off(cast, _filed(cast, "question", at), at)
    answered = answer_request(actor=member, request=answered, body=f"{WORD} it is", at=at)
    entry = answer_from_request(actor=member, request=answered, question=f"What is {WORD}", body=WORD, at=at)
    alert = Arrival(Signal("secret", FIRING, f"{WORD} failed"), "secret", cast.team, broken, is_private=True)
    receive_alert(arrival=alert, at=at)
    incident = Incident.objects.get(is_private=True)
    add_note(actor=lead, incident=incident, text=f"{WORD} again", at=at)
    return Secret(request, was, put_off, answered, message, file, entry, incident)


def name_secret(cast: Cast, secret: Secret) -> None:
    """Where the matrix says `@secret`, it means this one."""
    cast.objects.update({
        "@secret": secret.request.number, "@secret_was": secret.was, "@secret_message": str(secret.message.pk),
        "@secret_file": str(secret.file.key), "@secret_answer": secret.entry.slug,
        "@secret_clock": str(secret.request.clocks.order_by("pk")[0].pk), "@secret_incident": secret.incident.number,
    })  # fmt: skip


def _filed(cast: Cast, what: str, at: datetime, kind: str = "question") -> DataRequest:
    asset = Asset.objects.get(slug=cast.objects["@owned"])
    filing = Filing(
        kind=kind, title=f"{WORD} {what}", team=cast.team, body=f"{WORD}, in confidence.", decision_served=WORD,
        assets=[asset],
    )  # fmt: skip
    return file_request(actor=cast.people["lead"], filing=filing, at=at)


def _closed_off(cast: Cast, request: DataRequest, at: datetime) -> DataRequest:
    lead, member = cast.people["lead"], cast.people["member"]
    return make_private(actor=lead, request=request, people=[member], reason=REASON, at=at)
