"""Migrations see the models that Django's own state would show, though fewer are rendered again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.state import ProjectState

from portal.core.management.lean_state import LeanState


def table(model: str, /, **fields: Any) -> migrations.CreateModel:
    return migrations.CreateModel(model, [("id", models.AutoField(primary_key=True)), *fields.items()])


def to(model: str, **more: Any) -> models.Field[Any, Any]:
    return models.ForeignKey(model, models.CASCADE, **more)


STEPS = (
    table("Team", name=models.CharField(max_length=9)),
    table("Person", team=to("x.Team")),
    migrations.AddIndex("Team", models.Index(fields=["name"], name="x_team_name")),
    migrations.AddConstraint("Team", models.UniqueConstraint(fields=["name"], name="x_team_once")),
    migrations.AddField("Team", "lead", to("x.Person", null=True, related_name="leads")),
    migrations.AlterField("Team", "name", models.CharField(max_length=20)),
    migrations.RemoveConstraint("Team", "x_team_once"),
    migrations.AlterModelOptions("Person", {"ordering": ["team"]}),
    table("Note", by=to("x.Person")),
    migrations.RenameField("Note", "by", "author"),
    migrations.RemoveField("Team", "lead"),
    migrations.DeleteModel("Note"),
)  # fmt: skip


def shown(state: ProjectState) -> dict[str, object]:
    """What a step may ask the rendered models for."""
    return {
        model._meta.label: (
            sorted((field.name, field.deconstruct()[1], str(field.deconstruct()[3])) for field in model._meta.fields),
            sorted((each.name or "", each.related_model._meta.label) for each in model._meta.related_objects),
            [each.name for each in model._meta.indexes],
            [each.name for each in model._meta.constraints],
            list(model._meta.ordering or ()),
        )
        for model in state.apps.get_models()
    }


@pytest.fixture
def states() -> tuple[LeanState, ProjectState]:
    both = LeanState(), ProjectState()
    for state in both:
        assert state.apps is not None  # rendered from the beginning, as while migrating
    return both


def test_after_every_step_the_models_are_those_of_a_whole_rendering(states: tuple[LeanState, ProjectState]) -> None:
    lean, whole = states
    for step in STEPS:
        step.state_forwards("x", lean)
        step.state_forwards("x", whole)
        assert shown(lean) == shown(whole)
        assert shown(lean.clone()) == shown(whole)


def test_an_index_renders_nothing_and_a_field_renders_both_ends(states: tuple[LeanState, ProjectState]) -> None:
    lean, _ = states
    for step in STEPS[:2]:
        step.state_forwards("x", lean)
    team, person = lean.apps.get_model("x", "Team"), lean.apps.get_model("x", "Person")
    STEPS[2].state_forwards("x", lean)
    assert lean.apps.get_model("x", "Team") is team
    assert [index.name for index in team._meta.indexes] == ["x_team_name"]
    STEPS[4].state_forwards("x", lean)
    assert lean.apps.get_model("x", "Team") is not team
    assert lean.apps.get_model("x", "Person") is not person
