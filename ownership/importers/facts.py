"""What readers say about the register: plain, frozen, in the words of the file (spec import_formats 1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ownership.domain.states import Basis, Duty, EdgeKind, Lifecycle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# The system of keys that are row ids of assets the portal knows already.
KNOWN = "asset"
# The system of keys that are slugs of assets the portal knows already.
SLUG = "slug"
OWNERS, COLUMNS, INPUTS = "owners", "columns", "inputs"


@dataclass(frozen=True, slots=True)
class AssetFact:
    """One asset.

    `is_reference` points at another project's asset and changes nothing of it; a placeholder stands for the far end
    of an edge that the file does not describe. Both together point at an asset that must be there: if it is not,
    what the file says of it is left out. `says` names the matters the file speaks of (owners, columns, inputs) with
    the instant it was said; what this source said of them before and does not repeat ends.
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
    grain: str = ""
    pitfalls: str = ""
    schema_hash: str = ""
    definition_hash: str = ""
    attrs: dict[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    is_reference: bool = False
    is_placeholder: bool = False
    says: Mapping[str, datetime | None] = field(default_factory=dict)


def pointer(key: str, system: str) -> AssetFact:
    """An asset that must be there already; nothing of it changes but what other facts say."""
    return AssetFact(key=key, kind=0, name=key[:255], system=system, is_reference=True, is_placeholder=True)


@dataclass(frozen=True, slots=True)
class ColumnFact:
    asset_key: str
    n: int
    name: str
    type: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class EdgeFact:
    """Data flows from `src_key` to `dst_key`, seen at `at` (None: now)."""

    src_key: str
    dst_key: str
    kind: int = EdgeKind.DATA.value
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ColumnEdgeFact:
    """`dst_column` is made of `src_column`."""

    src_key: str
    src_column: str
    dst_key: str
    dst_column: str


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """The file says that `raw` owns the asset; `rank` 1 is the primary. With `valid_to` it speaks of the past."""

    asset_key: str
    raw: str
    id_system: str
    duty: int = Duty.TECHNICAL.value
    rank: int = 1
    rank_inferred: bool = True
    basis: str = Basis.DECLARED.value
    confidence: float = 0.9
    evidence: tuple[dict[str, str], ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class AliasFact:
    """One more name of the asset in a system."""

    asset_key: str
    system: str
    key: str


@dataclass(frozen=True, slots=True)
class StatusFact:
    """The word of an instant on one matter: `last_run` is success, `freshness` is warn."""

    asset_key: str
    what: str
    value: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class EvidenceFact:
    """`raw` did something to the asset; `ref` names the act."""

    asset_key: str
    raw: str
    kind: str
    ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PartyFact:
    """The file says that a foreign name is the person with this mail address, or the team with this slug."""

    raw: str
    email: str = ""
    team: str = ""
