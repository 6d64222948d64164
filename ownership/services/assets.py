"""Making and changing assets by hand (spec ownership 17)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership import policies
from ownership.domain.kinds import DOCUMENT, kind_named
from ownership.domain.naming import GRAIN_CHARACTERS, PITFALLS_CHARACTERS, clean, normal_relation, numbered, slug_of
from ownership.domain.states import Lifecycle
from ownership.models import Asset, AssetAlias, Domain
from ownership.queries.owners import current_owners
from ownership.queries.parties import teams_led_by
from ownership.services.telling import tell_lifecycle, tell_renamed
from portal.core.errors import DomainError, Stale
from portal.core.limits import DESCRIPTION_CHARACTERS, NAME_BYTES
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.accounts.models import Person

EDITABLE = (
    "name", "description", "grain", "pitfalls", "tier", "domain", "lifecycle", "relation", "documents", "repo",
    "file_path",
)  # fmt: skip
PLACE_CHARACTERS = 1000
BY_HAND = frozenset({Lifecycle.ACTIVE.value, Lifecycle.DEPRECATED.value, Lifecycle.DRAFT.value})
TIERS = frozenset({None, 1, 2, 3, 4})


@dataclass(frozen=True)
class AssetDraft:
    """What a person says about a new asset; `kind` is a kind's name, `domain` and `documents` are slugs."""

    kind: str
    name: str
    description: str = ""
    tier: int | None = None
    domain: str = ""
    relation: str = ""
    documents: str = ""
    repo: str = ""
    file_path: str = ""
    grain: str = ""
    pitfalls: str = ""


@transaction.atomic
def create_asset(*, actor: Person, draft: AssetDraft, at: datetime) -> Asset:
    """A new asset with a free slug. Raises `DomainError` naming the field at fault, `NotAllowed` for members."""
    require(policies.assets.can_write(actor, teams_led_by(actor, at)))
    kind = kind_named(draft.kind)
    if kind is None:
        raise DomainError("ownership.unknown_kind", f"There is no kind {draft.kind[:40]!r}.", "kind")
    given = {name: getattr(draft, name) for name in EDITABLE if name != "lifecycle"}
    fields = _checked(given)
    _check_documents(kind.code, fields["documents"])
    asset = Asset.objects.create(
        kind=kind.code,
        slug=free_slugs([slug_of(fields["name"])])[0],
        attrs={},
        created_at=at,
        updated_at=at,
        **fields,
    )
    AssetAlias.objects.create(asset=asset, system="manual", key=str(asset.pk), first_seen=at, last_seen=at)
    record_audit(actor=actor, verb="ownership.asset_created", subject=asset, after={"name": asset.name}, at=at)
    return asset


@transaction.atomic
def update_asset(
    *, actor: Person, asset: Asset, changes: Mapping[str, Any], version: int | None, at: datetime
) -> Asset:
    """Change some of what people may say about it. Raises `Stale` for another `version`."""
    locked = Asset.objects.select_for_update().get(pk=asset.pk)
    held = {holder.party.key for holder in current_owners([asset.pk])[asset.pk].holders}
    require(policies.assets.can_write(actor, teams_led_by(actor, at), held))
    if version is not None and version != locked.version:
        raise Stale("core.stale", "Somebody else changed it first. Look again, then save.", version=locked.version)
    fields = _checked(changes)
    _check_documents(locked.kind, fields.get("documents"))
    before = {name: _plain(getattr(locked, name)) for name in fields}
    after = {name: _plain(value) for name, value in fields.items()}
    if before == after:
        return locked
    for name, value in fields.items():
        setattr(locked, name, value)
    old_slug = _rename(locked, at) if "name" in after and before["name"] != after["name"] else ""
    locked.version += 1
    locked.updated_at = at
    locked.save(update_fields=[*fields, "slug", "version", "updated_at"])
    record_audit(actor=actor, verb="ownership.asset_changed", subject=locked, before=before, after=after, at=at)
    if old_slug:
        tell_renamed(locked, old_slug, actor, at)
    if before.get("lifecycle", locked.lifecycle) != locked.lifecycle:
        tell_lifecycle(locked, actor, at)
    return locked


