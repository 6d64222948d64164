"""Files of requests: checked, streamed to disk under a random key, and given out by permission (spec security 8)."""

from __future__ import annotations

import hashlib
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum

from portal.core.policies import require
from requests_queue.domain.attachments import HEAD_BYTES, check_room, checked_type, clean_name
from requests_queue.models import Attachment, DataRequest
from requests_queue.policies import can_file
from requests_queue.services.moving import audit, locked, note_event
from requests_queue.services.telling import tell_watchers

if TYPE_CHECKING:
    from datetime import datetime
    from typing import BinaryIO

CHUNK = 1024 * 1024


@transaction.atomic
def attach_file(*, actor: Any, request: DataRequest, name: str, file: BinaryIO, size: int, at: datetime) -> Attachment:
    """Keep one file. Name and first bytes have to agree; the bytes are hashed while they stream to disk.

    Raises `NotVisible`, `NotAllowed`, `DomainError` (`requests.attachment_refused`); no file stays behind then.
    """
    require(can_file(actor))
    standing = locked(actor=actor, request=request)
    held = standing.attachments.aggregate(bytes=Sum("size"), n=Count("pk"))
    recent = standing.attachments.filter(uploaded_by=actor, message=None).count()
    check_room(size, int(held["bytes"] or 0), recent)
    kept = clean_name(name)
    head = file.read(HEAD_BYTES)
    kind = checked_type(kept, head)
    key = uuid.uuid4()
    sha256, written = _store(key, head, file)
    attachment = Attachment.objects.create(
        request=standing, key=key, name=kept, size=written, media_type=kind.media_type, sha256=sha256,
        uploaded_by=actor, at=at,
    )  # fmt: skip
    note_event(actor=actor, request=standing, kind="attached", data={"name": kept}, at=at)
    audit(actor=actor, verb="requests.attached", request=standing, after={"name": kept, "sha256": sha256}, at=at)
    tell_watchers(actor=actor, request=standing, line=f"{actor.name} attached {kept}", key=f"file:{key}", at=at)
    return attachment


def note_download(*, actor: Any, attachment: Attachment, at: datetime) -> None:
    """A download of a private request is an audit row for its members."""
    if attachment.request.is_private:
        after = {"name": attachment.name}
        audit(actor=actor, verb="requests.file_read", request=attachment.request, after=after, at=at)


def attachment_root() -> Path:
    """The folder of uploads, outside everything that is served."""
    return Path(settings.ENV.attachments_dir or settings.BASE_DIR / ".headwater" / "attachments")


def path_of(key: uuid.UUID) -> Path:
    """Where the bytes of a file lie."""
    return attachment_root() / key.hex[:2] / key.hex


def _store(key: uuid.UUID, head: bytes, file: BinaryIO) -> tuple[str, int]:
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, written = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        chunk = head
        while chunk:
            digest.update(chunk)
            out.write(chunk)
            written += len(chunk)
            chunk = file.read(CHUNK)
    return digest.hexdigest(), written
