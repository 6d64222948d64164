"""Readers of the smaller formats, one module a format (spec import_formats 5)."""
