"""What the ownership room registers with the kernel and the engine."""

from __future__ import annotations

from ownership.importers.dbt.reader import DbtImporter
from ownership.importers.room import RegisterRoom
from portal.core.importing.protocol import register_importer
from portal.core.registries import register_topic, register_verb
from portal.engine.registries import register_notice_kind

register_importer(DbtImporter(), RegisterRoom())

register_verb("ownership.asset_created", "{actor} added {subject}")
register_verb("ownership.asset_changed", "{actor} changed {subject}")
register_verb("ownership.asset_imported", "a file changed {subject}")
register_verb("ownership.asset_retired", "{subject} retired: two files in a row did not name it")
register_verb("ownership.proposed", "{actor} asked for an owner of {subject}")
register_verb("ownership.claimed", "{actor} took {subject}")
register_verb("ownership.accepted", "{actor} accepted {subject}")
register_verb("ownership.confirmed", "{actor} confirmed to own {subject}")
register_verb("ownership.declined", "{actor} declined {subject}")
register_verb("ownership.ended", "{actor} ended an ownership of {subject}")
register_verb("ownership.import_chunk", "{subject} wrote a part of the register")
register_verb("imports.applied", "{actor} applied {subject}")
register_verb("imports.discarded", "{actor} discarded {subject}")

ASSET = "ownership.asset"
register_topic("ownership.import_applied", "core.importrun", {"run": 1, "source": 1})
register_topic("ownership.owner_changed", ASSET, {"asset": 1, "duty": 1, "before": 7, "after": -3})
register_topic("ownership.schema_changed", ASSET, {"asset": 1, "before": "ab12", "after": "cd34"})
register_topic("ownership.definition_changed", ASSET, {"asset": 1, "before": "ab12", "after": "cd34"})

register_notice_kind(
    "ownership.proposed",
    "info",
    {"asset", "role", "by"},
    acknowledgeable=False,
    title="{by} asks you to be {role} of {asset}",
    text="{by} asks whether you are {role} of {asset}. Open the asset to accept or to decline.",
)
