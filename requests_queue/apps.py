"""Registers the app."""

from __future__ import annotations

from django.apps import AppConfig


class RequestsQueueConfig(AppConfig):
    name = "requests_queue"
    label = "requests_queue"
    default_auto_field = "django.db.models.BigAutoField"
