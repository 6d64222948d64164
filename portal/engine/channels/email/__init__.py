"""Mail by SMTP, one connection a message, within a total time."""

from __future__ import annotations

import smtplib
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from portal.core.errors import DomainError
from portal.engine.domain.messages import Message, Words, header
from portal.engine.domain.outcomes import Ambiguous, Outcome, Permanent, Sent, Temporary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.engine.domain.drafts import NoticeFacts

CONNECT_SECONDS = 3.0
READY_FOR_DATA = 354
FIRST_TEMPORARY, FIRST_PERMANENT = 400, 500


@dataclass
class _Refused(Exception):
    """The server said no at some step."""

    code: int
    text: str


class EmailChannel:
    slug = "email"
    severities = frozenset({"page", "warn", "info", "digest"})
    honours_key = False
    bundles = True
    is_local = False
    max_ambiguous = 3

    def validate(self, raw: str) -> str:
        address = raw.strip()
        try:
            validate_email(address)
        except ValidationError:
            raise DomainError("engine.bad_address", "This is not a mail address.", "address") from None
        return address

    def host(self, address: str) -> str:
        del address
        return self.slug  # every mail goes to the one SMTP server

    def render(self, words: Sequence[Words], notice: NoticeFacts, *, address: str, key: str) -> Message:
        """Repeats about one subject form a thread; replies are not read, so there is no Reply-To."""
        title = words[0].title if len(words) == 1 else f"{words[0].title} and {len(words) - 1} more"
        mail = EmailMessage(policy=WIRE)
        domain = parseaddr(settings.ENV.mail_from)[1].rpartition("@")[2] or "localhost"
        mail["From"] = settings.ENV.mail_from
        mail["To"] = header(address)
        mail["Subject"] = header(f"[{notice.severity}] {title}")
        mail["Date"] = format_datetime(notice.created_at)
        mail["Message-ID"] = f"<{key}@{domain}>"
        mail["References"] = f"<{notice.subject.key}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("\n\n".join(_paragraph(each) for each in words) + _footer())
        return Message(address, title, mail.as_bytes())

    def send(self, message: Message, *, key: str, stop_at: float) -> Outcome:
        del key  # it is the Message-ID
        if not settings.ENV.smtp_url:
            return Permanent("no mail server is set (HEADWATER_SMTP_URL)")
        return deliver_mail(settings.ENV.smtp_url, message, stop_at)


def deliver_mail(url: str, message: Message, stop_at: float) -> Outcome:
    """One message to one SMTP server, ending before `stop_at`; the watchdog speaks through it as well."""
    talk = _Talk(url, stop_at)
    try:
        talk.offer(parseaddr(settings.ENV.mail_from)[1], message)
    except _Refused as error:
        return _outcome(error.code, error.text)
    except (OSError, smtplib.SMTPException) as error:
        return Temporary(f"{type(error).__name__}: {error}")
    finally:
        talk.close()
    return talk.result


def plain_mail(address: str, subject: str, text: str) -> Message:
    """A mail without a notice behind it."""
    mail = EmailMessage(policy=WIRE)
    mail["From"] = settings.ENV.mail_from
    mail["To"] = header(address)
    mail["Subject"] = header(subject)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    return Message(address, subject, mail.as_bytes())


class _Talk:
    """One SMTP conversation; every step has what is left of the time."""

    def __init__(self, url: str, stop_at: float) -> None:
        self._url = urlsplit(url)
        self._stop_at = stop_at
        self._smtp: smtplib.SMTP | None = None
        self.result: Outcome = Temporary("not sent")

    def offer(self, sender: str, message: Message) -> None:
        smtp = self._connect()
        self._expect(smtp.docmd("MAIL", f"FROM:<{sender}>"), FIRST_TEMPORARY)
        self._expect(smtp.docmd("RCPT", f"TO:<{message.address}>"), FIRST_TEMPORARY)
        self._hurry()
        code, text = smtp.docmd("DATA")
        if code != READY_FOR_DATA:
            raise _Refused(code, text.decode(errors="replace"))
        self._hurry()
        smtp.send(_dotted(message.body))
        self.result = self._final(smtp)

    def close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()

    def _connect(self) -> smtplib.SMTP:
        left = min(CONNECT_SECONDS, max(0.01, self._stop_at - time.monotonic()))
        host, port = self._url.hostname or "localhost", self._url.port
        if self._url.scheme == "smtps":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=left, context=context)
        else:
            smtp = smtplib.SMTP(host, port or 25, timeout=left)
        self._smtp = smtp
        self._hurry()
        smtp.ehlo_or_helo_if_needed()
        if self._url.scheme != "smtps" and smtp.has_extn("starttls"):
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if self._url.username:
            smtp.login(unquote(self._url.username), unquote(self._url.password or ""))
        return smtp

    def _final(self, smtp: smtplib.SMTP) -> Outcome:
        """The answer after the final dot; without it nobody knows whether the mail was taken."""
        try:
            self._hurry()
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Ambiguous(f"no answer after the message: {error}")
        return _outcome(code, text.decode(errors="replace"))

    def _expect(self, reply: tuple[int, bytes], below: int) -> None:
        code, text = reply
        if code >= below or code < 0:
            raise _Refused(code, text.decode(errors="replace"))
        self._hurry()

    def _hurry(self) -> None:
        left = self._stop_at - time.monotonic()
        if left <= 0:
            message = "out of time"
            raise TimeoutError(message)
        if self._smtp is not None and self._smtp.sock is not None:
            self._smtp.sock.settimeout(left)


def _outcome(code: int, text: str) -> Outcome:
    reason = f"{code} {text}"[:300]
    if code >= FIRST_PERMANENT:
        return Permanent(reason, code)
    return Temporary(reason, status_code=code) if code >= FIRST_TEMPORARY or code < 0 else Sent("", code)


def _dotted(body: bytes) -> bytes:
    """The message as SMTP wants it: CRLF lines, leading dots doubled, a dot at the end."""
    lines = body.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n"


def _paragraph(words: Words) -> str:
    links = [words.url] + ([f"Acknowledge: {words.acknowledge_url}"] if words.acknowledge_url else [])
    return "\n".join([words.title, words.text, *links])


def _footer() -> str:
    return f"\n\nReplies are not read. Your messages: {settings.BASE_URL}/inbox/\n"
