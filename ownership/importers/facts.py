"""What readers say about the register: plain, frozen, in the words of the file (spec import_formats 1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ownership.domain.states import Basis, Duty, EdgeKind, Lifecycle


@dataclass(frozen=True, slots=True)
class AssetFact:
    """One asset.

    `is_reference` points at another project's asset and changes nothing of it; a placeholder stands for the far end
    of an edge that the file does not describe.
    """

    key: str
    kind: int
    name: str
    system: str
    relation: str = ""
    repo: str = ""
    file_path: str = ""
    tier: int | None = None
    domain: str = ""
    lifecycle: str = Lifecycle.ACTIVE.value
    description: str = ""
    schema_hash: str = ""
    definition_hash: str = ""
    attrs: dict[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    is_reference: bool = False
    is_placeholder: bool = False


@dataclass(frozen=True, slots=True)
class ColumnFact:
    asset_key: str
    n: int
    name: str
    type: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class EdgeFact:
    """Data flows from `src_key` to `dst_key`."""

    src_key: str
    dst_key: str
    kind: int = EdgeKind.DATA.value


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """The file says that `raw` owns the asset; `rank` 1 is the primary."""

    asset_key: str
    raw: str
    id_system: str
    duty: int = Duty.TECHNICAL.value
    rank: int = 1
    rank_inferred: bool = True
    basis: str = Basis.DECLARED.value
    confidence: float = 0.9
    evidence: tuple[dict[str, str], ...] = ()
