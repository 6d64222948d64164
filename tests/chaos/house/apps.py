"""Registers the room."""

from __future__ import annotations

from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "tests.chaos.house"
    label = "chaos_house"
