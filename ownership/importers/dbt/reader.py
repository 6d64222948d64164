"""dbt manifests v1 to v12, Fusion's included: looked at by field, never by version (spec import_formats 3)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ownership.domain.naming import clean, cut_bytes
from ownership.domain.states import Lifecycle
from ownership.importers.dbt.assets import DEFAULT_KINDS, asset_of, columns_of
from ownership.importers.dbt.outline import (
    RECORD_SECTIONS,
    Outline,
    is_taken,
    outline_of,
    package_of,
    tested_by,
    type_of,
    upstream_of,
)
from ownership.importers.dbt.owners import claims_of
from ownership.importers.facts import AliasFact, AssetFact, EdgeFact
from ownership.importers.fields import Fields, escaped
from portal.core.importing.json_records import records
from portal.core.importing.protocol import Reading, Scope
from portal.core.limits import KEY_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream

SYSTEM, TESTS = "dbt", "dbt-test"
MOST_TESTS = 500
# Ids that may stand in depends_on and never become assets.
NEVER_ASSETS = frozenset(
    {"test", "macro", "operation", "analysis", "sql", "rpc", "doc", "unit_test", "group", "function"}
)


class DbtImporter:
    """Reads a manifest in two walks: the outline first, then the records one by one."""

    code = SYSTEM
    label = "dbt manifest"
    snapshot = True
    precedence = 70

    def sniff(self, head: bytes, filename: str) -> float:
        if b"dbt_schema_version" in head and b"/manifest/v" in head:
            return 1.0
        return 0.3 if filename.endswith("manifest.json") else 0.0

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        outline = outline_of(stream, options, issues)
        environment = str(options.get("environment") or "")
        scope = f"{outline.project}@{environment}" if environment else outline.project
        return Reading(Scope(clean(scope)[:300]), _Walk(outline, options, issues).facts(stream))


class _Walk:
    """The second walk; of the ids it has given out it remembers those that come again."""

    def __init__(self, outline: Outline, options: dict[str, Any], issues: Issues) -> None:
        self.outline = outline
        self.options = options
        self.issues = issues
        self.homes = {outline.project, *options.get("known_projects", ())}
        self.given: set[str] = set()
        self.placeholders: set[str] = set()
        self.named: Counter[str] = Counter()

    def facts(self, stream: TextStream) -> Iterator[Any]:
        for section, key, value in records(stream, self.outline.sections):
            pointer = f"/{escaped(section)}/{escaped(key)}" if key else f"/{escaped(section)}"
            if not isinstance(value, dict):
                self.issues.warning("ownership.wrong_type", "This is no object; it is ignored.", pointer=pointer)
            elif self._is_wanted(section, key, value):
                yield from self._record(key, Fields(value, pointer, key[:KEY_CHARACTERS], self.issues))
            elif type_of(value, key) == "test" and len(key) <= KEY_CHARACTERS:
                yield from self._test(clean(key), value)

    def _is_wanted(self, section: str, key: str, value: dict[str, Any]) -> bool:
        sort = type_of(value, key)
        return sort in RECORD_SECTIONS[section] and is_taken(sort, value, self.options)

    def _record(self, unique_id: str, fields: Fields) -> Iterator[Any]:
        key = self._key(unique_id)
        if key in self.given or not self._is_whole(key, fields):
            return
        if clean(unique_id) in self.outline.repeated:
            self.given.add(key)
        sort = type_of(fields.value, unique_id)
        columns = list(columns_of(fields, key))
        yield asset_of(
            fields, columns, unique_id=unique_id, key=key, sort=sort, outline=self.outline, options=self.options
        )
        yield from _once(columns)
        yield from claims_of(fields, key=key, sort=sort, groups=self.outline.groups, package=package_of(unique_id))
        fields.inner("depends_on").items("nodes")  # a wrong type is told; what can be read is read
        for upstream in dict.fromkeys(upstream_of(fields.value)):
            yield from self._edge(upstream, key, unique_id, fields)

    def _test(self, test_id: str, value: dict[str, Any]) -> Iterator[AliasFact]:
        """The test as one more name of what it stands on, the first 500 of each asset."""
        for tested in tested_by(value):
            if self.outline.tests[tested] > MOST_TESTS:
                self.named[tested] += 1
            if clean(tested) in self.outline.assets and self.named[tested] <= MOST_TESTS:
                yield AliasFact(self._key(tested), TESTS, test_id)

    def _is_whole(self, key: str, fields: Fields) -> bool:
        if len(key) > KEY_CHARACTERS:
            self.issues.error("ownership.key_too_long", "The id is longer than 1,000 characters.", record=fields.record)
            return False
        if not fields.text("name"):
            self.issues.error(
                "ownership.missing_name", "A record without a name.", pointer=fields.pointer, record=fields.record
            )
            return False
        return True

    def _key(self, unique_id: str) -> str:
        """One package installed in two projects is two sets of tables; a project seen elsewhere is that project."""
        plain = clean(unique_id)
        return plain if package_of(plain) in self.homes else f"{self.outline.project}/{plain}"

    def _edge(self, upstream: str, key: str, unique_id: str, fields: Fields) -> Iterator[Any]:
        if upstream.partition(".")[0] in NEVER_ASSETS or upstream == unique_id:
            return
        source = self._key(upstream)
        if clean(upstream) not in self.outline.assets:
            if len(source) > KEY_CHARACTERS or upstream.partition(".")[0] not in DEFAULT_KINDS:
                return
            yield from self._placeholder(source, upstream, fields)
        yield EdgeFact(src_key=source, dst_key=key)

    def _placeholder(self, key: str, unique_id: str, fields: Fields) -> Iterator[AssetFact]:
        """The far end of an edge that the file does not describe: a disabled or foreign record."""
        if key in self.placeholders:
            return
        self.placeholders.add(key)
        self.issues.info_once(
            "ownership.placeholder",
            unique_id,
            "The file points at this record and does not describe it.",
            pointer=f"{fields.pointer}/depends_on/nodes",
        )
        yield AssetFact(
            key=key,
            system=SYSTEM,
            kind=DEFAULT_KINDS[unique_id.partition(".")[0]].code,
            name=cut_bytes(clean(unique_id.rpartition(".")[2] or unique_id)),
            lifecycle=Lifecycle.DRAFT.value,
            is_placeholder=True,
        )


def _once(columns: list[Any]) -> Iterator[Any]:
    seen: set[str] = set()
    for column in columns:
        if column.name not in seen:
            seen.add(column.name)
            yield column
