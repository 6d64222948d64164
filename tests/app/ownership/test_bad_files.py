"""Files nobody can use: a clear reason, a place, and no half-written row."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ownership.importers.dbt.reader import DbtImporter
from ownership.models import Asset, StagedAsset
from portal.core.importing.issues import Issues, Unusable
from portal.core.importing.streams import TextStream
from portal.core.models import ImportIssue
from tests.app.ownership.manifests import SCHEMA, applied, manifest, node, planned, shop

if TYPE_CHECKING:
    from tests.conftest import MovableClock

WHOLE = json.dumps(shop()).encode()
DEEP = json.dumps(manifest(node("model.shop.a"))).replace('"sources": {}', f'"sources": {"[" * 65}{"]" * 65}').encode()


def version(text: str) -> bytes:
    return json.dumps({"metadata": {"dbt_schema_version": text}, "nodes": {}}).encode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "core.json_cut", 1),
        (b"\x00\xff\x01", "core.json_syntax", 1),
        (b"[]", "core.json_not_object", None),
        (WHOLE[: len(WHOLE) // 2], "core.json_cut", 1),
        (WHOLE + b"}", "core.json_syntax", 1),
        (b'{\n"nodes": {},\n"sources": }', "core.json_syntax", 3),
        (DEEP, "core.limit_depth", None),
        (version(SCHEMA.replace("v12", "v99")), "ownership.dbt_version", None),
        (version("https://schemas.getdbt.com/dbt/run-results/v6.json"), "ownership.dbt_not_manifest", None),
        (b'{"nodes": {}}', "ownership.dbt_not_manifest", None),
        (version(SCHEMA), "ownership.dbt_no_project", None),
        (gzip.compress(b" " * 3_000_000 + WHOLE), "core.limit_archive", None),
        (gzip.compress(WHOLE) + gzip.compress(WHOLE), "core.limit_archive", None),
        (gzip.compress(WHOLE)[:-20], "core.archive_broken", None),
    ],
)  # fmt: skip
def test_an_unusable_file_writes_nothing(content: bytes, code: str, line: int | None, clock: MovableClock) -> None:
    run = planned(content, clock.now())
    issue = ImportIssue.objects.get(run=run, level="fatal")
    assert (run.state, issue.code, issue.line) == ("failed", code, line)
    assert (Asset.objects.count(), StagedAsset.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_gzip_file_is_read_like_the_plain_one(clock: MovableClock) -> None:
    assert applied(gzip.compress(WHOLE), clock.now()).counts["assets"] == 4


@pytest.mark.django_db
def test_a_cyclic_project_is_read(clock: MovableClock) -> None:
    ring = [node(f"model.shop.m{n}", f"model.shop.m{(n + 1) % 50}") for n in range(50)]
    assert applied(manifest(*ring, node("model.shop.self", "model.shop.self")), clock.now()).counts["edges"] == 50


@pytest.mark.django_db
def test_a_record_without_a_name_is_skipped_with_its_place(clock: MovableClock) -> None:
    run = applied(manifest(node("model.shop.a"), node("model.shop.b", name=None)), clock.now())
    issue = ImportIssue.objects.get(run=run)
    assert (issue.level, issue.code, issue.pointer) == (
        "error", "ownership.missing_name", "/nodes/model.shop.b",
    )  # fmt: skip
    assert list(Asset.objects.values_list("slug", flat=True)) == ["a"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("depends", "pointer"),
    [("model.shop.a", "/nodes/model.shop.b/depends_on"), ({"nodes": "oops"}, "/nodes/model.shop.b/depends_on/nodes")],
)
def test_upstreams_of_a_wrong_type_are_told_with_their_place(depends: Any, pointer: str, clock: MovableClock) -> None:
    run = applied(manifest(node("model.shop.a"), node("model.shop.b", depends_on=depends)), clock.now())
    issue = ImportIssue.objects.get(run=run)
    assert (issue.level, issue.code, issue.pointer) == ("warning", "ownership.wrong_type", pointer)
    assert (run.counts["assets"], run.counts["edges"]) == (2, 0)


@pytest.mark.django_db
def test_hostile_names_are_kept_as_text(clock: MovableClock) -> None:
    names = ["'; DROP TABLE x; --", "\u202eabc", "a\x00b", "=1+1", "n" * 400, "\\N", '"', "new", "😀"]
    run = applied(manifest(*(node(f"model.shop.m{n}", name=name) for n, name in enumerate(names))), clock.now())
    assert run.counts["assets"] == Asset.objects.count() == 9
    assert all(len(name.encode()) <= 255 for name in Asset.objects.values_list("name", flat=True))


def test_memory_stays_flat_for_a_large_file() -> None:
    filler = "x" * 20_000
    content = json.dumps(manifest(*(node(f"model.shop.m{n}", raw_code=filler) for n in range(2500)))).encode()
    assert len(content) > 50_000_000
    stream = TextStream(io.BytesIO(content), max_bytes=100_000_000)
    tracemalloc.start()
    facts = sum(1 for _ in DbtImporter().read(stream, options={}, issues=Issues()).facts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert facts == 2500
    assert peak < 20_000_000


def read_all(content: bytes) -> None:
    try:
        stream = TextStream(io.BytesIO(content), max_bytes=10_000_000)
        for _ in DbtImporter().read(stream, options={}, issues=Issues()).facts:
            pass
    except Unusable:
        return


@given(st.binary(max_size=400))
def test_random_bytes_never_raise_beyond_the_reader(content: bytes) -> None:
    read_all(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from([
    "meta", "config", "owner", "group", "depends_on", "columns", "name", "tags", "version", "relation_name",
    "description", "resource_type", "package_name", "attached_node", "freshness", "checksum", "source_meta", "type",
])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["nodes", "sources", "exposures", "metrics"]), KEYS, JSON)
def test_a_mutated_manifest_never_raises_beyond_the_reader(section: str, key: str, value: Any) -> None:
    content = shop(owner="a@x.io")
    for record in content[section].values():
        record[key] = value
    read_all(json.dumps(content).encode())


@given(st.sampled_from(["metadata", "nodes", "sources", "exposures", "metrics", "groups", "disabled"]), JSON)
def test_a_mutated_section_never_raises_beyond_the_reader(section: str, value: Any) -> None:
    read_all(json.dumps(shop() | {section: value}).encode())