def _rename(asset: Asset, at: datetime) -> str:
    """A new name has a new address; the earlier one stays a name of this asset. Returns the earlier one, or ""."""
    before, wanted = asset.slug, slug_of(asset.name)
    if wanted == before:
        return ""
    AssetAlias.objects.filter(asset=asset, system="slug", key=wanted).delete()
    asset.slug = free_slugs([wanted])[0]
    AssetAlias.objects.create(asset=asset, system="slug", key=before, first_seen=at, last_seen=at)
    return before


def free_slugs(wanted: list[str]) -> list[str]:
    """A free slug for each wanted one, in order: `orders`, `orders-2`; no two alike."""
    given: list[str] = [""] * len(wanted)
    tries = dict.fromkeys(range(len(wanted)), 1)
    used: set[str] = set()
    while tries:
        candidates = {index: numbered(wanted[index], n) for index, n in tries.items()}
        taken = set(Asset.objects.filter(slug__in=set(candidates.values())).values_list("slug", flat=True))
        taken |= set(
            AssetAlias.objects.filter(system="slug", key__in=set(candidates.values())).values_list("key", flat=True)
        )
        for index, slug in candidates.items():
            if slug in taken or slug in used:
                tries[index] += 1
            else:
                given[index] = slug
                used.add(slug)
                del tries[index]
    return given


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Only fields a person may set, each within its limits."""
    fields: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in EDITABLE:
            raise DomainError("ownership.unknown_field", f"There is no field {name[:40]!r} to change.", name[:40])
        fields[name] = _CHECKS[name](value)
    return fields


def _name(value: Any) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name or name != clean(name) or len(name.encode()) > NAME_BYTES:
        raise DomainError("ownership.bad_name", f"A name has 1 to {NAME_BYTES} bytes of plain text.", "name")
    return name


def _description(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    if "\x00" in text or len(text) > DESCRIPTION_CHARACTERS:
        message = f"A description has at most {DESCRIPTION_CHARACTERS:,} characters of plain text."
        raise DomainError("ownership.bad_description", message, "description")
    return text


def _grain(value: Any) -> str:
    return _words(value, "grain", GRAIN_CHARACTERS)


def _pitfalls(value: Any) -> str:
    return _words(value, "pitfalls", PITFALLS_CHARACTERS)


def _words(value: Any, field: str, longest: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if "\x00" in text or len(text) > longest:
        raise DomainError("ownership.bad_words", f"At most {longest:,} characters of plain text.", field)
    return text


def _tier(value: Any) -> int | None:
    if value not in TIERS or isinstance(value, bool):
        raise DomainError("ownership.bad_tier", "The tier is 1, 2, 3, 4 or empty.", "tier")
    tier: int | None = value
    return tier


def _domain(value: Any) -> Domain | None:
    if not value:
        return None
    domain = Domain.objects.filter(slug=value).first()
    if domain is None:
        raise DomainError("ownership.unknown_domain", f"There is no domain {str(value)[:40]!r}.", "domain")
    return domain


def _lifecycle(value: Any) -> str:
    if value not in BY_HAND:
        raise DomainError("ownership.bad_lifecycle", "The lifecycle is draft, active or deprecated.", "lifecycle")
    return str(value)


def _relation(value: Any) -> str:
    return normal_relation(value)[:1000] if isinstance(value, str) else ""


def _place(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if "\x00" in text or len(text) > PLACE_CHARACTERS:
        raise DomainError("ownership.bad_place", "At most 1,000 characters of plain text.", "file_path")
    return text


def _documents(value: Any) -> Asset | None:
    if not value:
        return None
    asset = Asset.objects.filter(slug=value, retired_at=None).first()
    if asset is None:
        raise DomainError("ownership.unknown_asset", f"There is no asset {str(value)[:40]!r}.", "documents")
    return asset


def _check_documents(kind: int, documented: Asset | None) -> None:
    if documented is not None and kind != DOCUMENT.code:
        raise DomainError("ownership.not_document", "Only a document describes another asset.", "documents")


def _plain(value: Any) -> Any:
    return value.slug if isinstance(value, Domain | Asset) else value


_CHECKS = {
    "name": _name,
    "description": _description,
    "grain": _grain,
    "pitfalls": _pitfalls,
    "tier": _tier,
    "domain": _domain,
    "lifecycle": _lifecycle,
    "relation": _relation,
    "documents": _documents,
    "repo": _place,
    "file_path": _place,
}
