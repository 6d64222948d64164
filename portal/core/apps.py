"""Registers the kernel, lets every app fill its registries, and closes them."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from portal.core.provisioning import after_migrate
from portal.core.registries import close_registries


class CoreConfig(AppConfig):
    name = "portal.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("wiring")
        close_registries()
        post_migrate.connect(after_migrate, dispatch_uid="headwater.provisioning")
