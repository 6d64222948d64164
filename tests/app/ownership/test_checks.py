"""`check_manifest` and `check_schema`: each code, each format, each exit, and nothing written."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from rest_framework.test import APIClient

from ownership.models import Asset
from portal.core.importing.checks import CheckedFiles, file_checks
from tests.app.ownership.manifests import applied, manifest, node, shop
from tests.app.ownership.samples import ODCS
from tests.app.ownership.test_import_dbt import register

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
ALICE = {"owner": "alice@example.com"}


def check(new: Any, clock: MovableClock, *, base: Any = None, codeowners: str = "", name: str = "manifest") -> Any:
    run = file_checks.get(name)
    assert run is not None
    before = register()
    found = run(
        CheckedFiles(file_of(new), file_of(base) if base is not None else None,
                     io.BytesIO(codeowners.encode()) if codeowners else None),
        clock.now(),
    )  # fmt: skip
    assert register() == before
    return found


def file_of(content: Any) -> io.BytesIO:
    return io.BytesIO(content.encode() if isinstance(content, str) else json.dumps(content).encode())


def codes(found: Any) -> list[tuple[str, str]]:
    return [(finding.code, finding.record.rpartition(".")[2]) for finding in found]


def model(name: str, *upstream: str, **more: Any) -> dict[str, Any]:
    return node(f"model.shop.{name}", *upstream, original_file_path=f"models/{name}.sql", **more)


def test_a_new_asset_needs_an_owner_or_a_line_of_codeowners(world: World, clock: MovableClock) -> None:
    new = manifest(model("a", meta=ALICE), model("b"))
    assert codes(check(new, clock)) == [("HW001", "b")]
    assert codes(check(new, clock, codeowners="/models/ @org/analytics\n")) == []
    assert codes(check(new, clock, base=new)) == []


def test_an_owner_nobody_knows_is_named(world: World, clock: MovableClock) -> None:
    found = check(manifest(model("a", meta={"owner": "zoe@example.com"})), clock)
    assert codes(found) == [("HW002", "a")]
    assert "zoe@example.com" in found[0].sentence


def test_an_owner_of_another_craft_is_named_with_the_remedy(world: World, clock: MovableClock) -> None:
    new = manifest(model("a", meta={"owner": "bob@example.com"}), model("b", meta=ALICE))
    found = check(new, clock)
    assert codes(found) == [("HW003", "a")]
    assert "Analytics" in found[0].sentence


def test_a_new_reference_to_what_is_on_its_way_out_names_the_successor(world: World, clock: MovableClock) -> None:
    applied(manifest(model("t", meta=ALICE), model("t2", meta=ALICE), model("old_reader", "model.shop.t")), clock.now())
    old = Asset.objects.get(slug="t")
    Asset.objects.filter(pk=old.pk).update(lifecycle="deprecated")
    Asset.objects.filter(slug="t2").update(replaces=old)
    new = manifest(
        model("t", meta=ALICE), model("t2", meta=ALICE), model("old_reader", "model.shop.t"),
        model("x", "model.shop.t", meta=ALICE),
    )  # fmt: skip
    found = check(new, clock)
    assert codes(found) == [("HW004", "x")]
    assert (found[0].sentence.endswith("Use t2 instead."), found[0].ask) == (True, ("Alice Example",))


def test_a_removed_asset_that_others_read_is_named_with_them(world: World, clock: MovableClock) -> None:
    applied(manifest(model("a", meta=ALICE), model("b", "model.shop.a", meta=ALICE)), clock.now())
    other = node("model.bank.report", "model.shop.a", package_name="bank", meta=ALICE)
    applied(manifest(other, node("model.shop.a"), project="bank"), clock.now())
    found = check(manifest(model("b", "model.shop.a", meta=ALICE)), clock)
    assert codes(found) == [("HW005", "a")]
    assert (found[0].sentence.endswith("read by b, report."), found[0].ask) == (True, ("Alice Example",))


@pytest.mark.parametrize("suffix", ["_v2", "_v3", "_new", "_old", "_backfill"])
def test_a_suffix_needs_a_running_plan(suffix: str, world: World, clock: MovableClock) -> None:
    content = manifest(model(f"orders{suffix}", meta=ALICE))
    assert codes(check(content, clock)) == [("HW006", f"orders{suffix}")]
    applied(content, clock.now())
    assert codes(check(content, clock)) == [("HW006", f"orders{suffix}")]
    replaced = Asset.objects.create(
        kind=20, slug="orders", name="orders", attrs={}, created_at=clock.now(), updated_at=clock.now()
    )
    Asset.objects.filter(slug=f"orders{suffix}").update(replaces=replaced)
    assert codes(check(content, clock)) == []


def test_an_exposure_needs_a_mail_address(world: World, clock: MovableClock) -> None:
    exposure = node("exposure.shop.daily", owner={"name": "analytics"}, type="dashboard")
    assert codes(check(manifest(exposure), clock)) == [("HW007", "daily")]


def test_an_enforced_contract_keeps_its_columns(world: World, clock: MovableClock) -> None:
    def contracted(**columns: str) -> Any:
        given = {name: {"name": name, "data_type": kind} for name, kind in columns.items()}
        return manifest(model("a", meta=ALICE, columns=given, config={"contract": {"enforced": True}}))

    applied(contracted(id="bigint", total="numeric"), clock.now())
    found = check(contracted(id="text"), clock)
    assert [finding.sentence for finding in found] == [
        "The contract of a changed id from bigint to text.", "The contract of a lost the column total.",
    ]  # fmt: skip
    assert codes(check(contracted(id="BIGINT", total="numeric", more="x"), clock)) == []


def test_an_ignore_holds_until_its_day_and_not_without_one(world: World, clock: MovableClock) -> None:
    def ignoring(text: str) -> Any:
        return manifest(model("a_v2", meta={**ALICE, "headwater_ignore": [text]}))

    today = clock.now().date()
    assert codes(check(ignoring(f"HW006 until {today}"), clock)) == []
    for text in ("HW006", f"HW006 until {today - timedelta(days=1)}", "HW006 until 2026-99-99"):
        found = check(ignoring(text), clock)
        assert {(finding.code, finding.level) for finding in found} == {("HW006", "warning"), ("HW006", "error")}


def test_a_schema_names_who_would_lose_a_column(world: World, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    old = {"title": "fct_orders", "properties": {"id": {"type": "integer"}, "total": {"type": "number"}}}
    new = {"title": "fct_orders", "properties": {"id": {"type": ["integer", "null"]}, "total": {"type": "string"}}}
    found = check(new, clock, base=old, name="schema")
    assert [(finding.level, finding.sentence) for finding in found] == [
        ("error", "fct_orders changes total from number to string, read by revenue."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ({"type": "record", "name": "e", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "long"}]},
         {"type": "record", "name": "e", "fields": [{"name": "a", "type": ["null", "int"]}]}, ["b"]),
        (ODCS, ODCS.replace("      - {name: total, logicalType: number}\n", ""), ["total"]),
        (shop(), manifest(node("model.shop.fct_orders", columns={"id": {"name": "id"}})), ["total"]),
        ({"title": "t", "properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}}},
         {"title": "t", "properties": {"a": {"type": "object"}}}, ["a.b"]),
    ],
)  # fmt: skip
def test_four_forms_of_schema_are_read(old: Any, new: Any, lost: list[str], clock: MovableClock) -> None:
    found = check(new, clock, base=old, name="schema")
    assert [finding.sentence.partition(" loses ")[2].partition(",")[0] for finding in found] == lost


def run_command(name: str, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command(name, *arguments, stdout=out)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def test_the_command_exits_as_it_says(world: World, clock: MovableClock, tmp_path: Path) -> None:
    clean, bad, broken = (tmp_path / name for name in ("clean.json", "bad.json", "broken.json"))
    clean.write_text(json.dumps(manifest(model("a", meta=ALICE))))
    bad.write_text(json.dumps(manifest(model("a_v2"))))
    broken.write_text("{")
    assert run_command("check_manifest", str(clean))[0] == 0
    assert run_command("check_manifest", str(bad))[0] == 1
    assert run_command("check_manifest", str(bad), "--base", str(bad))[0] == 0
    assert run_command("check_manifest", str(bad), "--base", str(bad), "--fail-on", "warning")[0] == 1
    assert run_command("check_manifest", str(broken))[0] == 2
    assert run_command("check_manifest", str(tmp_path / "none"))[0] == 2
    assert run_command("check_schema", str(clean))[0] == 2


def test_each_format_holds_every_finding(world: World, clock: MovableClock, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(manifest(model("a_v2"))))
    shown = {form: run_command("check_manifest", str(bad), "--format", form)[1] for form in (
        "text", "json", "github", "gitlab", "sarif",
    )}  # fmt: skip
    assert "2 findings" in shown["text"]
    assert [each["code"] for each in json.loads(shown["json"])["findings"]] == ["HW001", "HW006"]
    assert shown["github"].splitlines()[0].startswith("::error file=models/a_v2.sql,title=HW001::")
    assert [each["severity"] for each in json.loads(shown["gitlab"])] == ["major", "minor"]
    assert [each["ruleId"] for each in json.loads(shown["sarif"])["runs"][0]["results"]] == ["HW001", "HW006"]


def test_the_api_says_the_same(world: World, clock: MovableClock) -> None:
    api = APIClient()
    api.force_authenticate(world.bob)
    file = file_of(manifest(model("a_v2")))
    file.name = "manifest.json"
    answer = api.post("/api/v1/checks/manifest", {"file": file}, format="multipart")
    assert [each["code"] for each in answer.json()["findings"]] == ["HW001", "HW006"]
    broken = file_of("{")
    broken.name = "manifest.json"
    refused = api.post("/api/v1/checks/manifest", {"file": broken}, format="multipart")
    assert (refused.status_code, refused.json()["code"]) == (422, "core.json_cut")
