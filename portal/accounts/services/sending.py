"""Mail that must not be stored: it carries a secret that opens something, so no delivery row may hold it."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

import structlog
from django.conf import settings

from portal.engine.channels.email import EmailChannel
from portal.engine.domain.messages import Message, header
from portal.engine.domain.outcomes import Sent

logger = structlog.get_logger()


def send_mail_now(*, address: str, subject: str, text: str, stop_at: float) -> bool:
    """One try, ending before `stop_at` (monotonic seconds); a failure is logged without address or text."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = settings.ENV.mail_from
    mail["To"] = header(address)
    mail["Subject"] = header(subject)
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain="headwater")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    outcome = EmailChannel().send(Message(address, subject, mail.as_bytes()), key="", stop_at=stop_at)
    if not isinstance(outcome, Sent):
        logger.warning("accounts.mail_failed", reason=outcome.reason)
    return isinstance(outcome, Sent)
