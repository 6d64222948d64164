"""Migrations on a state of which only what a step changed is rendered again.

Django renders the whole neighbourhood of a new model, and of a model that gets an index, a constraint or a trigger.
With a person at the end of most foreign keys that is nearly every model each time: nine tenths of a first `migrate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

if TYPE_CHECKING:
    from django.db.migrations.state import ModelState

ATTACHED = ("indexes", "constraints", "triggers")  # lists that a rendered class carries and nothing is built from


class LeanState(ProjectState):
    """What the database looks like between two steps; the same models as Django's own, rendered less often."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rendered: dict[tuple[str, str], tuple[Any, ...]] = {}

    def add_model(self, model_state: ModelState) -> None:
        """Nothing refers to a new model yet, so that it is rendered alone."""
        apps = self.__dict__.pop("apps", None)
        super().add_model(model_state)
        if apps is not None:
            self.__dict__["apps"] = apps
            apps.render_multiple([model_state])
            self._rendered[model_state.app_label, model_state.name_lower] = _looks(model_state)

    def reload_model(self, app_label: str, model_name: str, delay: bool = False) -> None:  # noqa: FBT001, FBT002 (Django's)
        key = app_label, model_name.lower()
        looks = _looks(self.models[key])
        if "apps" not in self.__dict__:
            return
        if self._rendered.get(key) == looks:
            meta = self.apps.get_model(app_label, model_name)._meta  # noqa: SLF001 (Django's public name)
            for name in ATTACHED:
                setattr(meta, name, list(self.models[key].options.get(name, [])))
        else:
            super().reload_model(app_label, model_name, delay=delay)
            self._rendered[key] = looks

    def clone(self) -> LeanState:
        plain = super().clone()
        copy = LeanState(plain.models, plain.real_apps)
        copy.__dict__ |= {name: value for name, value in plain.__dict__.items() if name in ("apps", "is_delayed")}
        return copy


class LeanExecutor(MigrationExecutor):
    """Django's own, on a lean state."""

    def _create_project_state(self, with_applied_migrations: bool = False) -> LeanState:  # noqa: FBT001, FBT002 (Django's)
        plain = super()._create_project_state(with_applied_migrations)  # type: ignore[misc] # missing in the stubs
        return LeanState(plain.models, plain.real_apps)


def _looks(state: ModelState) -> tuple[Any, ...]:
    """What a rendered class is built from."""
    options = {name: value for name, value in state.options.items() if name not in ATTACHED}
    return dict(state.fields), options, state.bases, list(state.managers)
