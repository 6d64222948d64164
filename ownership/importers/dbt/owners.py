"""Every place in which a dbt project may name an owner (spec import_formats 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ownership.domain.naming import clean
from ownership.domain.owner_text import split_owners
from ownership.domain.states import LAST_RANK, Duty
from ownership.importers.facts import ClaimFact
from portal.core.limits import OWNER_CHARACTERS, OWNERS_A_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ownership.importers.fields import Fields

TECHNICAL_KEYS = ("owner", "owners", "model_owner", "technical_owner")
BUSINESS_KEYS = ("business_owner",)
STEWARD_KEYS = ("data_steward", "steward")
FIRST_PLACE, OTHER_PLACES = 0.9, 0.6


@dataclass(frozen=True)
class Place:
    """One spot that may hold owner texts: a field of a record, or the owner of a group elsewhere in the file."""

    value: Any
    within: Fields | str
    name: str

    @property
    def pointer(self) -> str:
        above = self.within if isinstance(self.within, str) else self.within.pointer
        return f"{above}/{self.name}"


def claims_of(fields: Fields, *, key: str, sort: str, groups: dict[str, Any], package: str) -> Iterator[ClaimFact]:
    """The claims of one record. The first place that yields has the ranks, others follow with less confidence."""
    config = fields.inner("config")
    metas = [meta for meta in (config.inner("meta"), fields.inner("meta")) if meta.value]
    technical = [
        *_meta_places(metas, TECHNICAL_KEYS),
        Place(config.get("owner"), config, "owner"),
        *_group_place(fields, config, groups, package),
        *_last_places(fields, sort),
    ]
    yield from _claims(technical, fields, key, Duty.TECHNICAL)
    yield from _claims(_meta_places(metas, BUSINESS_KEYS), fields, key, Duty.BUSINESS)
    yield from _claims(_meta_places(metas, STEWARD_KEYS), fields, key, Duty.STEWARD)


def _meta_places(metas: list[Fields], keys: tuple[str, ...]) -> list[Place]:
    return [Place(meta.get(name), meta, name) for meta in metas for name in keys if meta.get(name)]


def _group_place(fields: Fields, config: Fields, groups: dict[str, Any], package: str) -> list[Place]:
    """Fusion leaves a null `group` out and keeps it in `config`."""
    name = fields.text("group") or config.text("group")
    identity = f"group.{package}.{name}"
    return [Place(groups.get(identity), f"/groups/{identity}", "owner")] if name else []


def _last_places(fields: Fields, sort: str) -> list[Place]:
    if sort == "exposure":
        place = Place(fields.get("owner"), fields, "owner")
        if not split_owners(place.value):
            fields.issues.error(
                "HW-OWNER-EMPTY",
                "The exposure names neither an e-mail nor a name as its owner.",
                pointer=place.pointer,
                record=fields.record,
                sample=place.value or "",
            )
        return [place]
    if sort == "source":
        meta = fields.inner("source_meta")
        return [Place(meta.get("owner"), meta, "owner")]
    return []


def _claims(places: list[Place], fields: Fields, key: str, duty: Duty) -> Iterator[ClaimFact]:
    seen: set[str] = set()
    confidence, rank = FIRST_PLACE, 0
    for place in places:
        owners = _texts(place, fields)
        for raw in owners:
            if raw in seen:
                continue
            seen.add(raw)
            rank += 1
            yield ClaimFact(
                asset_key=key,
                raw=raw,
                id_system="dbt",
                duty=duty.value,
                rank=min(rank, LAST_RANK),
                confidence=confidence,
                evidence=({"kind": "dbt", "ref": place.pointer},),
            )
        if owners:
            confidence = OTHER_PLACES


def _texts(place: Place, fields: Fields) -> list[str]:
    if not place.value:
        return []
    owners = [clean(raw) for raw in split_owners(place.value)]
    if len(owners) > OWNERS_A_RECORD:
        fields.issues.error(
            "core.limit_owners",
            f"More than {OWNERS_A_RECORD} owners; the rest is not read.",
            pointer=place.pointer,
            record=fields.record,
        )
    for raw in owners[:OWNERS_A_RECORD]:
        if len(raw) > OWNER_CHARACTERS:
            message = f"The owner text is cut at {OWNER_CHARACTERS} characters."
            fields.issues.warning("ownership.cut", message, pointer=place.pointer, record=fields.record, sample=raw)
    return [raw[:OWNER_CHARACTERS] for raw in owners[:OWNERS_A_RECORD]]
