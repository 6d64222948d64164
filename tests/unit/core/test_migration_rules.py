"""No migration stops or breaks the release that runs beside it (spec operations 7 and 14.13)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from deploy.migration_rules import faults

ROOMS = ("core", "engine", "accounts", "ownership", "oncall", "requests_queue")
CHECK = models.CheckConstraint(condition=models.Q(title__gt=""), name="thing_title")
INDEX = models.Index(fields=["title"], name="thing_by_title")


def test_no_migration_of_ours_is_dangerous() -> None:
    loader = MigrationLoader(None)
    ours = [key for key in loader.graph.nodes if key[0] in ROOMS]
    assert len(ours) >= 10
    found = {
        f"{app}.{name}": faults(loader.disk_migrations[app, name], loader.project_state((app, name), at_end=False))
        for app, name in ours
    }
    assert {name: said for name, said in found.items() if said} == {}


def judged(*operations: Any, **reasons: str) -> list[str]:
    """What is said of operations on a table that stands."""
    migration: Any = migrations.Migration("0002_next", "house")
    migration.dependencies, migration.operations = [("house", "0001_tables")], list(operations)
    migration.safe_because = {name.replace("__", " ").replace("_", "."): why for name, why in reasons.items()}
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)), ("title", models.CharField(max_length=80)),
        ("note", models.TextField(null=True)),
    ]  # fmt: skip
    state = ProjectState({("house", "thing"): ModelState("house", "Thing", fields)})
    return [said.split(":")[0] for said in faults(migration, state)]


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("thing", "colour", models.CharField(max_length=9, null=True)),
        migrations.AddField("thing", "colour", models.CharField(max_length=9, default="", db_default="")),
        migrations.AlterField("thing", "title", models.CharField(max_length=120)),
        migrations.AlterField("thing", "title", models.CharField(max_length=80, null=True)),
        migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]),
        AddIndexConcurrently("thing", INDEX),
        AddConstraintNotValid("thing", CHECK),
    ],
)
def test_what_the_release_before_does_not_feel_passes(operation: Any) -> None:
    assert judged(operation) == []


@pytest.mark.parametrize(
    ("operation", "label"),
    [
        (migrations.RenameField("thing", "title", "name"), "RenameField house.thing.title"),
        (migrations.RemoveField("thing", "note"), "RemoveField house.thing.note"),
        (migrations.DeleteModel("thing"), "DeleteModel house.thing"),
        (migrations.AddField("thing", "n", models.IntegerField(default=0)), "AddField house.thing.n"),
        (migrations.AddField("thing", "n", models.IntegerField(null=True, db_index=True)), "AddField house.thing.n"),
        (migrations.AlterField("thing", "title", models.TextField()), "AlterField house.thing.title"),
        (migrations.AlterField("thing", "title", models.CharField(max_length=40)), "AlterField house.thing.title"),
        (migrations.AlterField("thing", "note", models.TextField()), "AlterField house.thing.note"),
        (migrations.AddIndex("thing", INDEX), "AddIndex house.thing"),
        (migrations.AddConstraint("thing", CHECK), "AddConstraint house.thing"),
        (migrations.RunSQL("UPDATE house_thing SET note = ''"), "RunSQL house"),
        (migrations.RunPython(migrations.RunPython.noop), "RunPython house"),
        (
            migrations.SeparateDatabaseAndState(database_operations=[migrations.RunSQL("SELECT 1")]),
            "RunSQL house",
        ),
    ],
)
def test_what_would_stop_or_break_it_is_refused(operation: Any, label: str) -> None:
    assert judged(operation) == [label]


def test_a_table_that_is_made_in_the_same_step_has_no_readers() -> None:
    made = migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))])
    assert judged(made, migrations.AddField("other", "n", models.IntegerField(default=0))) == []


def test_a_reason_lets_one_operation_pass_and_may_not_outlive_it() -> None:
    index = migrations.AddIndex("thing", INDEX)
    assert judged(index, AddIndex__house_thing="a thing is one of hundreds") == []
    assert judged(AddIndex__house_thing="a thing is one of hundreds") == ["AddIndex house.thing"]
