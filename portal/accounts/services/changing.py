"""Changing a row that is already locked: what differs is saved, and told to the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.errors import Stale
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import Model

SECRET_FIELDS = frozenset({"address", "secrets", "note", "password"})


def check_seen(instance: Any, version: int | None) -> None:
    """Raise `Stale` if the caller saw another version than the locked row has."""
    if version is not None and version != instance.version:
        message = f"It has changed since: you saw version {version}, this is version {instance.version}."
        raise Stale("core.stale", message, version=instance.version)


def apply_changes(
    instance: Any, changes: Mapping[str, Any], *, actor: Any, verb: str, reason: str = "", at: datetime
) -> bool:
    """Save the fields that differ, count the version up, write one audit row; False if nothing differs."""
    before = {name: getattr(instance, name) for name in changes}
    different = [name for name, value in changes.items() if before[name] != value]
    if not different:
        return False
    for name in different:
        setattr(instance, name, changes[name])
    columns = list(different)
    if hasattr(instance, "version"):
        instance.version += 1
        columns.append("version")
    instance.save(update_fields=columns)
    record_audit(
        actor=actor,
        verb=verb,
        subject=instance,
        before={name: plain(name, before[name]) for name in different},
        after={name: plain(name, changes[name]) for name in different},
        reason=reason,
        at=at,
    )
    return True


def plain(name: str, value: Any) -> Any:
    """A value as the audit keeps it: JSON, and never a secret."""
    if name in SECRET_FIELDS:
        return "***" if value else ""
    if value is None or isinstance(value, bool | int | str | list):
        return value
    return str(value)


def locked(model: type[Model], pk: int) -> Any:
    """The row under a lock, to the end of the transaction."""
    return model._default_manager.select_for_update().get(pk=pk)  # noqa: SLF001 (Django's public name)
