"""Two entries that are one asset become one, and can be told apart again for 30 days (spec ownership 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import DateTimeField, F, Func

from ownership import policies
from ownership.domain.states import EndReason, Lifecycle, State
from ownership.models import Asset, AssetAlias, Claim, Edge, Ownership
from ownership.queries.owners import current_owners
from ownership.queries.parties import teams_led_by
from ownership.services.ranges import close_rows, reopen_rows
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.accounts.models import Person
    from portal.core.models import AuditEntry

MERGED = "ownership.assets_merged"
EDGE_KEY = ("dst_id", "src_id", "kind", "source_id")
# An edge is copied to the kept asset unless that one has it, or it would point at itself.
COPY_EDGES = """
INSERT INTO ownership_edge (dst_id, src_id, kind, source_id, first_seen, last_seen, misses, attrs)
SELECT CASE WHEN dst_id = %(gone)s THEN %(kept)s ELSE dst_id END,
       CASE WHEN src_id = %(gone)s THEN %(kept)s ELSE src_id END, kind, source_id, first_seen, last_seen, 0, attrs
FROM ownership_edge
WHERE closed_at IS NULL AND (dst_id = %(gone)s OR src_id = %(gone)s) AND %(kept)s NOT IN (dst_id, src_id)
ON CONFLICT (dst_id, src_id, kind, source_id) DO NOTHING
RETURNING dst_id, src_id, kind, source_id
"""


@transaction.atomic
def merge_assets(*, actor: Person, kept: Asset, gone: Asset, at: datetime) -> AuditEntry:
    """Everything of `gone` moves to `kept`: names, edges, claims, references; its owners end, it retires.

    Locks both in id order. Raises `DomainError` for one asset twice, `Conflict` for a retired one. The audit row
    holds what `unmerge_assets` needs.
    """
    locked = _lock(kept, gone)
    kept, gone = locked[kept.pk], locked[gone.pk]
    _check(actor, kept, gone, at)
    moved = {
        "aliases": _move_aliases(kept, gone, at),
        "edges_copied": _copy_edges(kept, gone),
        "edges_closed": _close_edges(gone, at),
        "claims": _move_claims(kept, gone, at),
        "documents": _move_references("documents", kept, gone),
        "replaces": _move_references("replaces", kept, gone),
        "owners": _end_owners(gone, at),
    }
    before = {"gone": gone.pk, "lifecycle": gone.lifecycle, "kept_version": kept.version}
    gone.lifecycle, gone.retired_at, gone.merged_into = Lifecycle.RETIRED.value, at, kept
    _changed(gone, ["lifecycle", "retired_at", "merged_into"], at)
    _retell_names(kept, at)
    return record_audit(
        actor=actor, verb=MERGED, subject=kept, before=before, after={"gone": gone.slug, **moved}, at=at
    )


@transaction.atomic
def unmerge_assets(*, actor: Person, entry: AuditEntry, at: datetime) -> Asset:
    """The inverse of a merge: names, edges, claims, references and owners as they were. Returns the asset set free."""
    locked = _lock(Asset(pk=int(entry.object_id)), Asset(pk=int(entry.before["gone"])))
    kept, gone = locked[int(entry.object_id)], locked[int(entry.before["gone"])]
    _may_change(actor, kept, at)
    if gone.merged_into_id != kept.pk:
        raise Conflict("ownership.not_merged", "These two were told apart already.")
    moved: dict[str, Any] = entry.after
    AssetAlias.objects.filter(asset=kept, system="slug", key=gone.slug).delete()
    AssetAlias.objects.filter(pk__in=moved["aliases"], asset=kept).update(asset=gone)
    _restore_edges(moved)
    _restore_claims(moved["claims"], gone)
    Asset.objects.filter(pk__in=moved["documents"], documents=kept).update(documents=gone)
    Asset.objects.filter(pk__in=moved["replaces"], replaces=kept).update(replaces=gone)
    gone.lifecycle, gone.retired_at, gone.merged_into = entry.before["lifecycle"], None, None
    _changed(gone, ["lifecycle", "retired_at", "merged_into"], at)
    reopen_rows(moved["owners"])
    _retell_names(kept, at)
    return gone


@transaction.atomic
def split_alias(*, actor: Person, alias: AssetAlias, slug: str, at: datetime) -> Asset:
    """A name that never meant this asset gets an asset of its own, with what its source said of it alone.

    `slug` is a free slug. Edges and claims of the name's source go along when the asset has no other name of it.
    """
    asset = Asset.objects.select_for_update().get(pk=alias.asset_id)
    _may_change(actor, asset, at)
    name = AssetAlias.objects.select_for_update().get(pk=alias.pk)
    if asset.aliases.exclude(system="slug").count() == 1 or name.system == "slug":
        raise Conflict("ownership.last_name", "The asset needs this name; there is nothing to split.")
    made = Asset.objects.create(
        kind=asset.kind, slug=slug, name=name.key.rpartition("/")[2].rpartition(".")[2][:120] or slug,
        domain=asset.domain, attrs={}, created_at=at, updated_at=at, alias_text=name.key,
    )  # fmt: skip
    name.asset = made
    name.save(update_fields=["asset"])
    if name.source_id and not asset.aliases.filter(source_id=name.source_id).exists():
        _take_along(asset, made, name.source_id)
    _retell_names(asset, at)
    after = {"alias": str(name), "to": made.slug}
    record_audit(actor=actor, verb="ownership.alias_split", subject=asset, after=after, at=at)
    return made


@transaction.atomic
def add_alias(*, actor: Person, asset: Asset, key: str, at: datetime) -> AssetAlias:
    """One more name people use for it. Raises `Conflict` when another asset has that name."""
    locked = Asset.objects.select_for_update().get(pk=asset.pk)
    _may_change(actor, locked, at)
    text = key.strip()
    if not text or len(text) > 1000 or "\x00" in text:  # noqa: PLR2004 (the column's width)
        raise DomainError("ownership.bad_alias", "A name has 1 to 1,000 characters of plain text.", "key")
    taken = AssetAlias.objects.filter(system="manual", key=text).select_related("asset").first()
    if taken is not None:
        raise Conflict("ownership.alias_taken", f"{taken.asset.name} has this name already.", "key")
    made = AssetAlias.objects.create(asset=locked, system="manual", key=text, first_seen=at, last_seen=at)
    _retell_names(locked, at)
    record_audit(actor=actor, verb="ownership.alias_added", subject=locked, after={"key": text}, at=at)
    return made


def _lock(*assets: Asset) -> dict[int, Asset]:
    ids = [asset.pk for asset in assets]
    return {row.pk: row for row in Asset.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def _check(actor: Person, kept: Asset, gone: Asset, at: datetime) -> None:
    _may_change(actor, kept, at)
    _may_change(actor, gone, at)
    if kept.pk == gone.pk:
        raise DomainError("ownership.same_asset", "Choose another asset to merge into this one.", "asset")
    if kept.retired_at is not None or gone.retired_at is not None:
        raise Conflict("ownership.retired", "A retired asset cannot be merged.", "asset")


def _may_change(actor: Person, asset: Asset, at: datetime) -> None:
    held = {holder.party.key for holder in current_owners([asset.pk])[asset.pk].holders}
    require(policies.assets.can_write(actor, teams_led_by(actor, at), held))


def _move_aliases(kept: Asset, gone: Asset, at: datetime) -> list[int]:
    ids = list(gone.aliases.values_list("pk", flat=True))
    AssetAlias.objects.filter(pk__in=ids).update(asset=kept)
    AssetAlias.objects.create(asset=kept, system="slug", key=gone.slug, first_seen=at, last_seen=at)
    return ids


def _copy_edges(kept: Asset, gone: Asset) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(COPY_EDGES, {"kept": kept.pk, "gone": gone.pk})
        return [tuple(row) for row in cursor.fetchall()]


def _close_edges(gone: Asset, at: datetime) -> list[tuple[int, ...]]:
    rows = (Edge.objects.filter(dst=gone) | Edge.objects.filter(src=gone)).filter(closed_at=None)
    keys = list(rows.values_list(*EDGE_KEY))
    rows.update(closed_at=at)
    return keys


def _restore_edges(moved: dict[str, Any]) -> None:
    for key in moved["edges_copied"]:
        Edge.objects.filter(**dict(zip(EDGE_KEY, key, strict=True))).delete()
    for key in moved["edges_closed"]:
        Edge.objects.filter(**dict(zip(EDGE_KEY, key, strict=True))).update(closed_at=None)


def _move_claims(kept: Asset, gone: Asset, at: datetime) -> dict[str, list[int]]:
    said = {(claim.source_id, claim.scope, claim.raw, claim.duty) for claim in kept.claims.filter(closed_at=None)}
    found: dict[str, list[int]] = {"moved": [], "closed": []}
    for claim in gone.claims.filter(closed_at=None):
        twice = (claim.source_id, claim.scope, claim.raw, claim.duty) in said
        found["closed" if twice else "moved"].append(claim.pk)
    Claim.objects.filter(pk__in=found["closed"]).update(closed_at=at)
    Claim.objects.filter(pk__in=found["moved"]).update(asset=kept)
    return found


def _restore_claims(found: dict[str, list[int]], gone: Asset) -> None:
    Claim.objects.filter(pk__in=found["moved"]).update(asset=gone)
    Claim.objects.filter(pk__in=found["closed"]).update(closed_at=None)


def _move_references(field: str, kept: Asset, gone: Asset) -> list[int]:
    ids = list(Asset.objects.filter(**{field: gone}).exclude(pk=kept.pk).values_list("pk", flat=True))
    Asset.objects.filter(pk__in=ids).update(**{field: kept})
    return ids


def _end_owners(gone: Asset, at: datetime) -> list[int]:
    rows = Ownership.objects.filter(asset=gone, state=State.ACCEPTED.value, valid__upper_inf=True)
    lower = Func(F("valid"), function="lower", output_field=DateTimeField())
    ids = list(rows.annotate(begun=lower).filter(begun__lt=at).values_list("pk", flat=True))
    close_rows(ids, EndReason.MERGED, at)
    return ids


def _take_along(asset: Asset, made: Asset, source_id: int) -> None:
    Edge.objects.filter(dst=asset, source_id=source_id).update(dst=made)
    Edge.objects.filter(src=asset, source_id=source_id).update(src=made)
    Claim.objects.filter(asset=asset, source_id=source_id, closed_at=None).update(asset=made)


def _changed(asset: Asset, fields: Sequence[str], at: datetime) -> None:
    asset.version += 1
    asset.updated_at = at
    asset.save(update_fields=[*fields, "version", "updated_at"])


def _retell_names(asset: Asset, at: datetime) -> None:
    """Search finds an asset by every name it has."""
    keys = asset.aliases.exclude(system="manual", key=str(asset.pk)).order_by("pk").values_list("key", flat=True)
    asset.alias_text = " ".join(keys[:50])
    _changed(asset, ["alias_text"], at)
