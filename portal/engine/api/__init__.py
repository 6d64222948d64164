"""The engine's API."""
