"""What a migration may do beside a running release, which knows the schema before it (spec operations 7).

A step that this page refuses is taken apart (docs/operations/upgrade.md), or the migration says why it is safe:
`safe_because = {"AddIndex oncall.rota": "a rota is one of hundreds"}`, a label as `label_of` gives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres import operations as postgres
from django.db import migrations, models
from django.db.models.fields import NOT_PROVIDED
from pgtrigger import migrations as triggers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.migrations.operations.base import Operation
    from django.db.migrations.state import ProjectState

HARMLESS = (
    migrations.CreateModel, migrations.AlterModelOptions, migrations.AlterModelManagers, migrations.RemoveIndex,
    migrations.RemoveConstraint, postgres.AddIndexConcurrently, postgres.RemoveIndexConcurrently,
    postgres.AddConstraintNotValid, postgres.ValidateConstraint, triggers.AddTrigger, triggers.RemoveTrigger,
)  # fmt: skip
GONE = (
    migrations.RenameField, migrations.RenameModel, migrations.RemoveField, migrations.DeleteModel,
    migrations.AlterModelTable,
)  # fmt: skip
LOCKING = (migrations.AddIndex, migrations.AddConstraint, migrations.AlterUniqueTogether)
NARROWER = ("max_length", "max_digits", "decimal_places")


def faults(migration: Any, before: ProjectState) -> list[str]:
    """One sentence for each operation that would stop or break the release before; `before` is the state then.

    The first migration of an app has nobody beside it. A reason for an operation that is not there is a fault too.
    """
    if migration.initial or (migration.initial is None and not _has_parent(migration)):
        return []
    reasons: dict[str, str] = dict(getattr(migration, "safe_because", {}))
    state, found = before.clone(), []
    fresh: set[str] = set()
    for operation in _each(migration.operations):
        label = label_of(migration.app_label, operation)
        why = "" if reasons.pop(label, "") else _why(migration.app_label, operation, state, fresh)
        found += [f"{label}: {why}"] if why else []
        if isinstance(operation, migrations.CreateModel):
            fresh.add(operation.name_lower)
        operation.state_forwards(migration.app_label, state)
    return found + [f"{label}: a reason without its operation" for label in reasons]


def label_of(app: str, operation: Operation) -> str:
    """`AddField oncall.rota.colour`; SQL and Python have no table to name."""
    model = getattr(operation, "model_name_lower", None) or getattr(operation, "name_lower", "")
    name = getattr(operation, "name", "") if hasattr(operation, "model_name_lower") else ""
    return f"{type(operation).__name__} {'.'.join(part for part in (app, model, name) if part)}"


def _each(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _each(operation.database_operations)
        else:
            yield operation


def _has_parent(migration: Any) -> bool:
    return any(app == migration.app_label for app, _ in migration.dependencies)


def _why(app: str, operation: Operation, state: ProjectState, fresh: set[str]) -> str:
    model = getattr(operation, "model_name_lower", "")
    if isinstance(operation, HARMLESS) or (model and model in fresh):
        return ""
    if isinstance(operation, GONE):
        return "the release before still reads and writes it; take it out of the code first, of the database later."
    if isinstance(operation, migrations.AddField):
        return _of_new(operation.field)
    if isinstance(operation, migrations.AlterField):
        return _of_changed(state.models[app, model].fields[operation.name], operation.field)
    if isinstance(operation, LOCKING):
        return "the table is locked while all of it is read: AddIndexConcurrently, AddConstraintNotValid."
    return "say why it is safe beside a running release."


def _of_new(field: models.Field[Any, Any]) -> str:
    if not field.null and field.db_default is NOT_PROVIDED and not field.many_to_many:
        return "the release before writes rows without it: null=True, or a db_default."
    if _is_indexed(field):
        return "its index locks the table while it is built: db_index=False, then AddIndexConcurrently."
    return ""


def _of_changed(old: models.Field[Any, Any], new: models.Field[Any, Any]) -> str:
    (_, old_path, _, before), (_, new_path, _, after) = old.deconstruct(), new.deconstruct()
    if old_path != new_path or before.get("to") != after.get("to"):
        return "a change of type rewrites the table: a new column, filled by a Job, then the old one goes."
    if old.null and not new.null:
        return "NOT NULL reads the whole table under lock: a check NOT VALID, VALIDATE, then NOT NULL."
    if any((after.get(name) or 0) < (before.get(name) or 0) for name in NARROWER):
        return "a narrower column is read whole and refuses what the release before writes."
    if _is_indexed(new) and not _is_indexed(old):
        return "its index locks the table while it is built: AddIndexConcurrently."
    return ""


def _is_indexed(field: models.Field[Any, Any]) -> bool:
    return field.unique or bool(getattr(field, "db_index", False))
