"""Mail that must not be stored: it carries a secret that opens something, so no delivery row may hold it."""

from __future__ import annotations

import time
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.urls import reverse

from portal.engine.channels.email import EmailChannel
from portal.engine.domain.messages import Message, header
from portal.engine.domain.outcomes import Sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.accounts.services.arriving import Invited

logger = structlog.get_logger()
SEND_SECONDS = 20.0
INVITATION = """{inviter} invites you to Headwater{team}: who owns the data, who answers at 3 am, and what asking costs.

Make your account: {url}

The link works once, for 72 hours. Replies are not read.
"""


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


def send_invitations(made: Sequence[Invited]) -> int:
    """Send each its link; returns how many were taken by the mail server. The link itself is stored nowhere."""
    stop_at = time.monotonic() + SEND_SECONDS
    taken = 0
    for each in made:
        row = each.invitation
        text = INVITATION.format(
            inviter=row.invited_by.name if row.invited_by else "Headwater",
            team=f" and the team {row.team.name}" if row.team else "",
            url=f"{settings.BASE_URL}{reverse('arrive', args=[each.secret])}",
        )
        taken += send_mail_now(address=row.email, subject="Your invitation to Headwater", text=text, stop_at=stop_at)
    return taken
