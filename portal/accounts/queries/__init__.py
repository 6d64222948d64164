"""Reads of the room, by subject."""
