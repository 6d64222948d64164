"""Registers the app."""

from __future__ import annotations

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "portal.site"
    label = "site"
    default_auto_field = "django.db.models.BigAutoField"
