"""Files and links of requests, what the boundary check found, and how a compartment was opened (spec requests 6-9)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.core.models.append_only import append_only
from requests_queue.models.requests import DataRequest, RequestMessage

PERSON = settings.AUTH_USER_MODEL
LINK_KINDS = ("blocks", "relates_to", "follow_up_of", "rework_of", "part_of")
SCAN_STATES = ("clean", "held", "refused")


class Attachment(models.Model):
    """A file of a request, kept outside every served folder under its random key."""

    request = models.ForeignKey(DataRequest, models.PROTECT, related_name="attachments")
    message = models.ForeignKey(RequestMessage, models.PROTECT, null=True, related_name="attachments")
    key = models.UUIDField(unique=True)
    name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    media_type = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    scan_state = models.CharField(max_length=8, default="clean")
    uploaded_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scan_state__in=SCAN_STATES), name="requests_attachment_scan"),
            models.CheckConstraint(condition=Q(size__gt=0), name="requests_attachment_size"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.request_id}"


class RequestLink(models.Model):
    """One request in relation to another; both ends are checked for visibility on write and on read."""

    source = models.ForeignKey(DataRequest, models.CASCADE, related_name="links")
    target = models.ForeignKey(DataRequest, models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=12)
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="requests_link_once"),
            models.CheckConstraint(condition=Q(kind__in=LINK_KINDS), name="requests_link_kind"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="requests_link_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class RequestBoundaryFinding(models.Model):
    """What the boundary check said at filing, and the sentence with which the requester went on all the same."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="boundary_findings")
    asset = models.ForeignKey("ownership.Asset", models.PROTECT, null=True, related_name="+")
    rule = models.PositiveIntegerField()
    sentence = models.CharField(max_length=500)
    expected_team = models.CharField(max_length=120, blank=True)
    overruled_because = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.sentence


class BreakGlass(models.Model):
    """Two administrators look into a compartment for an hour; every member is told (spec decisions)."""

    request = models.ForeignKey(DataRequest, models.PROTECT, null=True, related_name="break_glasses")
    number_asked = models.CharField(max_length=16)
    asked_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "break glasses"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="requests_breakglass_two_people"
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None, ends_at=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False, ends_at__isnull=False),
                name="requests_breakglass_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"break-glass {self.pk}"
