"""What a request waits for at another desk, and what a message said before it was edited (spec requests 3, 7)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.core.models.append_only import append_only
from requests_queue.models.requests import DataRequest, RequestMessage

PERSON = settings.AUTH_USER_MODEL


class RequestUpstream(models.Model):
    """A ticket at the desk of the team upstream that the request waits for, or waited for."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="upstream")
    ticket = models.ForeignKey("oncall.UpstreamTicket", models.PROTECT, related_name="waiting_requests")
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "ticket"], name="requests_upstream_once")]

    def __str__(self) -> str:
        return f"{self.request_id} waits for {self.ticket_id}"


class MessageRevision(models.Model):
    """What a message said until it was edited or deleted. Append-only."""

    message = models.ForeignKey(RequestMessage, models.PROTECT, related_name="revisions")
    n = models.PositiveSmallIntegerField()
    body = models.TextField()
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "n"], name="requests_revision_once"),
            models.CheckConstraint(condition=Q(n__gte=1), name="requests_revision_first"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"revision {self.n} of message {self.message_id}"
